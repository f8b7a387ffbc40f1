"""Proven entries in words that a banker reads, in both languages."""

import pytest

from unit.ledger.fakes import TableView
from xinlian.apps.supply_chain.holds import FREEZES, FreezeOrder, FreezeStatus
from xinlian.apps.supply_chain.types import CERTIFICATES, LEAVES
from xinlian.cli.plain_words import OBLIGATION_STATUSES, Reader, money
from xinlian.engines.embedded import build_receipt
from xinlian.ledger.outcomes import MARKERS
from xinlian.ledger.overlay import Overlay
from xinlian.modules.accounts.types import ACCOUNTS, ASSETS
from xinlian.modules.members.types import PARTIES
from xinlian.modules.obligations.types import OBLIGATIONS, ObligationStatus
from xinlian.modules.standing.types import STANDINGS
from xinlian.primitives import format_id
from xinlian.primitives.time import china_midnight_ms, day_of_iso
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


@pytest.mark.parametrize(
    ("status", "english", "chinese"),
    [
        (FreezeStatus.ORDERED, "not confirmed: it holds nothing", "未经确认"),
        (FreezeStatus.IN_FORCE, "in force", "冻结中"),
        (FreezeStatus.LIFTED, "lifted by the court", "法院已解除"),
        (FreezeStatus.EXPIRED, "expired", "已到期失效"),
    ],
)
def test_a_freeze_order_says_who_holds_what_and_how_much_was_paid_aside(
    told, status, english, chinese
):
    reader = told[1]
    subject, last_ms = bytes(20), china_midnight_ms(day_of_iso("2027-03-01"))
    order = FreezeOrder(
        *(bytes(20), bytes(32), bytes(32), bytes(20), subject),
        is_of_holder=False,
        account=bytes(20),
        ordered_at_ms=1,
        confirmed_at_ms=0,
        confirmed_by=b"",
        expires_at_ms=last_ms,
        status=status,
        received_minor=1_234_00,
    )
    state = Overlay(TableView({}))
    FREEZES.put(state, order, subject)
    key = FREEZES.key(subject)
    said = reader.words(Entry(key.hex(), (state.get(key) or b"").hex(), 7))
    for words, status_words in ((said.english, english), (said.chinese, chinese)):
        assert status_words in words
        assert format_id("leaf", subject) in words
        assert "2027-03-01" in words
        assert "1,234.00" in words


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
