"""Opened offers side by side: what arrives, what it costs, and what that is a year.

Rules this file keeps:
 1. All offers of a call are compared over the same days: paid on one day, settled on the due day.
 2. What a holder gives for the money: the whole leaf where it is assigned; the advance alone where
    it is pledged, or where the part beyond the advance stays the holder's.
 3. The cheapest comes first: by annual rate, then by what arrives, then by the bank's id.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

import msgspec

from xinlian.apps.supply_chain.offer_terms import OfferTerms
from xinlian.client.annual_rate import CashFlow, annual_rate, simple_rate
from xinlian.client.session import Session
from xinlian.primitives.time import china_day


class CallUnknown(LookupError):  # noqa: N818 - names the state of the call
    """This party sees no such call for offers."""


class CallOnLedger(msgspec.Struct, frozen=True):
    """A call for offers, as the ledger's API gives it."""

    call_id: str
    leaf_id: str
    holder: str
    box_key: str
    as_pledge: bool
    keeps_rest: bool
    pays_by_ms: int
    status: str


class OfferOnLedger(msgspec.Struct, frozen=True):
    """What a bank offers, as the ledger's API gives it."""

    bank: str
    status: str
    advance_minor: str
    discount_minor: str
    fee_minor: str

    @property
    def terms(self) -> OfferTerms:
        """The terms; all of them 0 until it is opened."""
        return OfferTerms(int(self.advance_minor), int(self.discount_minor), int(self.fee_minor))


class _Leaf(msgspec.Struct, frozen=True):
    certificate_id: str
    amount_minor: str


class _Certificate(msgspec.Struct, frozen=True):
    due_day: int


class Claim(NamedTuple):
    """What is financed, and how: the same for all offers of a call."""

    leaf_minor: int
    due_day: int
    rest_is_kept: bool
    """Under a pledge, or by the terms of an assignment."""

    def flows(self, terms: OfferTerms, paid_day: int) -> tuple[CashFlow, CashFlow]:
        """Return what comes in, and what is given up for it when the claim is paid."""
        given_minor = terms.advance_minor if self.rest_is_kept else self.leaf_minor
        return CashFlow(paid_day, terms.net_minor), CashFlow(self.due_day, -given_minor)


class OfferCost(NamedTuple):
    """What an offer costs the holder."""

    net_minor: int
    """What arrives."""
    cost_minor: int
    """What is given up beyond what arrives."""
    days: int
    annual_rate: Decimal
    """Compounded: the internal rate of return over its cash flows."""
    simple_rate: Decimal
    """Without interest on interest."""


def cost_of(terms: OfferTerms, claim: Claim, paid_day: int) -> OfferCost:
    """Return what terms cost that are paid on a day; raises NoAnnualRate."""
    received, given = claim.flows(terms, paid_day)
    given_minor, days = -given.amount_minor, claim.due_day - paid_day
    return OfferCost(
        net_minor=received.amount_minor,
        cost_minor=given_minor - received.amount_minor,
        days=days,
        annual_rate=annual_rate((received, given)),
        simple_rate=simple_rate(received.amount_minor, given_minor, days),
    )


def compare(
    offers: Iterable[OfferOnLedger], claim: Claim, paid_day: int
) -> list[tuple[OfferOnLedger, OfferCost]]:
    """Return the opened offers with their cost, the cheapest first.

    Args:
        offers: of one call; those that are not open are left out.
        claim: what is financed.
        paid_day: on which all of them are taken to be paid.

    Raises:
        NoAnnualRate: the claim is due before it would be paid for.
    """
    compared = [
        (offer, cost_of(offer.terms, claim, paid_day))
        for offer in offers
        if offer.terms.advance_minor
    ]
    return sorted(
        compared, key=lambda each: (each[1].annual_rate, -each[1].net_minor, each[0].bank)
    )


def find_call(session: Session, call_id: str) -> CallOnLedger:
    """Return a call that this party sees; raises CallUnknown."""
    asked = {"call_id": call_id}
    for call in session.node.iterate("/v1/finance-calls", CallOnLedger, asked):
        return call
    raise CallUnknown(f"{call_id} is not among the calls that you may see")


def offers_of(session: Session, call_id: str) -> list[OfferOnLedger]:
    """Return what this party may see of the offers under a call."""
    asked = {"call_id": call_id}
    return list(session.node.iterate("/v1/finance-offers", OfferOnLedger, asked))


def claim_of(session: Session, call: CallOnLedger) -> Claim:
    """Return what a call is about; raises ApiError where this party may not read it."""
    item = session.node.get(f"/v1/leaves/{call.leaf_id}")["item"]
    leaf = msgspec.convert(item, _Leaf)
    item = session.node.get(f"/v1/certificates/{leaf.certificate_id}")["item"]
    due_day = msgspec.convert(item, _Certificate).due_day
    return Claim(int(leaf.amount_minor), due_day, call.as_pledge or call.keeps_rest)


def latest_payday(call: CallOnLedger) -> int:
    """Return the last day on which an accepted bank pays."""
    return china_day(call.pays_by_ms)
