"""SC-R1, R2, R14: the boundaries of each cap, and who may lift which."""

import pytest

from unit.apps.supply_chain.looking import try_out
from unit.ledger.fakes import TableView
from xinlian.apps.supply_chain.errors import DueDateInvalid, TermTooLong
from xinlian.apps.supply_chain.policy import (
    EARLIER_TERMS_KEPT,
    EXAMINED_TERM_MONTHS_MAX,
    STRICT_TERM_MONTHS_MAX,
    TERM_MONTHS_MAX,
)
from xinlian.apps.supply_chain.term_messages import ExamineTerm
from xinlian.apps.supply_chain.terms import needs_examination
from xinlian.apps.supply_chain.types import TERM_EXAMINATIONS
from xinlian.client.genesis_plan import default_policy
from xinlian.ledger.overlay import Overlay
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.documents.types import DOCUMENTS, Document
from xinlian.modules.policy.genesis import PolicySection, load
from xinlian.primitives.time import MS_PER_DAY, china_day, china_midnight_ms, day_of_iso
from xinlian.testing import Consortium
from xinlian.testing.consortium import policy_rows
from xinlian.testing.trade import SUCCEEDED, StepRefused, Trade

CONTRACT = b"\x07" * 32
OLD, NEW = "2025-06-14", "2025-06-15"
ROWS = {TERM_MONTHS_MAX, EXAMINED_TERM_MONTHS_MAX, STRICT_TERM_MONTHS_MAX, EARLIER_TERMS_KEPT}


def decided(issued: str, due: str, contract: str, *, strict_months: int = 0) -> str:
    """What the shipped rows say of a term; the contract was registered on a day."""
    rows = [row for row in default_policy().rows if row.name in ROWS]
    if strict_months:
        changed = {STRICT_TERM_MONTHS_MAX: strict_months}
        rows = [row for row in rows if row.name not in changed]
        rows += [row for row in policy_rows(changed) if row.name in changed]
    state = Overlay(TableView())
    load(state, PolicySection(tuple(rows), ()), ROWS, genesis_time_ms=1)
    seen_ms = china_midnight_ms(day_of_iso(contract))
    DOCUMENTS.put(state, Document(bytes(20), "contract", 1, seen_ms, ()), CONTRACT)
    try:
        is_needed = needs_examination(
            state, china_midnight_ms(day_of_iso(issued)), day_of_iso(due), CONTRACT
        )
    except (TermTooLong, DueDateInvalid) as refusal:
        return refusal.name
    return "examine" if is_needed else "allowed"


@pytest.mark.parametrize(
    ("issued", "due", "contract", "expected"),
    [
        ("2025-06-14", "2025-06-14", OLD, "due_date_invalid"),
        ("2025-06-14", "2045-01-01", OLD, "allowed"),  # nothing caps a term yet
        ("2025-06-15", "2025-12-15", NEW, "allowed"),  # six months to the day
        ("2025-06-15", "2025-12-16", NEW, "examine"),
        ("2025-06-15", "2026-06-15", NEW, "examine"),  # twelve months to the day
        ("2025-06-15", "2026-06-16", NEW, "term_too_long"),
        ("2025-06-15", "2045-01-01", OLD, "allowed"),  # an earlier contract keeps its terms
        ("2027-06-14", "2045-01-01", OLD, "allowed"),  # to the last day of the transition
        ("2027-06-15", "2027-12-15", OLD, "allowed"),
        ("2027-06-15", "2027-12-16", OLD, "examine"),
        ("2027-06-15", "2028-06-16", OLD, "term_too_long"),
        ("2026-08-31", "2027-02-28", NEW, "allowed"),  # a month has the days it has
        ("2026-08-31", "2027-03-01", NEW, "examine"),
    ],
)
def test_the_caps_of_the_issue_date_are_kept_to_the_day(issued, due, contract, expected):
    assert decided(issued, due, contract) == expected


