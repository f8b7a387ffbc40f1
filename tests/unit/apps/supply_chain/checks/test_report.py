"""The report, and what of it goes on the ledger."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from unit.apps.supply_chain.checks.trades import CLEAN, root_of
from xinlian.apps.supply_chain.checks import CHECKS_VERSION, Check, Severity, check_trade
from xinlian.apps.supply_chain.checks.report import report_of
from xinlian.modules.evidence.messages import SubmitVerdict
from xinlian.modules.evidence.types import VerdictOutcome

ROOTS = (root_of("a"), root_of("b"))


@given(st.lists(st.sampled_from(Check), max_size=60))
def test_every_report_makes_a_verdict_that_the_ledger_takes(checks):
    report = report_of((check.failed(ROOTS, "found") for check in checks), ROOTS, 1)
    verdict = SubmitVerdict(root_of("invoice"), *report.verdict_fields, 0)
    decoded = msgspec.msgpack.decode(msgspec.msgpack.encode(verdict), type=SubmitVerdict)
    decoded.validate_basic()
    assert decoded == verdict


@given(st.lists(st.sampled_from(Check), max_size=8), st.randoms(use_true_random=False))
def test_the_gravest_finding_decides_whatever_the_order(checks, random):
    shuffled = random.sample(checks, len(checks))
    one, other = (
        report_of((check.failed(ROOTS, "found") for check in order), ROOTS, 1)
        for order in (checks, shuffled)
    )
    assert one == other
    gravest = max((check.severity for check in checks), default=Severity.NOTE)
    expected = {
        Severity.NOTE: VerdictOutcome.PASS,
        Severity.REVIEW: VerdictOutcome.HOLD,
        Severity.HOLD: VerdictOutcome.HOLD,
        Severity.BLOCK: VerdictOutcome.BLOCK,
    }
    assert one.outcome == expected[gravest]


def test_a_verdict_that_has_room_for_sixteen_names_the_gravest():
    report = report_of((check.failed(ROOTS, "found") for check in Check), ROOTS, 1)
    named = report.verdict_fields.failures
    blocks = {check.code for check in Check if check.severity == Severity.BLOCK}
    assert len(named) == 16
    assert blocks & set(named) == set(named[: len(blocks)])


def test_a_note_is_told_and_changes_nothing():
    report = check_trade(CLEAN.but("contract", payment_term_days=90).file())
    assert report.outcome == VerdictOutcome.PASS
    assert [note.code for note in report.notes] == ["term.agreed_beyond_60_days"]
    assert report.verdict_fields.failures == ()


def test_the_verdict_is_over_all_documents_in_the_order_of_their_roots():
    report = check_trade(CLEAN.file())
    roots = [document.root for document in CLEAN.documents()]
    assert report.document_roots == tuple(sorted(roots))
    assert report.checks_version == CHECKS_VERSION


def test_what_is_missing_is_said_once_with_its_cure_in_both_languages():
    report = check_trade(CLEAN.lacking("bank", "order").file())
    assert [(fact.flow, fact.code) for fact in report.missing] == [
        ("money", "bank_entry.missing"),
        ("information", "order.missing"),
    ]
    for fact in report.missing:
        assert fact.cure_zh
        assert fact.cure_en


def test_what_is_blocked_has_nothing_missing():
    trade = CLEAN.but("contract", accepts_certificates=False)
    assert check_trade(trade.file()).missing == ()
