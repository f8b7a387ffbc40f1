"""The live mode: what a running program may believe of a network, by the rules of light clients.

In archival mode a file rests on votes whatever their age: validators may have left since, and what
becomes of their retired keys is a matter of their diligence.  A program that acts on what it reads
asks for more: that root of trust and header are so recent that whoever voted twice
can still be held to account.

Rules this file keeps:
 1. The trusting period lies well below the age at which the engine still takes evidence.
 2. The root itself must be recent: a program keeps a checkpoint and renews it from receipts.
 3. Only headers after the root are believed; older ones are read in archival mode.
 4. The clock is the caller's; this package reads none.

Source: CometBFT specification, light client, verification and its trusting period.
"""

import dataclasses
from typing import Final

from xinlian.crypto.receipt_format import ENGINE_COMETBFT
from xinlian.verifier.reading import VerificationFailed
from xinlian.verifier.report import MODE_LIVE, Report
from xinlian.verifier.trust import TrustRoot

TRUSTING_PERIOD_MS: Final = 32 * 3_600_000
"""Two thirds of the 48 hours in which the engine takes evidence by default."""
CLOCK_DRIFT_MAX_MS: Final = 10_000
"""By how much a header may be ahead of the caller's clock."""


@dataclasses.dataclass(frozen=True, slots=True)
class Live:
    """The caller's time, and how old what it believes may be."""

    now_ms: int
    trusting_period_ms: int = TRUSTING_PERIOD_MS

    def __post_init__(self) -> None:
        """Refuse a period that is none; raises ValueError."""
        if self.trusting_period_ms <= 0:
            raise ValueError("the trusting period must be above 0 ms")


def require_live(report: Report, root: TrustRoot, live: Live) -> Report:
    """Return a report as one of the live mode; raises VerificationFailed where it is not."""
    step = "live"
    if report.engine != ENGINE_COMETBFT:
        raise VerificationFailed(
            step, "one operator orders this chain: there is no quorum to trust"
        )
    _require_recent(root.time_ms, live, f"the {root.kind}", "take a newer checkpoint")
    for header in report.headers:
        what = f"the header of height {header.height}"
        if header.height < root.height:
            raise VerificationFailed(step, f"{what} is before the {root.kind}: verify it as a file")
        _require_recent(header.time_ms, live, what, "ask for a newer one, or verify it as a file")
        if header.time_ms > live.now_ms + CLOCK_DRIFT_MAX_MS:
            raise VerificationFailed(step, f"{what} is of a time to come: look at your clock")
    return dataclasses.replace(report, mode=MODE_LIVE)


def _require_recent(time_ms: int, live: Live, what: str, advice: str) -> None:
    if time_ms <= live.now_ms - live.trusting_period_ms:
        hours = (live.now_ms - time_ms) // 3_600_000
        raise VerificationFailed("live", f"{what} is {hours} hours old: {advice}")
