"""The live mode: recent votes upon a recent root, or a refusal that says what to do."""

import pytest

from golden import derive_receipts as derived
from unit.verifier.networks import FIELDS, Signer, receipt_by, root_of
from xinlian.verifier import (
    TRUSTING_PERIOD_MS,
    Live,
    VerificationFailed,
    root_of_genesis,
    verify_file,
    verify_receipt,
)
from xinlian.verifier.live import CLOCK_DRIFT_MAX_MS

SIGNERS = tuple(Signer(number) for number in range(1, 5))
FILE = receipt_by(SIGNERS)
TIME_MS = FIELDS[3][0][0][3]
"""Of the receipt's header."""
ROOT = root_of(*SIGNERS, time_ms=TIME_MS)


def verified(now_ms, root=ROOT):
    return verify_receipt(FILE, root, allow_simulated=True, live=Live(now_ms))


def test_recent_votes_upon_a_recent_root_are_believed_and_said_so():
    report = verified(TIME_MS + 1_000)
    assert report.mode == "live"
    assert "held to account" in report.assumption
    assert "信任期" in report.assumption_zh
    archival = verify_receipt(FILE, ROOT, allow_simulated=True)
    assert archival.mode == "archival"
    assert "held to account" not in archival.assumption


def test_what_is_as_old_as_the_trusting_period_is_not():
    verified(TIME_MS + TRUSTING_PERIOD_MS - 1)
    with pytest.raises(VerificationFailed, match="is 32 hours old: take a newer checkpoint"):
        verified(TIME_MS + TRUSTING_PERIOD_MS)


def test_an_old_header_upon_a_new_root_is_read_as_a_file():
    later = root_of(*SIGNERS, time_ms=TIME_MS + TRUSTING_PERIOD_MS)
    with pytest.raises(VerificationFailed, match=r"header of height .* hours old"):
        verified(TIME_MS + TRUSTING_PERIOD_MS, later)
    higher = root_of(*SIGNERS, time_ms=TIME_MS, height=10**6)
    with pytest.raises(VerificationFailed, match="is before the genesis: verify it as a file"):
        verified(TIME_MS, higher)


def test_a_header_of_a_time_to_come_is_refused():
    verified(TIME_MS - CLOCK_DRIFT_MAX_MS)
    with pytest.raises(VerificationFailed, match="time to come"):
        verified(TIME_MS - CLOCK_DRIFT_MAX_MS - 1)


def test_one_operator_is_no_quorum_and_other_files_have_no_live_mode():
    files = {name: data for name, (data, _) in derived.valid().items()}
    root = root_of_genesis(derived.genesis())
    with pytest.raises(VerificationFailed, match="no quorum"):
        verify_file(files["transaction"], root, live=Live(derived.TIME_MS))
    with pytest.raises(VerificationFailed, match="receipts alone"):
        verify_file(files["checkpoint"], root, live=Live(derived.TIME_MS))


@pytest.mark.parametrize("period_ms", [0, -1])
def test_a_period_of_nothing_is_refused(period_ms):
    with pytest.raises(ValueError, match="above 0"):
        Live(0, period_ms)
