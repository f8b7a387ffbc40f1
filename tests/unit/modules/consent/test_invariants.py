"""Each way in which a read can lie outside its consent is seen."""

import msgspec
import pytest

from xinlian.ledger.overlay import Overlay
from xinlian.ledger.records import integer_part
from xinlian.modules.consent.invariants import reads_are_counted, reads_lie_within_consents
from xinlian.modules.consent.types import CONSENTS, READS, Consent, ConsentRead, ConsentStatus
from xinlian.primitives.time import MS_PER_DAY
from xinlian.storage import MemoryStore

ID = b"c" * 20
CONSENT = Consent(
    subject=b"s" * 20,
    reader=b"r" * 20,
    purpose="loan_approval",
    data_kinds=("activity", "buyers"),
    from_ms=1_000,
    until_ms=1_000 + 3 * MS_PER_DAY,
    reads_max=2,
    period_days=1,
    terms_root=b"",
    status=ConsentStatus.GIVEN,
    given_at_ms=1,
    ended_at_ms=0,
    read_count=1,
    period_no=0,
    period_reads=1,
    item_due_at_ms=1,
    item_no=1,
)
READ = ConsentRead(b"r" * 20, b"s" * 20, "loan_approval", ("buyers",), bytes(32), 1_000)


def state_of(consent, *reads):
    with MemoryStore().snapshot() as empty:
        state = Overlay(empty)
    CONSENTS.put(state, consent, ID)
    for number, read in enumerate(reads):
        READS.put(state, read, ID, integer_part(number))
    return state


def test_a_read_at_each_end_of_the_time_is_within():
    last = msgspec.structs.replace(READ, read_at_ms=CONSENT.until_ms)
    for read in (READ, last):
        assert list(reads_lie_within_consents(state_of(CONSENT, read))) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"read_at_ms": 999},
        {"read_at_ms": CONSENT.until_ms + 1},
        {"purpose": "post_loan"},
        {"data_kinds": ("own_promises",)},
        {"reader": b"x" * 20},
        {"subject": b"x" * 20},
    ],
)
def test_a_read_outside_is_named(changes):
    state = state_of(CONSENT, msgspec.structs.replace(READ, **changes))
    assert list(reads_lie_within_consents(state))


def test_a_read_behind_the_revocation_is_named():
    revoked = msgspec.structs.replace(CONSENT, status=ConsentStatus.REVOKED, ended_at_ms=5_000)
    before, behind = (msgspec.structs.replace(READ, read_at_ms=at) for at in (5_000, 5_001))
    assert list(reads_lie_within_consents(state_of(revoked, before))) == []
    assert list(reads_lie_within_consents(state_of(revoked, behind)))


def test_counts_are_those_of_the_reads_in_all_and_in_the_last_period():
    assert list(reads_are_counted(state_of(CONSENT, READ))) == []
    for changes in ({"read_count": 2}, {"period_reads": 2}, {"period_no": 1}):
        miscounted = msgspec.structs.replace(CONSENT, **changes)
        assert list(reads_are_counted(state_of(miscounted, READ)))


def test_more_reads_than_an_earlier_period_allowed_are_named():
    tomorrow = msgspec.structs.replace(READ, read_at_ms=1_000 + MS_PER_DAY)
    counted = msgspec.structs.replace(CONSENT, read_count=4, period_no=1)
    found = list(reads_are_counted(state_of(counted, READ, READ, READ, tomorrow)))
    assert found == [f"consent {ID.hex()} was read more often than it allows"]
