"""Blocks, transactions, calls and events equal what the store holds."""

import json

import msgspec
import pytest

from unit.readmodels.stories import genesis_state, sqlite_address
from xinlian.bootstrap import build_contracts, build_registry
from xinlian.contracts.message import type_name
from xinlian.contracts.runtime import Contracts
from xinlian.ledger.application import decode_outcome
from xinlian.ledger.header import decode_block, header_hash
from xinlian.ledger.transaction import decode_transaction
from xinlian.modules.members.keeper import MembersAuthority
from xinlian.modules.quotas.keeper import QuotaBook
from xinlian.modules.schedule.keeper import ScheduleQueue
from xinlian.primitives import format_id
from xinlian.readmodels import ReadModel, SchemaUnknown
from xinlian.readmodels.projection.blocks import HANDLERS
from xinlian.readmodels.rows import BlockRow, EventRow, MessageRow, TransactionRow

REGISTRY = build_registry()
FINANCED = {
    "supply_chain.AssignmentOffered",
    "supply_chain.CancellationProposed",
    "supply_chain.DiscountAgreed",
    "supply_chain.FinanceTermsAsked",
    "supply_chain.LeafBoughtBack",
    "supply_chain.LeafCancelled",
    "supply_chain.LeafPaidEarly",
    "supply_chain.LeafPledged",
    "supply_chain.LeafReassigned",
    "supply_chain.PledgeReleased",
    "supply_chain.RecourseEnded",
    "supply_chain.RecourseStarted",
}
WITHOUT_ROWS = {
    "accounts.BoundsSet",
    "governance.CalendarPublished",
    "governance.ParkedRetried",
    "governance.UpgradeCancelled",
    "governance.UpgradeDecided",
    "members.GroupDeclared",
    "members.MandateSet",
    "members.RelationAdded",
    "members.RelationEnded",
    "members.SponsorAsked",
    "conditions.CaseDecided",
    "conditions.RulePackEnded",
    "conditions.RulePackSigned",
    "evidence.ContradictionEnded",
    "evidence.VerdictsDisagree",
    "standing.DutyMissed",
    "standing.CreditFactRecorded",
    "validators.MisbehaviourShown",
    "supply_chain.AssignmentOffered",
    "supply_chain.CancellationProposed",
    "supply_chain.DiscountAgreed",
    "supply_chain.FinanceTermsAsked",
    "supply_chain.LeafPaidEarly",
    "supply_chain.TermExamined",
    "supply_chain.ReversalAsked",
    "supply_chain.CorrectionProposed",
    "supply_chain.LeafCorrected",
    "schedule.ClockAdvancing",
    "schedule.ClockConfirmed",
    "schedule.ClockVoted",
    "obligations.ObligationAgreed",
    "obligations.DefaultFixed",
    "obligations.DefaultCured",
    "obligations.CancellationAsked",
    "obligations.ObligationOrderHeld",
    "obligations.ObligationOrderMoved",
    "obligations.SurplusOwedBack",
    "obligations.OutsideDischarge",
    "obligations.EnforcementNamed",
    "supply_chain.GuaranteeReleaseAgreed",
}


def stored(projected):
    store = projected.told.store
    for height in range(projected.model.height + 1):
        yield height, decode_block(store.block(height)), decode_outcome(store.outcome(height))


def test_block_rows_equal_the_stored_headers(projected):
    rows = projected.rows(BlockRow)
    for row, (height, block, outcome) in zip(rows, stored(projected), strict=True):
        header = block.signed_header.header
        assert row.height == header.height == height
        assert row.time_ms == header.time_ms
        assert row.header_hash == header_hash(header).hex()
        assert row.app_hash == header.app_hash.hex()
        assert row.transaction_count == len(block.transactions)
        assert row.event_count == sum(len(group.events) for group in outcome.event_groups)


def test_transaction_rows_equal_the_stored_transactions(projected):
    expected = []
    for height, block, outcome in stored(projected):
        for index, result in enumerate(outcome.results):
            transaction = decode_transaction(block.transactions[index])
            expected.append(
                (
                    height,
                    index,
                    transaction.transaction_id.hex(),
                    format_id("party", transaction.payer),
                    len(transaction.body.calls),
                    result.codespace,
                    result.code,
                    result.failed_call,
                )
            )
    rows = sorted(
        projected.rows(TransactionRow), key=lambda row: (row.height, row.transaction_index)
    )
    assert [
        (
            row.height,
            row.transaction_index,
            row.transaction_id,
            row.payer,
            row.call_count,
            row.codespace,
            row.code,
            row.failed_call,
        )
        for row in rows
    ] == expected


def test_every_call_is_in_one_run_of_its_transaction(projected):
    messages = projected.rows(MessageRow)
    for transaction in projected.rows(TransactionRow):
        runs = [row for row in messages if row.transaction_id == transaction.transaction_id]
        calls = [row.call_index + n for row in runs for n in range(row.call_count)]
        assert calls == list(range(transaction.call_count))


def test_the_events_of_a_transaction_are_those_that_its_runs_count(projected):
    events = projected.rows(EventRow)
    for run in projected.rows(MessageRow):
        calls = range(run.call_index, run.call_index + run.call_count)
        assert [
            event.position
            for event in events
            if event.transaction_id == run.transaction_id and event.call_index in calls
        ] == list(range(run.position, run.position + run.event_count))


def test_messages_are_named_by_their_types(projected):
    messages = projected.rows(MessageRow)
    assert {row.message_type for row in messages} <= {
        type_name(message) for message in REGISTRY.messages.values()
    }


