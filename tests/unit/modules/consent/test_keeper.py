"""Which refusal a read meets where several stand against it, and how periods are counted."""

import msgspec
import pytest

from unit.modules.consent.test_invariants import CONSENT
from xinlian.modules.consent.errors import (
    ConsentNotBegun,
    DataOutside,
    PurposeOutside,
    ReadsUsedUp,
)
from xinlian.modules.consent.keeper import check_read
from xinlian.primitives.time import MS_PER_DAY

USED_UP = msgspec.structs.replace(CONSENT, period_reads=2)
RIGHT = ("loan_approval", ("activity",))
WRONG = ("post_loan", ("own_promises",))


@pytest.mark.parametrize(
    ("consent", "purpose", "kinds", "at_ms", "refusal"),
    [
        (USED_UP, *WRONG, 999, ConsentNotBegun),
        (USED_UP, *WRONG, 1_000, PurposeOutside),
        (USED_UP, RIGHT[0], WRONG[1], 1_000, DataOutside),
        (USED_UP, *RIGHT, 1_000, ReadsUsedUp),
        (CONSENT, *RIGHT, 1_000, None),
    ],
)
def test_the_first_refusal_in_the_documented_order_is_given(
    consent, purpose, kinds, at_ms, refusal
):
    if refusal is None:
        check_read(consent, purpose, kinds, at_ms)
        return
    with pytest.raises(refusal):
        check_read(consent, purpose, kinds, at_ms)


def test_a_new_period_begins_with_its_first_millisecond():
    behind_ms = CONSENT.from_ms + MS_PER_DAY
    with pytest.raises(ReadsUsedUp):
        check_read(USED_UP, *RIGHT, behind_ms - 1)
    check_read(USED_UP, *RIGHT, behind_ms)
    assert (CONSENT.period_at(behind_ms - 1), CONSENT.period_at(behind_ms)) == (0, 1)
