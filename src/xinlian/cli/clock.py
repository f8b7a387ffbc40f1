"""What ``xinlian tx schedule advance-clock`` answers: where a simulated clock was, and where it is.

Rules this file keeps:
 1. The answer is of the ledger's headers, never of what was asked for: a clock that is still on its
    way, or that others have yet to agree to move, is said to be so.
"""

from typing import Final

from xinlian.primitives.time import iso_of_ms

ARRIVAL_SECONDS_MAX: Final = 5.0
"""How long a command waits for the clock to get there."""


def clock_words(before_ms: int, now_ms: int, now_height: int, target_ms: int) -> dict[str, object]:
    """Return the old and the new time of the ledger, the height of the latter, and a sentence."""
    from_text, to_text = iso_of_ms(before_ms), iso_of_ms(now_ms)
    if now_ms >= target_ms:
        said = (
            f"时钟已从 {from_text} 拨到 {to_text},高度 {now_height} / "
            f"the clock went from {from_text} to {to_text}, at height {now_height}"
        )
    else:
        target_text = iso_of_ms(target_ms)
        said = (
            f"已记录,时钟现为 {to_text}(高度 {now_height}),尚未到达 {target_text} / "
            f"recorded; the clock is at {to_text} (height {now_height}), not yet {target_text}"
        )
    return {
        "before_ms": before_ms,
        "now_ms": now_ms,
        "now_height": now_height,
        "target_ms": target_ms,
        "said": said,
    }
