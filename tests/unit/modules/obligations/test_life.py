"""The state of an obligation after a change, without a ledger around it."""

import msgspec
import pytest

from xinlian.modules.obligations.life import (
    BINDING,
    IN_TIME,
    LATE,
    PAYABLE,
    after_change,
    status_after_release,
)
from xinlian.modules.obligations.types import (
    Obligation,
    ObligationStatus,
    ReleaseReason,
    SourceKind,
)

S, R = ObligationStatus, ReleaseReason


def owed(status, performed_minor=0, disputed_minor=0):
    return Obligation(
        debtor=b"d" * 20,
        asset=b"a" * 20,
        amount_minor=100,
        performed_minor=performed_minor,
        released_minor=0,
        awaiting_minor=0,
        due_day=0,
        due_at_ms=0,
        cutoff_at_ms=0,
        status=status,
        source_kind=3,
        account=b"",
        authority_cap_minor=0,
        authority_until_ms=0,
        disputed_minor=disputed_minor,
    )


def test_what_is_payable_is_in_time_or_late_and_binds():
    assert set(IN_TIME) & set(LATE) == set()
    assert set(PAYABLE) == set(IN_TIME) | set(LATE)
    assert set(PAYABLE) < set(BINDING)


@pytest.mark.parametrize(
    ("before", "performed_minor", "disputed_minor", "after"),
    [
        (S.DUE, 40, 0, S.PART_PERFORMED),
        (S.DUE, 100, 0, S.DUE),
        (S.DEFAULTED, 40, 0, S.DEFAULTED),
        (S.DUE, 40, 60, S.DISPUTED),
        (S.CALLED, 40, 60, S.DISPUTED),
        (S.OPEN, 40, 60, S.OPEN),
    ],
)
def test_the_state_after_a_change(before, performed_minor, disputed_minor, after):
    changed = after_change(owed(before, performed_minor, disputed_minor))
    assert changed.status == after


def test_no_more_is_disputed_than_is_open():
    assert after_change(owed(S.OPEN, 70, 60)).disputed_minor == 30


@pytest.mark.parametrize(
    ("reason", "performed_minor", "status"),
    [
        (R.FORGIVEN, 40, S.FORGIVEN),
        (R.SUBROGATED, 40, S.SUBROGATED),
        (R.REDUCED, 40, S.PERFORMED),
        (R.REDUCED, 0, S.CANCELLED),
        (R.CANCELLED, 40, S.CANCELLED),
        (R.VOIDED, 0, S.CANCELLED),
    ],
)
def test_how_it_ends_when_the_last_of_it_is_released(reason, performed_minor, status):
    assert status_after_release(owed(S.DUE, performed_minor), reason) == status


@pytest.mark.parametrize(
    ("performed_minor", "status"),
    [(0, S.CANCELLED), (40, S.PERFORMED)],
)
def test_a_certificate_that_is_paid_in_part_and_cancelled_for_the_rest_was_kept(
    performed_minor, status
):
    promise = owed(S.OPEN, performed_minor)
    certificate = msgspec.structs.replace(promise, source_kind=SourceKind.CERTIFICATE)
    assert status_after_release(certificate, R.CANCELLED) == status
