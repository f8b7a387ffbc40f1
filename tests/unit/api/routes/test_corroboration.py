"""The answer about a subject: what its facts and verdicts come to, and what would cure it."""

import msgspec
import pytest

from xinlian.api.routes.corroboration import corroboration_answer
from xinlian.modules.evidence.cures import AGREE, CURES, SPEAK_AGAIN
from xinlian.modules.evidence.types import Flow
from xinlian.primitives import format_id
from xinlian.readmodels.rows import DeviceRow, FactRow, Page, VerdictRow

SUBJECT = "00" * 32
CORE, BANK = (format_id("party", bytes((number,)) * 20) for number in (1, 2))
ROOT = "11" * 32
GOODS = FactRow(
    height=3,
    time_ms=1_000,
    changed_height=3,
    fact_id="f",
    subject=SUBJECT,
    document_root=ROOT,
    kind="goods_receipt",
    flow="goods",
    grade="a",
    signer=CORE,
)
MONEY = msgspec.structs.replace(GOODS, kind="bank_entry", flow="money")
INFORMATION = msgspec.structs.replace(GOODS, kind="invoice", flow="information")
PASSES = VerdictRow(
    height=3,
    time_ms=1_000,
    changed_height=3,
    verdict_id="v",
    subject=SUBJECT,
    party=BANK,
    outcome="pass",
    failures=(),
    document_roots=(ROOT,),
    checks_version=1,
    given_at_ms=1_000,
    expires_at_ms=5_000,
)
BLOCKS = msgspec.structs.replace(PASSES, party=CORE, outcome="block", failures=("quantity",))


DEVICE = DeviceRow(
    height=3,
    time_ms=1_000,
    changed_height=3,
    device_id=format_id("device", bytes((3,)) * 20),
    owner=CORE,
    serves=CORE,
    public_key=ROOT,
    kind="weight",
    interval_ms=1_000,
    silence_ms=5_000,
    lowest_e3=0,
    highest_e3=1,
    speed_max_kmh=0,
    flat_after=0,
    terms_root="",
    until_ms=90_000,
    status="in_use",
    batch_count=1,
    last_no=1,
    heard_at_ms=1_000,
    alert_rules=("above_limit",),
    alert_version=1,
    alert_root=ROOT,
    alerted_at_ms=1_000,
    alert_until_ms=3_000,
)


def answer(facts, verdicts, time_ms=2_000, watching=()):
    return corroboration_answer(
        SUBJECT,
        Page(rows=facts, next_cursor=None, height=7, time_ms=time_ms),
        Page(rows=verdicts, next_cursor=None, height=8, time_ms=time_ms),
        watching,
    )


def test_a_corroborated_subject_needs_no_cure():
    found = answer((GOODS, MONEY, INFORMATION), (PASSES,))
    assert (found.result, found.complete, found.cures) == ("corroborated", True, ())
    assert found.height == 8


def test_what_is_missing_comes_with_its_cure_in_two_languages():
    found = answer((GOODS,), ())
    assert (found.result, found.complete) == ("uncorroborated", False)
    assert [cure.of for cure in found.cures] == list(found.missing) == ["money", "information"]
    assert found.cures[0].chinese == CURES[Flow.MONEY].chinese
    assert found.cures[1].english == CURES[Flow.INFORMATION].english


def test_a_contradiction_names_both_sides_until_a_verdict_expires():
    facts = (GOODS, MONEY, INFORMATION)
    found = answer(facts, (PASSES, BLOCKS))
    assert (found.result, found.complete) == ("contradicted", False)
    assert (found.passing, found.blocking) == ((BANK,), (CORE,))
    assert [(cure.of, cure.english) for cure in found.cures] == [("contradiction", AGREE.english)]
    assert answer(facts, (PASSES, BLOCKS), 5_001).result == "corroborated"


@pytest.mark.parametrize(
    ("time_ms", "changes", "reasons"),
    [
        (2_000, {}, ("above_limit",)),
        (4_000, {}, ()),
        (6_001, {}, ("silent",)),
        (2_000, {"status": "retired"}, ("retired",)),
        (2_000, {"alert_rules": ()}, ()),
    ],
)
def test_a_device_that_warns_withholds_the_subject_and_is_named(time_ms, changes, reasons):
    device = msgspec.structs.replace(DEVICE, **changes)
    found = answer((GOODS, MONEY, INFORMATION), (), time_ms, (device,))
    assert found.result == ("withheld" if reasons else "corroborated")
    assert found.complete == (not reasons)
    assert [one.reasons for one in found.warnings] == ([reasons] if reasons else [])
    cures = [(cure.of, cure.chinese) for cure in found.cures]
    assert cures == ([("warning", SPEAK_AGAIN.chinese)] if reasons else [])
