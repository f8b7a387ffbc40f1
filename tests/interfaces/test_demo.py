"""Every step of the demonstration, asserted on what it left behind: ledger, homes and files.

Roles: core owes; supplier1 is owed and owes supplier2; bank finances; settle keeps the money.
"""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree
from rich.console import Console

from xinlian.apps.supply_chain.types import CERTIFICATES, LEAVES, LINES, ORDERS, Finance, Life
from xinlian.bootstrap import broken_invariants, open_store
from xinlian.cli.demo import tell
from xinlian.cli.demo.case import load_full_case
from xinlian.cli.demo.command import MARK, empty_folder
from xinlian.cli.demo.ending import annual_cost
from xinlian.cli.demo.narrator import DemoFailed, Narrator
from xinlian.cli.output import CommandRefused
from xinlian.ledger.genesis import parse_genesis
from xinlian.modules.accounts.types import ACCOUNTS, AssetKind, account_id, asset_id
from xinlian.modules.members.types import PARTIES, PartyKind, organisation_id
from xinlian.modules.obligations.types import OBLIGATIONS, ObligationStatus, SourceKind
from xinlian.storage import LmdbStore
from xinlian.verifier import VerificationFailed, verify_receipt

ROOT = Path(__file__).parents[2]
CASE = load_full_case(ROOT / "examples" / "receivable-finance")
FACE = 1_000_000_00
OPENING = 5_000_000_00
CASE_INVOICE_NUMBER = "26990000000000000101"


class Told:
    """A demonstration that has ended, and its two ledgers, opened again for reading."""

    def __init__(self, folder):
        self.folder = folder
        self.printed = io.StringIO()
        console = Console(file=self.printed, width=200)
        self.report = tell(CASE, folder, Narrator(console))
        self.stores = {
            "test-demo": open_store(folder / "node"),
            "test-demo-default": open_store(folder / "default" / "node"),
        }
        self.views = {chain: store.snapshot() for chain, store in self.stores.items()}

    def close(self):
        for view in self.views.values():
            view.close()
        for store in self.stores.values():
            store.close()

    def party(self, name, chain="test-demo"):
        return organisation_id(chain, CASE.case.organisations[name].uscc)

    def balance(self, name, chain="test-demo"):
        deposit = asset_id(AssetKind.DEPOSIT, self.party("settle", chain), "CNY", 2)
        account = account_id(self.party(name, chain), deposit, 1)
        return ACCOUNTS.require(self.views[chain], account).balance_minor

    def all(self, collection, chain="test-demo"):
        return [record for _, record in collection.scan(self.views[chain])]

    def checked(self, step):
        return {check.name for check in self.report.checks if check.step == step}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    told = Told(tmp_path_factory.mktemp("demo"))
    yield told
    told.close()


def test_step_1_three_members_and_two_sponsored_participants(told):
    genesis = parse_genesis(told.report.genesis.read_bytes())
    assert genesis.clock == "simulated"
    parties = {record.name: record for record in told.all(PARTIES)}
    kinds = [PartyKind(record.kind) for record in parties.values()]
    assert (kinds.count(PartyKind.MEMBER), kinds.count(PartyKind.PARTICIPANT)) == (3, 2)
    for name in ("supplier1", "supplier2"):
        record = parties[CASE.case.organisations[name].name]
        assert record.sponsor == told.party("bank")
    deposit = asset_id(AssetKind.DEPOSIT, told.party("settle"), "CNY", 2)
    mirrored = {account.owner for account in told.all(ACCOUNTS) if account.mirrored}
    assert mirrored == {told.party(name) for name in ("core", "bank", "supplier1")}
    assert {a.asset for a in told.all(ACCOUNTS) if a.mirrored} == {deposit}


def test_step_2_each_party_keeps_its_bodies_and_the_ledger_only_commitments(told):
    assert "three flows corroborated" in told.checked(2)
    assert {"core verifier passes", "supplier1 verifier passes"} <= told.checked(2)
    number = CASE_INVOICE_NUMBER.encode()
    for name in ("core", "supplier1", "bank"):
        records = (told.folder / name / "documents" / "records").iterdir()
        assert any(number in path.read_bytes() for path in records), name
    for name in ("settle", "supplier2"):
        records = (told.folder / name / "documents" / "records").iterdir()
        assert not any(number in path.read_bytes() for path in records), name
    assert number not in (told.folder / "node" / "chain.lmdb").read_bytes()


def test_step_3_the_advance_arrived_and_the_leaves_add_up(told):
    assert {"advance arrived", "leaves add up", "bank verifier passes"} <= told.checked(3)
    (certificate,) = [c for c in told.all(CERTIFICATES) if c.life == Life.DISCHARGED]
    assert certificate.face_minor == FACE
    leaves = told.all(LEAVES)
    assert sorted(leaf.amount_minor for leaf in leaves if leaf.life == Life.DISCHARGED) == [
        300_000_00,
        700_000_00,
    ]
    assert [leaf.amount_minor for leaf in leaves if leaf.life == Life.SPENT] == [FACE]
    (assigned,) = [leaf for leaf in leaves if leaf.finance == Finance.ASSIGNED]
    assert assigned.holder == told.party("bank")


