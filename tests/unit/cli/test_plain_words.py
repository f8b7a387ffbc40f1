"""Proven entries in words that a banker reads, in both languages."""

import pytest

from xinlian.apps.supply_chain.types import CERTIFICATES, LEAVES
from xinlian.cli.plain_words import OBLIGATION_STATUSES, Reader, money
from xinlian.engines.embedded import build_receipt
from xinlian.ledger.outcomes import MARKERS
from xinlian.modules.accounts.types import ACCOUNTS, ASSETS
from xinlian.modules.members.types import PARTIES
from xinlian.modules.obligations.types import OBLIGATIONS, ObligationStatus
from xinlian.modules.standing.types import STANDINGS
from xinlian.primitives import format_id
from xinlian.testing import Consortium
from xinlian.testing.trade import Trade
from xinlian.verifier import root_of_genesis, verify_receipt
from xinlian.verifier.report import Entry


@pytest.fixture(scope="module")
def told():
    """What is said of each entry, by its key."""
    c = Consortium()
    trade = Trade(c)
    trade.register()
    certificate, leaf = trade.certify()
    sent = c.sign("core", *[])
    kept = Trade(c, "kept", due_day=trade.due_day - 60)
    kept.register()
    kept.certify(100_000_00)
    kept.to_due_day()
    keys = {
        "leaf": LEAVES.key(leaf),
        "no leaf": LEAVES.key(bytes(20)),
        "certificate": CERTIFICATES.key(certificate),
        "obligation": OBLIGATIONS.key(certificate),
        "account": ACCOUNTS.key(c.account("core")),
        "party": PARTIES.key(c["core"].party),
        "standing": STANDINGS.key(c["core"].party),
        "no standing": STANDINGS.key(c["bank"].party),
        "marker": MARKERS.key(sent.payer, sent.idempotency_key),
    }
    with c.engine.application.store.snapshot() as snapshot:
        keys["asset"] = next(
            key for key, _ in snapshot.scan(ASSETS.prefix, ASSETS.prefix + b"\xff")
        )
    receipt = build_receipt(c.engine.application.store, None, list(keys.values()))
    root = root_of_genesis(c.genesis_bytes)
    report = verify_receipt(receipt, root, allow_simulated=True)
    reader = Reader(root)
    said = dict(zip(keys, (reader.words(entry) for entry in report.entries), strict=True))
    yield said, reader, format_id("leaf", leaf)
    c.close()


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        ("leaf", "held by 演示一级供应商", "持有人 演示一级供应商"),
        ("leaf", "active; not financed", "有效;未融资"),
        ("no leaf", "there is no leaf", "不存在份额"),
        ("certificate", "演示核心企业 owes", "债务人 演示核心企业"),
        ("obligation", "has to pay", "应付"),
        ("account", "balance 4,900,000.00, of it reserved 0.00", "余额 4,900,000.00,其中冻结 0.00"),
        ("party", "演示核心企业 (91990000MA", "成员,正常"),
        ("standing", "1 promises kept in time (100,000.00), 0 defaults", "如期履行 1 笔"),
        ("no standing", "there is no standing", "不存在信用状况"),
        ("asset", "Asset", "currency CNY"),
        ("marker", "there is no Marker", "不存在Marker"),
    ],
)
def test_what_is_proven_is_said_in_both_languages(told, name, english, chinese):
    words = told[0][name]
    assert english in words.english
    assert chinese in words.chinese


def test_an_object_is_called_by_its_id(told):
    said, _, leaf = told
    assert leaf in said["leaf"].english
    assert leaf in said["leaf"].chinese


@pytest.mark.parametrize(
    "entry",
    [
        Entry("ffff01" + "00" * 20, "c0", 7),
        Entry(LEAVES.key(bytes(20)).hex(), "c1", 7),
        Entry(LEAVES.key(bytes(20)).hex(), "90", 7),
    ],
)
def test_what_this_release_cannot_read_is_said_to_be_so(told, entry):
    words = told[1].words(entry)
    assert "not a record that this release reads" in words.english
    assert "无法识读" in words.chinese
    assert entry.key in words.english


def test_every_status_of_an_obligation_has_words():
    assert set(OBLIGATION_STATUSES) == set(ObligationStatus)


def test_money_has_two_decimals():
    assert [money(amount) for amount in (0, 5, -123_456_789)] == ["0.00", "0.05", "-1,234,567.89"]
