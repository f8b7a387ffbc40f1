"""Every event is about one object, and ids of several parts are told apart."""

import pytest

from xinlian.apps.supply_chain.guarantee_events import (
    GuaranteeEnded,
    GuaranteeGiven,
    GuaranteeReleaseAgreed,
)
from xinlian.apps.supply_chain.offer_events import (
    BankInvited,
    OfferOpened,
    OfferSealed,
    OfferUnreadable,
    OfferWithdrawn,
)
from xinlian.bootstrap import build_registry
from xinlian.contracts.message import type_name
from xinlian.modules.accounts.events import BankEntryAccepted, PeriodClosed, TransferPosted
from xinlian.modules.evidence.events import FactRecorded, VerdictGiven, VerdictsDisagree
from xinlian.modules.evidence.watch_events import WatchBegun, WatchEnded
from xinlian.primitives import format_id
from xinlian.readmodels.kinds import Kind
from xinlian.readmodels.subjects import _ABOUT, about, obligation_of

EVENTS = build_registry().events.values()
SPECIAL = (
    TransferPosted,
    BankEntryAccepted,
    PeriodClosed,
    FactRecorded,
    VerdictGiven,
    VerdictsDisagree,
    BankInvited,
    OfferSealed,
    OfferWithdrawn,
    OfferOpened,
    OfferUnreadable,
    WatchBegun,
    WatchEnded,
    GuaranteeGiven,
    GuaranteeReleaseAgreed,
    GuaranteeEnded,
)
"""About objects whose ids are made of more than one field."""


@pytest.mark.parametrize("event_type", EVENTS, ids=type_name)
def test_every_event_of_the_ledger_is_about_an_object(event_type):
    assert event_type in _ABOUT or event_type in SPECIAL
    rule = _ABOUT.get(event_type)
    if rule is not None and rule.kind is not Kind.CLOCK:
        assert rule.field in event_type.__struct_fields__


def test_a_transfer_is_named_by_its_place():
    a, b, c = (bytes([n]) * 20 for n in (1, 2, 3))
    assert about(TransferPosted(a, b, c, 1, b, b""), 7, 3) == ("transfer", "7.3")


def test_two_banks_may_give_their_entries_the_same_identity():
    entry, banks = b"e" * 32, [bytes([n]) * 20 for n in (1, 2)]
    named = [about(BankEntryAccepted(entry, bank, b"", 5, True, 1, 1, b""), 7, 3) for bank in banks]
    assert {kind for kind, _ in named} == {"bank_entry"}
    assert named[0] != named[1]


def test_the_obligation_of_a_certificate_has_its_id():
    raw = bytes(range(20))
    assert obligation_of(format_id("cert", raw)) == format_id("obligation", raw)