@pytest.mark.parametrize(
    ("issued", "due", "contract", "expected"),
    [
        ("2026-10-01", "2027-04-01", NEW, "allowed"),
        ("2026-10-01", "2027-04-02", NEW, "term_too_long"),
        ("2026-10-01", "2027-04-02", OLD, "term_too_long"),
    ],
)
def test_nothing_lifts_the_strict_cap(issued, due, contract, expected):
    assert decided(issued, due, contract, strict_months=6) == expected


@pytest.fixture
def long_trade():
    """A trade whose certificate would run nine months, for which an examination is needed."""
    consortium = Consortium(more_members=("mill",))
    trade = Trade(consortium, due_day=day_of_iso("2027-08-30"))
    trade.register()
    yield trade
    assert consortium.broken_invariants() == []
    consortium.close()


def examination(trade: Trade, certificate: bytes, name: str) -> ExamineTerm:
    grounds = trade.root(f"grounds of {name}")
    trade.step(name, RegisterDocument(grounds, "examination", 1))
    return ExamineTerm(certificate, grounds)


def test_only_a_member_that_is_no_party_examines_on_its_own_grounds(long_trade):
    c = long_trade.consortium
    certificate = long_trade.propose()
    message = {
        name: examination(long_trade, certificate, name)
        for name in ("core", "supplier1", "supplier2", "bank")
    }
    unknown = ExamineTerm(bytes(20), message["bank"].grounds_root)
    unregistered = ExamineTerm(certificate, bytes(32))
    for name, sent, expected in (
        ("bank", unknown, "supply_chain/unknown_certificate"),
        ("core", message["core"], "supply_chain/not_examiner"),  # the obligor
        ("supplier1", message["supplier1"], "supply_chain/not_examiner"),  # the first supplier
        ("supplier2", message["supplier2"], "supply_chain/not_examiner"),  # only a participant
        ("bank", unregistered, "documents/unknown_document"),
        ("bank", message["core"], "supply_chain/not_examiner"),  # grounds of somebody else
        ("bank", message["bank"], SUCCEEDED),
    ):
        tried = try_out(c, name, sent)
        assert tried.reference == expected, sent
        assert tried.changes_nothing == (expected != SUCCEEDED)


def test_every_examination_stays_and_is_of_one_draft(long_trade):
    c = long_trade.consortium
    first, second = long_trade.propose(100_00), long_trade.propose(100_00)
    for name in ("bank", "mill"):
        long_trade.step(name, examination(long_trade, first, name))
    with c.engine.application.store.snapshot() as snapshot:
        examiners = {parts[1] for parts, _ in TERM_EXAMINATIONS.scan(snapshot, first)}
    assert examiners == {c["bank"].party, c["mill"].party}
    long_trade.issue(first)
    with pytest.raises(StepRefused, match="supply_chain/term_not_examined"):
        long_trade.issue(second)


def test_a_term_is_examined_before_its_certificate_is_issued_or_lapses(long_trade):
    c = long_trade.consortium
    issued = long_trade.propose(100_00)
    examine = examination(long_trade, issued, "bank")
    long_trade.step("bank", examine)
    long_trade.issue(issued)
    assert try_out(c, "bank", examine).reference == "supply_chain/wrong_state"
    draft = long_trade.propose(100_00)
    c.advance_to(c.now_ms() + 8 * MS_PER_DAY)
    c.settle_due_work()
    late = ExamineTerm(draft, examine.grounds_root)
    assert try_out(c, "bank", late).reference == "supply_chain/wrong_state"  # it is void


def test_a_draft_is_judged_anew_by_the_day_on_which_it_is_issued():
    begins_ms = china_midnight_ms(day_of_iso("2025-06-14"))
    rows = [row for row in default_policy().rows if row.name in ROWS - {EARLIER_TERMS_KEPT}]
    consortium = Consortium(genesis_time_ms=begins_ms, dated_rows=rows)
    trade = Trade(consortium, due_day=china_day(begins_ms) + 500)
    trade.register()
    draft = trade.propose()  # nothing caps a term today
    consortium.advance_to(begins_ms + MS_PER_DAY)
    with pytest.raises(StepRefused, match="supply_chain/term_too_long"):
        trade.issue(draft)
    consortium.close()
