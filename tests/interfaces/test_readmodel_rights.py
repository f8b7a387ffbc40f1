"""Who reads what: the matrix of ``rights.py``, object by object, for everybody on the ledger.

Roles: core owes, supplier1 was first owed and paid supplier2 with a part, bank financed the rest,
settle keeps the money; newcomer is a suspended participant that has dealt with nobody; nobody is
an id that is not in the directory.

Rule: who is not named in a line gets the same answer as for an object that does not exist.
"""

import msgspec
import pytest

from unit.readmodels.stories import (
    INVOICE,
    NEWCOMER,
    Told,
    open_model,
    root_of,
    sqlite_address,
    tell_late,
    tell_paid,
)
from xinlian.modules.accounts.types import AssetKind, account_id, asset_id
from xinlian.modules.members.messages import SuspendParticipant
from xinlian.primitives import format_id
from xinlian.readmodels import ReadModel
from xinlian.readmodels.rows import EventRow
from xinlian.readmodels.tables import TABLE_OF
from xinlian.testing import Consortium
from xinlian.testing.consortium import POLICY

NOBODY = bytes(20)
EVERYBODY = ("core", "bank", "settle", "supplier1", "supplier2", NEWCOMER, "nobody")
MEMBERS = {"core", "bank", "settle"}
SUPPLIERS = {"supplier1", "supplier2"}
TRADE = {"core", "supplier1", "bank", "settle"}
"""Seller and buyer of the invoice, and both financiers that were asked."""


@pytest.fixture(scope="module")
def paid(tmp_path_factory):
    told = tell_paid()
    model = open_model(sqlite_address(tmp_path_factory.mktemp("rights")), told.consortium)
    model.project(told.store)
    yield told, model
    model.close()
    told.consortium.close()


def party_of(told: Told, name: str) -> bytes:
    return NOBODY if name == "nobody" else told.party(name)


def claim_account(told: Told, name: str) -> str:
    asset = asset_id(AssetKind.CLAIM, told.ids["certificate"], "CNY", 2)
    return format_id("account", account_id(told.party(name), asset))


def deposit_account(told: Told, name: str) -> str:
    return format_id("account", told.consortium.account(name))


def obligation(told: Told) -> str:
    return format_id("obligation", told.ids["certificate"])


SINGLE = {
    # of the directory: members all, others their own, their sponsor's, their counterparties'
    "directory: core": ("party", lambda t: t.party_text("core"), MEMBERS | SUPPLIERS),
    "directory: bank": (
        "party",
        lambda t: t.party_text("bank"),
        MEMBERS | SUPPLIERS | {NEWCOMER},
    ),
    "directory: settle": ("party", lambda t: t.party_text("settle"), MEMBERS | SUPPLIERS),
    "directory: supplier1": ("party", lambda t: t.party_text("supplier1"), MEMBERS | SUPPLIERS),
    "directory: supplier2": ("party", lambda t: t.party_text("supplier2"), MEMBERS | SUPPLIERS),
    "directory: newcomer": ("party", lambda t: t.party_text(NEWCOMER), MEMBERS | {NEWCOMER}),
    # of money: the owner and the bank; of a claim: the owner and the obligor
    "deposit account of core": (
        "account",
        lambda t: deposit_account(t, "core"),
        {"core", "settle"},
    ),
    "deposit account of supplier1": (
        "account",
        lambda t: deposit_account(t, "supplier1"),
        {"supplier1", "settle"},
    ),
    "claim account of bank": ("account", lambda t: claim_account(t, "bank"), {"bank", "core"}),
    "claim account of supplier2": (
        "account",
        lambda t: claim_account(t, "supplier2"),
        {"supplier2", "core"},
    ),
    # of trade: the two sides and who was asked for money on it; a fact's signer reads the fact
    "invoice": ("invoice", lambda _: INVOICE.hex(), TRADE),
    "contract": ("document", lambda _: root_of("contract").hex(), TRADE),
    "prepayment": ("document", lambda _: root_of("prepayment").hex(), TRADE),
    "invoice of supplier1's own debt": (
        "document",
        lambda _: root_of("invoice2").hex(),
        {"supplier1"},
    ),
    # of certificates
    "certificate": (
        "certificate",
        lambda t: t.text("cert", "certificate"),
        {"core", "supplier1", "supplier2", "bank", "settle"},
    ),
    "declined certificate": (
        "certificate",
        lambda t: t.text("cert", "declined"),
        {"core", "supplier1", "settle"},
    ),
    "withdrawn draft": (
        "certificate",
        lambda t: t.text("cert", "withdrawn"),
        {"core", "supplier1"},
    ),
    "first leaf": (
        "leaf",
        lambda t: t.text("leaf", "whole"),
        {"core", "supplier1", "supplier2", "bank", "settle"},
    ),
    "leaf of supplier2": (
        "leaf",
        lambda t: t.text("leaf", "leaf2"),
        {"core", "supplier1", "supplier2"},
    ),
    "financed leaf": (
        "leaf",
        lambda t: t.text("leaf", "rest"),
        {"core", "supplier1", "bank", "settle"},
    ),
    "assignment": (
        "encumbrance",
        lambda t: t.text("leaf", "rest"),
        {"core", "supplier1", "bank"},
    ),
    # of payment
    "payment order": (
        "payment_order",
        lambda t: t.text("order", "order"),
        {"core", "supplier2", "settle"},
    ),
    "obligation": ("obligation", obligation, {"core", "supplier1", "supplier2", "bank"}),
    # of transactions: who paid for them and whom they acted for
    "refused transaction": ("transaction", lambda t: t.ids["refused"].hex(), {"supplier1"}),
}


