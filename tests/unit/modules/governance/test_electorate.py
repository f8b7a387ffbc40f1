"""When votes are enough, against exact fractions; and who votes, at the edges of time."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.ledger.fakes import TableView
from xinlian.ledger.overlay import Overlay
from xinlian.modules.governance.electorate import Tally, electorate_at, is_enough
from xinlian.modules.governance.rules import row_in_force
from xinlian.modules.governance.types import (
    FOUNDING,
    Founding,
    Proposal,
    ProposalKind,
    ProposalStatus,
)
from xinlian.modules.members.membership import Elector
from xinlian.primitives.time import MS_PER_DAY

FOUNDED_MS = 1_000 * MS_PER_DAY
SHARES = {8: Fraction(2, 3), 9: Fraction(3, 4)}
KINDS = list(ProposalKind)


@pytest.fixture
def state():
    written = Overlay(TableView())
    FOUNDING.put(written, Founding(FOUNDED_MS))
    return written


def proposal(kind: ProposalKind, vetoed_at_ms: int = 0, evidence: bytes = b"") -> Proposal:
    status = ProposalStatus.OPEN
    return Proposal(kind, status, bytes(20), b"", 1, 2, 0, 1, vetoed_at_ms, evidence)


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    electors = draw(st.integers(0, 1_000))
    cast = draw(st.integers(0, electors))
    return Tally(electors, cast, draw(st.integers(0, cast)))


@given(tallies(), st.sampled_from(KINDS))
def test_a_share_is_of_all_electors_exactly(counted, kind):
    row = row_in_force(TableView(), kind, 1)
    passes = is_enough(counted, row, proposal(kind))
    if counted.electors <= 2:
        assert passes == (counted.in_favour == counted.electors > 0)
        return
    share = Fraction(counted.in_favour, counted.electors)
    assert passes == (share >= SHARES[row.threshold_twelfths])


@given(tallies())
def test_after_a_veto_three_quarters_and_evidence_are_asked_for(counted):
    row = row_in_force(TableView(), ProposalKind.RECOVER, 1)
    assert not is_enough(counted, row, proposal(ProposalKind.RECOVER, 1))
    with_evidence = proposal(ProposalKind.RECOVER, 1, bytes(32))
    passes = is_enough(counted, row, with_evidence)
    if counted.electors > 2:
        assert passes == (Fraction(counted.in_favour, counted.electors) >= Fraction(3, 4))


@given(tallies(), st.sampled_from(KINDS))
def test_one_more_yes_never_undoes_a_decision(counted, kind):
    row = row_in_force(TableView(), kind, 1)
    more = Tally(counted.electors, max(counted.cast, counted.in_favour + 1), counted.in_favour + 1)
    if is_enough(counted, row, proposal(kind)) and more.cast <= more.electors:
        assert is_enough(more, row, proposal(kind))


@pytest.mark.parametrize(
    ("published_day", "admitted_day", "votes"),
    [
        (0, 0, True),
        (179, 179, True),
        (179, 180, False),
        (180, 0, True),
        (180, 1, False),
        (400, 220, True),
        (400, 221, False),
    ],
)
def test_seasoning_begins_when_the_consortium_is_180_days_old(
    state, published_day, admitted_day, votes
):
    at_ms = FOUNDED_MS + published_day * MS_PER_DAY
    elector = Elector(FOUNDED_MS + admitted_day * MS_PER_DAY, b"")
    assert electorate_at(state, at_ms).has(elector) is votes
    assert not electorate_at(state, at_ms).has(Elector(elector.admitted_at_ms, bytes(20)))
