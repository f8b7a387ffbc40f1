"""A consortium with three banks, and a supplier that asks all of them for offers."""

from xinlian.apps.supply_chain.messages import Disburse, PledgeLeaf
from xinlian.apps.supply_chain.offer_messages import (
    AcceptOffer,
    CallForOffers,
    OpenOffers,
    SealOffer,
)
from xinlian.apps.supply_chain.offer_terms import OfferTerms
from xinlian.client.offers import CallKeys, new_call_keys, seal_terms
from xinlian.ledger.ports import Store
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
from xinlian.testing.trade import Trade

BANKS = ("bank", "bank2", "bank3")
FIRST = OfferTerms(900_000_00, 9_000_00, 500_00)
SECOND = OfferTerms(950_000_00, 9_500_00, 0)
THIRD = OfferTerms(800_000_00, 6_000_00, 100_00)
TERMS = dict(zip(BANKS, (FIRST, SECOND, THIRD), strict=True))


class Bidding:
    """One leaf of supplier1, and a call for offers on it."""

    def __init__(self, store: Store | None = None) -> None:
        self.c = Consortium(store, more_members=BANKS[1:], with_accounts=BANKS[1:])
        self.trade = Trade(self.c)
        self.trade.register()
        self.certificate, self.leaf = self.trade.certify()
        self.keys: CallKeys = new_call_keys()
        self.call = b""

    def party(self, name: str) -> bytes:
        """Return the id of an organisation."""
        return self.c[name].party

    def calling(self, *banks: str, **terms: bool) -> CallForOffers:
        """Return a call: two days to offer, two to decide, two to pay."""
        now_ms = self.c.now_ms()
        plain = {"as_pledge": False, "with_recourse": False, "keeps_rest": False}
        return CallForOffers(
            self.leaf,
            tuple(sorted(self.party(name) for name in banks or BANKS)),
            self.keys.box_key,
            closes_at_ms=now_ms + 2 * MS_PER_DAY,
            decides_by_ms=now_ms + 4 * MS_PER_DAY,
            pays_by_ms=now_ms + 6 * MS_PER_DAY,
            **(plain | terms),
        )

    def ask(self, *banks: str, **terms: bool) -> bytes:
        """Call for offers; return the call."""
        asked = self.calling(*banks, **terms)
        self.closes_at_ms, self.decides_by_ms = asked.closes_at_ms, asked.decides_by_ms
        self.call = self.trade.step("supplier1", asked).created_id("call")
        return self.call

    def sealing(self, name: str, terms: OfferTerms | None = None) -> SealOffer:
        """Return a bank's sealed offer."""
        party, offered = self.party(name), TERMS[name] if terms is None else terms
        box = seal_terms(self.c.chain_id, self.call, party, self.keys.box_key, offered)
        return SealOffer(self.call, box)

    def offer(self, *banks: str) -> None:
        """Have banks offer their terms."""
        for name in banks or BANKS:
            self.trade.step(name, self.sealing(name))

    def close_call(self) -> None:
        """Let the time of offering pass."""
        self.c.advance_to(self.closes_at_ms + 1)

    def opening(self) -> OpenOffers:
        """Return the message that opens all offers."""
        return OpenOffers(self.call, self.keys.box_secret)

    def open_all(self) -> None:
        """Ask, have all three offer, let the call close, and open it."""
        self.ask()
        self.offer()
        self.close_call()
        self.trade.step("supplier1", self.opening())

    def accepting(self, name: str, terms: OfferTerms | None = None) -> AcceptOffer:
        """Return the acceptance of a bank's offer."""
        return AcceptOffer(self.call, self.party(name), *(TERMS[name] if terms is None else terms))

    def disbursing(self, name: str) -> Disburse:
        """Return the payment that a bank offered."""
        return Disburse(
            self.leaf,
            TERMS[name].advance_minor,
            TERMS[name].kept_minor,
            self.trade.root("register"),
            self.c.account(name),
            self.c.account("supplier1"),
        )

    def lending(self, name: str) -> PledgeLeaf:
        """Return the loan that a bank offered."""
        paid = self.disbursing(name)
        return PledgeLeaf(
            paid.leaf,
            paid.advance_minor,
            paid.discount_minor,
            paid.register_no,
            paid.from_account,
            paid.to_account,
        )

    def close(self) -> None:
        """Stop it."""
        assert self.c.broken_invariants() == []
        self.c.close()
