"""Events as text: every field of every event of the registry has one, and amounts lose nothing."""

import json
import typing

import pytest

from xinlian.apps.supply_chain.events import LeafDischarged, PaymentOrderEnded
from xinlian.bootstrap import build_registry
from xinlian.contracts.message import type_name
from xinlian.modules.accounts.events import AccountOpened, BankEntryAccepted, TransferPosted
from xinlian.modules.conditions.events import CaseDecided
from xinlian.modules.conditions.types import Input, RuleOutcome, RuleResult
from xinlian.modules.members.events import MandateSet
from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.readmodels.rows import TransferRow
from xinlian.readmodels.text import (
    FIELD_KINDS,
    ID_LISTS,
    NAME_LISTS,
    NAMED_VALUES,
    Kinds,
    event_json,
    id_text,
    kinds_of,
    object_text,
    transfer_json,
)

REGISTRY = build_registry()
A, B, C, D = (bytes([n]) * 20 for n in (1, 2, 3, 4))


def base_type(hint):
    return typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Annotated else hint


@pytest.mark.parametrize("event_type", REGISTRY.events.values(), ids=type_name)
def test_every_field_of_bytes_has_a_kind(event_type):
    hints = typing.get_type_hints(event_type, include_extras=True)
    for field in event_type.__struct_fields__:
        base = base_type(hints[field])
        if field in NAMED_VALUES | NAME_LISTS | ID_LISTS:
            continue
        assert base in (bytes, int, str, bool), f"{field} needs a text form"
        if base is bytes:
            assert field in FIELD_KINDS, field


def test_what_a_case_was_decided_on_is_told_by_name():
    event = CaseDecided(
        principal=A,
        message_type=4_107,
        case=B,
        pack_version=1,
        amount_minor=5,
        inputs=(Input("days_to_due", -3),),
        results=(RuleResult("term", RuleOutcome.FAILS),),
        reason="rules_not_met",
    )
    told = as_json(event)
    assert told["inputs"] == {"days_to_due": "-3"}
    assert told["results"] == {"term": "fails"}
    assert told["case"].startswith("leaf_")


def as_json(event, kinds=None):
    return json.loads(event_json(event, kinds_of([event]) if kinds is None else kinds, REGISTRY))


def test_amounts_are_texts_so_that_no_unit_is_lost():
    event = TransferPosted(A, B, C, AMOUNT_MINOR_MAX, B, b"")
    assert as_json(event)["amount_minor"] == "9223372036854775807"


def test_a_purpose_takes_its_kind_from_the_events_beside_it():
    transfer = TransferPosted(A, B, C, 1, D, b"")
    discharge = LeafDischarged(D, A, B, 1, 0, b"")
    kinds = kinds_of([transfer, discharge])
    assert as_json(transfer, kinds)["purpose"] == id_text("leaf", D)
    assert as_json(transfer)["purpose"] == id_text("transfer", D), "it has a name of its own"
    assert as_json(TransferPosted(A, B, C, 1, B, b""))["purpose"] == id_text("account", B)


@pytest.mark.parametrize("reservation", [b"", D])
def test_the_event_of_a_transfer_is_told_from_its_row_as_from_the_event(reservation):
    event = TransferPosted(A, B, C, AMOUNT_MINOR_MAX, B, reservation)
    kinds = Kinds([event])
    row = TransferRow(
        height=1,
        time_ms=1,
        position=0,
        transaction_id="",
        asset_id=id_text("asset", A),
        debit_account=id_text("account", B),
        debit_owner="",
        credit_account=id_text("account", C),
        credit_owner="",
        amount_minor=AMOUNT_MINOR_MAX,
        purpose=object_text(B, kinds),
        reservation=object_text(reservation, kinds),
    )
    assert transfer_json(row) == event_json(event, kinds, REGISTRY)


def test_days_states_and_message_types_are_words():
    entry = BankEntryAccepted(A + A[:12], B, b"", 5, True, 20780, 20780, b"")
    assert as_json(entry)["value_day"] == "2026-11-23"
    assert as_json(entry)["account"] == ""
    assert as_json(PaymentOrderEnded(A, 3))["status"] == "expired"
    assert as_json(MandateSet(A, 0x1003))["message_type"] == "supply_chain.IssueCertificate"
    assert as_json(MandateSet(A, 0xFFFF))["message_type"] == 0xFFFF


def test_the_issuer_of_a_deposit_is_a_party_and_that_of_a_claim_a_certificate():
    for kind, prefix in (("deposit", "party_"), ("claim", "cert_"), ("interest", "cert_")):
        event = AccountOpened(A, B, C, 2, False, kind, D, "CNY", 2)
        assert as_json(event)["issuer"].startswith(prefix)


def test_an_absent_id_is_an_empty_text():
    assert id_text("party", b"") == object_text(b"", {}) == ""
