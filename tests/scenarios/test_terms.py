"""For how long a certificate may run: the same request, nine months, under four dates.

Roles: core owes, supplier1 is owed, bank examines.  The rows are those that the package ships, from
1 June 2025 on; but the test puts the announced cap of six months in force for the last quarter of
2026, whose own date nobody knows yet.
"""

import msgspec
import pytest

from support.happened import happened
from xinlian.apps.supply_chain.events import TermExamined
from xinlian.apps.supply_chain.policy import (
    EARLIER_TERMS_KEPT,
    EXAMINED_TERM_MONTHS_MAX,
    STRICT_TERM_MONTHS_MAX,
    TERM_MONTHS_MAX,
)
from xinlian.apps.supply_chain.term_messages import ExamineTerm
from xinlian.client.genesis_plan import default_policy
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.primitives.time import (
    MS_PER_HOUR,
    add_months,
    china_day,
    china_midnight_ms,
    day_of_iso,
)
from xinlian.testing import Consortium
from xinlian.testing.trade import StepRefused, Trade

REQUEST_MONTHS = 9
ROWS = (TERM_MONTHS_MAX, EXAMINED_TERM_MONTHS_MAX, STRICT_TERM_MONTHS_MAX, EARLIER_TERMS_KEPT)


def morning_ms(date: str) -> int:
    return china_midnight_ms(day_of_iso(date)) + 10 * MS_PER_HOUR


def rows_with_strict_cap():
    """The shipped rows, and a strict cap of six months from October to December 2026."""
    shipped = {row.name: row for row in default_policy().rows}
    off = shipped[STRICT_TERM_MONTHS_MAX].versions[-1]
    assert off.value == 0  # it ships without effect
    begun = msgspec.structs.replace(off, effective_from_ms=morning_ms("2026-10-01"), value=6)
    ended = msgspec.structs.replace(off, effective_from_ms=morning_ms("2027-01-01"))
    strict = msgspec.structs.replace(shipped[STRICT_TERM_MONTHS_MAX], versions=(off, begun, ended))
    return [strict if name == STRICT_TERM_MONTHS_MAX else shipped[name] for name in ROWS]


@pytest.fixture
def consortium():
    made = Consortium(
        genesis_time_ms=morning_ms("2025-06-01"),
        dated_rows=rows_with_strict_cap(),
    )
    yield made
    assert made.broken_invariants() == []
    made.close()


def traded(consortium: Consortium, name: str) -> Trade:
    """A trade whose contract the ledger sees now."""
    trade = Trade(consortium, name)
    trade.register()
    return trade


def ask(trade: Trade, *, examined: bool) -> str:
    """Ask for nine months from today on; return what becomes of it."""
    trade.due_day = add_months(china_day(trade.consortium.now_ms()), REQUEST_MONTHS)
    try:
        certificate = trade.propose(100_00)
        if examined:
            grounds = trade.root(f"grounds {trade.due_day}")
            trade.step("bank", RegisterDocument(grounds, "examination", 1))
            trade.step("bank", ExamineTerm(certificate, grounds))
        trade.issue(certificate)
    except StepRefused as refusal:
        return str(refusal)
    return "issued"


def test_nine_months_are_decided_by_the_rules_of_the_issue_date(consortium):
    early = [traded(consortium, name) for name in ("first", "second", "third", "fourth")]

    # Before 15 June 2025 nothing caps a term.
    consortium.advance_to(morning_ms("2025-06-14"))
    assert ask(early[0], examined=False) == "issued"

    # From then on nine months need a bank's examination; an earlier contract keeps its terms.
    consortium.advance_to(morning_ms("2025-06-16"))
    late = [traded(consortium, name) for name in ("fifth", "sixth", "seventh")]
    assert ask(late[0], examined=False) == "supply_chain/term_not_examined"
    assert ask(late[0], examined=True) == "issued"
    assert [event.examiner for event in happened(consortium, TermExamined)] == [
        consortium["bank"].party
    ]
    assert ask(early[1], examined=False) == "issued"

    # Under the announced cap nine months are too long: examined or not, whatever the contract.
    consortium.advance_to(morning_ms("2026-10-08"))
    assert ask(late[1], examined=False) == "supply_chain/term_too_long"
    assert ask(late[1], examined=True) == "supply_chain/term_too_long"
    assert ask(early[2], examined=False) == "supply_chain/term_too_long"

    # After the transition an earlier contract is like every other.
    consortium.advance_to(morning_ms("2027-06-15"))
    assert ask(early[3], examined=False) == "supply_chain/term_not_examined"
    assert ask(early[3], examined=True) == "issued"
    assert ask(late[2], examined=False) == "supply_chain/term_not_examined"