@pytest.mark.parametrize("name", SINGLE)
def test_an_object_is_read_by_its_parties_and_by_nobody_else(paid, name):
    told, model = paid
    question, object_of, readers = SINGLE[name]
    for reader in EVERYBODY:
        found = getattr(model, question)(party_of(told, reader), object_of(told))
        assert (found is not None) == (reader in readers), f"{reader} and {name}"


LISTS = {
    "parties": ("party_id", "party"),
    "accounts": ("account_id", "account"),
    "documents": ("root", "document"),
    "invoices": ("root", "invoice"),
    "certificates": ("certificate_id", "certificate"),
    "leaves": ("leaf_id", "leaf"),
    "encumbrances": ("leaf_id", "encumbrance"),
    "payment_orders": ("order_id", "payment_order"),
    "obligations": ("obligation_id", "obligation"),
    "transactions": ("transaction_id", "transaction"),
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("reader", EVERYBODY)
def test_a_list_holds_exactly_what_may_be_read_one_by_one(paid, name, reader):
    told, model = paid
    field, question = LISTS[name]
    party = party_of(told, reader)
    everything = {row[0] for row in model.dump()[name]}
    readable = {one for one in everything if getattr(model, question)(party, one) is not None}
    listed = {getattr(row, field) for row in getattr(model, name)(party, limit=200).rows}
    assert listed == readable


COUNTS = {
    "policy": dict.fromkeys(("core", "bank", "settle"), len(POLICY)),
    "keys": {"core": 18, "bank": 18, "settle": 18, "supplier1": 17, "supplier2": 17, NEWCOMER: 4},
    "facts": {"core": 6, "bank": 6, "settle": 6, "supplier1": 6},
    "verdicts": {"core": 3, "bank": 3, "settle": 3, "supplier1": 3},
    "transfer_offers": {"supplier1": 2, "supplier2": 2},
    "bank_accounts": {"core": 1, "bank": 1, "settle": 4, "supplier1": 1, "supplier2": 1},
    "bank_entries": {"core": 1, "settle": 2, "supplier2": 1},
    "reservations": {"core": 2, "settle": 2},
    "issue_lines": {"core": 1},
    "late_interest": {},
}


@pytest.mark.parametrize("name", COUNTS)
def test_lists_without_single_reads_hold_what_their_parties_may_see(paid, name):
    told, model = paid
    counts = {
        reader: len(getattr(model, name)(party_of(told, reader), limit=200).rows)
        for reader in EVERYBODY
    }
    assert {reader: count for reader, count in counts.items() if count} == COUNTS[name]


def test_a_verdict_and_a_fact_are_read_by_the_readers_of_their_subject(paid):
    told, model = paid
    for question in (model.facts, model.verdicts):
        assert question(told.party("bank"), subject=INVOICE.hex()).rows
        assert question(told.party("supplier2"), subject=INVOICE.hex()).rows == ()


def test_a_transfer_is_read_by_both_owners_and_by_the_keeper_of_the_asset(paid):
    told, model = paid
    seen = {
        name: {row.transfer_id for row in model.transfers(party_of(told, name), limit=200).rows}
        for name in EVERYBODY
    }
    everything = {f"{row[0]}.{row[1]}" for row in model.dump()["transfers"]}
    owners = {format_id("party", told.party(n)): n for n in told.consortium.organisations}
    deposit = format_id("asset", told.consortium.deposit)
    for row in model.transfers(told.party("core"), limit=200).rows:
        parties = {owners[row.debit_owner], owners[row.credit_owner]}
        keeper = "settle" if row.asset_id == deposit else "core"
        expected = parties | {keeper}
        assert {name for name in EVERYBODY if row.transfer_id in seen[name]} == expected
    assert set().union(*seen.values()) == everything
    assert seen["nobody"] == seen[NEWCOMER] == set()


def test_a_statement_is_of_the_owner_and_the_bank_alone(paid):
    told, model = paid
    account = deposit_account(told, "supplier1")
    readers = {
        name for name in EVERYBODY if model.statement(party_of(told, name), account) is not None
    }
    assert readers == {"supplier1", "settle"}


def test_past_balances_are_those_of_readable_accounts(paid):
    told, model = paid
    for name in EVERYBODY:
        party = party_of(told, name)
        accounts = {row.account_id for row in model.accounts(party, limit=200).rows}
        balances = model.balances(party, model.height, limit=200).rows
        assert {row.account_id for row in balances} == accounts


def test_the_messages_of_a_transaction_are_read_with_it(paid):
    told, model = paid
    batch = told.ids["batch"].hex()
    readers = {name for name in EVERYBODY if model.messages(party_of(told, name), batch).rows}
    assert readers == {"supplier1"}


def test_an_event_is_read_by_the_readers_of_its_object(paid):
    told, model = paid
    readers_of: dict[tuple[str, str], set[str]] = {}
    dump = model.dump()
    for party_id, kind, _, _, object_id, _ in dump["readers"]:
        readers_of.setdefault((kind, object_id), set()).add(party_id)
    for party_id, is_transfer, height, position in dump["entry_readers"]:
        if is_transfer:
            readers_of.setdefault(("transfer", f"{height}.{position}"), set()).add(party_id)
    names = {name: party_of(told, name) for name in EVERYBODY}
    for name, party in names.items():
        mine = {format_id("party", party)}
        if name != "nobody":
            mine |= {"every-party"}
        if name in MEMBERS:
            mine |= {"members"}
        seen = {(row.height, row.position) for row in all_events(model, party)}
        expected = {
            (row[0], row[1])
            for row in dump["events"]
            if name != "nobody" and readers_of.get(object_of_event(row), set()) & mine
        }
        assert seen == expected, name


def test_no_event_of_another_branch_reaches_a_holder(paid):
    """Supplier2 never sees the leaf that supplier1 kept, nor who financed it, nor for how much.

    What the debtor has performed in all is seen by every creditor of the obligation.
    """
    told, model = paid
    secrets = [told.text("leaf", "rest"), told.party_text("bank"), '"77400000"', '"774000"']
    for row in all_events(model, told.party("supplier2")):
        if row.event_type != "obligations.ObligationPerformed":
            assert not [secret for secret in secrets if secret in row.data_json], row


def test_a_financier_never_sees_the_branch_that_it_did_not_finance(paid):
    told, model = paid
    for row in all_events(model, told.party("bank")):
        if row.object_kind != "party":
            assert told.text("leaf", "leaf2") not in row.data_json, row
            assert told.party_text("supplier2") not in row.data_json, row


def test_every_event_is_read_by_somebody(paid):
    told, model = paid
    seen = {
        (row.height, row.position)
        for name in EVERYBODY
        for row in all_events(model, party_of(told, name))
    }
    assert seen == {(row[0], row[1]) for row in model.dump()["events"]}


def test_a_suspended_party_reads_as_before(tmp_path):
    told = tell_paid()
    model = open_model(sqlite_address(tmp_path), told.consortium)
    height = model.project(told.store)
    before = everything_of(model, told.party("supplier1"))
    told.send("bank", SuspendParticipant(told.party("supplier1")))
    assert model.project(told.store) == height + 1
    after = everything_of(model, told.party("supplier1"))
    for name in before:
        if name not in ("parties", "events"):
            assert before[name] == after[name], name
    assert len(after["events"]) == len(before["events"]) + 1
    model.close()
    told.consortium.close()


def test_before_any_dealing_a_participant_reads_itself_its_sponsor_and_its_bank(tmp_path):
    consortium = Consortium()
    model = open_model(sqlite_address(tmp_path), consortium)
    model.project(consortium.engine.application.store)
    rows = model.parties(consortium["supplier1"].party).rows
    expected = {
        format_id("party", consortium[name].party) for name in ("supplier1", "bank", "settle")
    }
    assert {row.party_id for row in rows} == expected
    model.close()
    consortium.close()


def test_late_interest_is_read_by_the_debtor_and_its_creditor_alone(tmp_path):
    told = tell_late()
    model = open_model(sqlite_address(tmp_path), told.consortium)
    model.project(told.store)
    creditors = {
        name: [row.creditor for row in model.late_interest(told.party(name)).rows]
        for name in told.consortium.organisations
    }
    assert len(creditors.pop("core")) == 2
    assert creditors == {
        "bank": [],
        "settle": [],
        "supplier1": [told.party_text("supplier1")],
        "supplier2": [told.party_text("supplier2")],
    }
    model.close()
    told.consortium.close()


def object_of_event(row) -> tuple[str, str]:
    """Return (kind, id) of the object of a dumped event."""
    columns = list(TABLE_OF[EventRow].c.keys())
    return row[columns.index("object_kind")], row[columns.index("object_id")]


def all_events(model: ReadModel, party: bytes):
    after = None
    while True:
        found = model.events(party, after=after, limit=100).rows
        yield from found
        if not found:
            return
        after = (found[-1].height, found[-1].position)


def everything_of(model: ReadModel, party: bytes) -> dict[str, list[dict[str, object]]]:
    names = (*LISTS, *COUNTS, "transfers")
    found = {name: list(getattr(model, name)(party, limit=200).rows) for name in names}
    found["events"] = list(all_events(model, party))
    return {name: [msgspec.structs.asdict(row) for row in rows] for name, rows in found.items()}