def test_step_4_nothing_was_certified_or_financed_twice(told):
    assert {
        "a second certificate on the same invoice refused",
        "a second lock on the financed leaf refused",
        "copy found by the same bank",
        "copy found by the obligor",
        "a certificate on the copy refused",
    } <= told.checked(4)
    lives = sorted(Life(c.life).name for c in told.all(CERTIFICATES))
    assert lives.count("DISCHARGED") == 1
    assert "OFFERED" not in lives
    assert "ACTIVE" not in lives
    assert "盲检" in told.printed.getvalue()


def test_step_5_everything_was_paid_to_the_fen(told):
    assert told.balance("core") == OPENING - FACE
    assert told.balance("bank") == OPENING + 7_077_78
    assert told.balance("supplier1") == 692_922_22
    (order,) = told.all(ORDERS)
    assert order.amount_minor == 300_000_00


def test_step_5_the_payment_order_is_a_pain_001_with_the_order_as_reference(told):
    root = etree.parse(told.folder / "payment-order.pain.001.xml").getroot()
    namespace = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
    assert root.findtext(".//p:InstdAmt", namespaces=namespace) == "300000.00"
    assert len(root.findtext(".//p:EndToEndId", namespaces=namespace) or "") == 32
    name = root.findtext(".//p:Cdtr/p:Nm", namespaces=namespace)
    assert name == CASE.case.organisations["supplier2"].name


def test_step_5_an_empty_account_defaulted_and_was_cured_with_interest(told):
    chain = "test-demo-default"
    assert {
        "due and unpaid before the cut-off",
        "default at the cut-off",
        "late credit pays principal and interest",
    } <= told.checked(5)
    interest = FACE * 5 * 10 // 10_000  # 0.05 % a day for ten days
    assert told.balance("supplier1", chain) == FACE + interest
    assert told.balance("core", chain) == FACE + FACE // 100 - FACE - interest
    statuses = {
        SourceKind(o.source_kind): ObligationStatus(o.status) for o in told.all(OBLIGATIONS, chain)
    }
    assert statuses == {
        SourceKind.CERTIFICATE: ObligationStatus.CURED,
        SourceKind.LATE_INTEREST: ObligationStatus.PERFORMED,
    }
    (line,) = told.all(LINES, chain)
    assert (line.used_minor, line.overdue_certificates) == (0, 0)


@pytest.mark.parametrize("chain", ["test-demo", "test-demo-default"])
def test_every_invariant_holds_on_both_ledgers(told, chain):
    assert broken_invariants(told.views[chain]) == []


def test_step_6_the_receipt_proves_transaction_and_leaf_and_any_changed_byte_breaks_it(told):
    receipt, genesis = told.report.receipt.read_bytes(), told.report.genesis.read_bytes()
    report = verify_receipt(receipt, genesis, allow_simulated=True)
    assert (report.code, report.is_simulated, len(report.present_keys)) == (0, True, 1)
    with pytest.raises(VerificationFailed, match="simulated"):
        verify_receipt(receipt, genesis)
    for position in range(0, len(receipt), 97):
        flipped = bytearray(receipt)
        flipped[position] ^= 1
        with pytest.raises(VerificationFailed):
            verify_receipt(bytes(flipped), genesis, allow_simulated=True)


def test_step_6_the_verifier_runs_alone(told):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "xinlian.verifier", str(told.report.receipt)),
            *("--genesis", str(told.report.genesis), "--allow-simulated"),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert '"chain_id": "test-demo"' in done.stdout


def test_step_7_the_measures_are_those_of_the_case(told):
    text = told.printed.getvalue()
    assert "all invariants hold" in told.checked(7)
    assert "4.16%" in text
    assert told.report.to_money.by_people > told.report.to_money.by_rules > 0
    assert "openapi.json" in text


def test_the_annual_cost_agrees_with_a_compound_interest_table():
    assert annual_cost(1_000_000, 1_050_000, 365) == pytest.approx(0.05)
    assert annual_cost(1_000_000, 1_010_000, 73) == pytest.approx(1.01**5 - 1)


def test_a_promise_that_does_not_hold_ends_the_demonstration():
    narrator = Narrator(Console(file=io.StringIO()))
    with pytest.raises(DemoFailed, match="it must hold"):
        narrator.check("name", holds=False, chinese="必须成立", english="it must hold")
    assert narrator.checks == []


def test_a_folder_that_no_demonstration_made_is_not_emptied(tmp_path):
    (tmp_path / "precious").write_text("keep me")
    with pytest.raises(CommandRefused, match="not emptied"):
        empty_folder(tmp_path)
    assert (tmp_path / "precious").read_text() == "keep me"
    (tmp_path / MARK).touch()
    empty_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [MARK]


def test_a_folder_that_a_node_serves_from_is_not_emptied(tmp_path):
    (tmp_path / MARK).touch()
    store = LmdbStore(tmp_path / "node", durable=False)
    with pytest.raises(CommandRefused, match="a node serves from"):
        empty_folder(tmp_path)
    assert (tmp_path / "node" / "chain.lmdb").exists()
    store.close()
    empty_folder(tmp_path)
    assert not (tmp_path / "node").exists()


def test_a_folder_without_a_case_says_what_to_do(tmp_path):
    with pytest.raises(CommandRefused, match="No such file") as caught:
        load_full_case(tmp_path)
    assert "--case" in caught.value.next_step
