"""Registration of calls for offers."""

from xinlian.apps.supply_chain import offer_events, offer_messages, offer_types, offers
from xinlian.contracts.registry import Registry


def register_offers(registry: Registry) -> None:
    """Add them to the registry."""
    registry.add_collections(
        offer_types.CALLS,
        offer_types.INVITED,
        offer_types.SEALED_OFFERS,
        offer_types.OPENED_OFFERS,
        offer_types.CALL_OF,
        offer_types.ACCEPTED,
    )
    registry.add_message(offer_messages.CallForOffers, offers.call_for_offers)
    registry.add_message(offer_messages.SealOffer, offers.seal_offer)
    registry.add_message(offer_messages.WithdrawOffer, offers.withdraw_offer)
    registry.add_message(offer_messages.OpenOffers, offers.open_offers)
    registry.add_message(offer_messages.AcceptOffer, offers.accept_offer)
    registry.add_message(offer_messages.EndCall, offers.end_call)
    registry.add_scheduled(offers.CALL_HANDLER, offers.lapse_call)
    registry.add_events(
        offer_events.OffersCalled,
        offer_events.BankInvited,
        offer_events.OfferSealed,
        offer_events.OfferWithdrawn,
        offer_events.CallOpened,
        offer_events.OfferOpened,
        offer_events.OfferUnreadable,
        offer_events.OfferAccepted,
        offer_events.CallEnded,
    )