def test_event_rows_are_the_stored_events_in_their_order(projected):
    expected = []
    for height, _, outcome in stored(projected):
        records = [record for group in outcome.event_groups for record in group.events]
        for position, record in enumerate(records):
            tag = msgspec.msgpack.decode(record.event)[0]
            name = type_name(REGISTRY.events[tag])
            expected.append((height, position, record.call_index, name))
    rows = projected.rows(EventRow)
    assert [(r.height, r.position, r.call_index, r.event_type) for r in rows] == expected


def test_event_data_name_every_field_and_leave_no_unknown_object(projected):
    by_name = {type_name(event): event for event in REGISTRY.events.values()}
    for row in projected.rows(EventRow):
        data = json.loads(row.data_json)
        assert tuple(data) == by_name[row.event_type].__struct_fields__
        for field in ("purpose", "reservation", "new_reservation", "issuer"):
            assert data.get(field, "") == "" or "_" in data[field], row
        assert (row.object_kind == "") == (row.object_id == "") is False


def test_what_the_schedule_did_has_no_transaction(projected):
    sources = {row.event_type: row.transaction_id for row in projected.rows(EventRow)}
    assert sources["supply_chain.CertificateDue"] == ""
    assert sources["supply_chain.CertificateAccepted"] != ""


@pytest.mark.parametrize("event_type", REGISTRY.events.values(), ids=type_name)
def test_every_event_changes_rows_unless_it_is_known_not_to(event_type):
    assert (event_type in HANDLERS) != (type_name(event_type) in WITHOUT_ROWS)


def test_the_stories_have_every_kind_of_event(paid, late):
    """So that every handler was compared with the state at least once."""
    told = {row.event_type for story in (paid, late) for row in story.rows(EventRow)}
    everything = {type_name(event) for event in REGISTRY.events.values()}
    decided = {name for name in everything if name.startswith("governance.")}  # test_governance.py
    decided |= {name for name in everything if name.startswith("validators.")}  # test_validators.py
    agreed = {name for name in everything if name.startswith("obligations.")}  # test_obligations.py
    assert everything - told - decided - agreed == {
        "members.GroupDeclared",
        "members.KeyRecovered",
        "members.RelationAdded",
        "members.RelationEnded",
        "members.RoleGiven",  # test_governance.py
        "members.RoleWithdrawn",
        "members.SponsorAsked",
        "members.SponsorChanged",
        "evidence.ContradictionEnded",
        "evidence.VerdictsDisagree",
        "schedule.ClockConfirmed",
        "schedule.ClockVoted",
        "supply_chain.PaymentOrderMoved",  # test_obligations.py
        "supply_chain.TermExamined",  # it changes no row
        "devices.AlertCleared",  # test_devices.py
        "devices.AlertRaised",
        "devices.BatchRecorded",
        "devices.DeviceRegistered",
        "devices.DeviceRetired",
        "evidence.WatchBegun",
        "evidence.WatchEnded",
        "consent.ConsentEnded",  # test_consents.py
        "consent.ConsentGiven",
        "consent.ConsentTakenBack",
        "consent.ReadRecorded",
        "credit.InquiryAnswered",  # test_credit.py
        "credit.InquiryDenied",
        "credit.ObjectionAnswered",
        "credit.ObjectionFiled",
        "credit.ObjectionTimedOut",
        "credit.RecordEnded",
        "credit.RecordPublished",
        "credit.RulePublished",
        "credit.ScoreGiven",
        "standing.DutyMissed",
        "supply_chain.BankInvited",  # test_finance_offers.py
        "supply_chain.CallEnded",
        "supply_chain.CallOpened",
        "supply_chain.OfferAccepted",
        "supply_chain.OfferOpened",
        "supply_chain.OfferSealed",
        "supply_chain.OfferUnreadable",
        "supply_chain.OfferWithdrawn",
        "supply_chain.OffersCalled",
        "supply_chain.FreezeConfirmed",  # test_freezes.py
        "supply_chain.FreezeEnded",
        "supply_chain.DisputeOpened",  # test_disputes.py
        "supply_chain.OutcomeProposed",
        "supply_chain.DisputeEnded",
        "supply_chain.LeafReduced",
        "supply_chain.LeafOverdue",
        "supply_chain.InvoiceLowered",
        "supply_chain.ReversalAsked",
        "supply_chain.CorrectionProposed",
        "supply_chain.LeafCorrected",
        "supply_chain.FreezeOrdered",
        "supply_chain.PaymentHeld",
        "supply_chain.GuaranteeCalled",  # test_guarantees.py
        "supply_chain.CallRaised",
        "supply_chain.GuaranteeEnded",
        "supply_chain.GuaranteeGiven",
        "supply_chain.GuaranteeReleaseAgreed",
        "supply_chain.LeafTakenOver",
        *FINANCED,  # test_finance.py
    }


def release_of(app_version, *others):
    return Contracts(
        build_registry(),
        MembersAuthority(),
        ScheduleQueue(),
        QuotaBook(),
        app_version=app_version,
        others=others,
    )


def test_a_later_release_reads_each_block_by_the_version_of_its_height(paid, tmp_path):
    genesis = genesis_state(paid.told.consortium)
    later = ReadModel(sqlite_address(tmp_path), release_of(2, build_contracts()), genesis)
    later.project(paid.told.store)
    assert later.dump() == paid.model.dump()
    later.close()


def test_a_block_of_a_version_that_this_release_lacks_is_named(paid, tmp_path):
    genesis = genesis_state(paid.told.consortium)
    other = ReadModel(sqlite_address(tmp_path), release_of(2), genesis)
    with pytest.raises(SchemaUnknown, match="height 0 is of application version 1"):
        other.project(paid.told.store)
    assert other.height == -1
    other.close()
