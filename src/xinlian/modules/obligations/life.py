"""Which states of an obligation belong together, and in which one it is after a change; all pure.

Rules this file keeps:
 1. Where all that is open is disputed, nobody is late: it is disputed.
 2. A part that is paid of what is due shows in the state; a default stays one while something is
    open.
 3. A certificate of which a part was paid and the rest cancelled was kept: what was owed in the end
    has been paid. It says so, and so does its obligation.
"""

from typing import Final

import msgspec

from xinlian.modules.obligations.types import (
    Obligation,
    ObligationStatus,
    ReleaseReason,
    SourceKind,
)

IN_TIME: Final = (ObligationStatus.DUE, ObligationStatus.PART_PERFORMED)
"""Due, and not in default."""
LATE: Final = (ObligationStatus.DEFAULTED, ObligationStatus.CALLED)
PAYABLE: Final = (*IN_TIME, *LATE)
"""Performed as soon as the money is there."""
BINDING: Final = (ObligationStatus.OPEN, ObligationStatus.DISPUTED, *PAYABLE)
"""Something is owed."""

KEPT: Final = (ObligationStatus.PERFORMED, ObligationStatus.CURED)
"""All that was owed in the end has been paid."""


def after_change(changed: Obligation) -> Obligation:
    """Return an obligation of which less is open: its status, and what of it is disputed."""
    disputed_minor = min(changed.disputed_minor, changed.open_minor - changed.awaiting_minor)
    changed = msgspec.structs.replace(changed, disputed_minor=max(disputed_minor, 0))
    only_disputed = 0 < changed.open_minor == changed.disputed_minor
    if changed.status in PAYABLE and only_disputed:
        return msgspec.structs.replace(changed, status=ObligationStatus.DISPUTED)
    if changed.status == ObligationStatus.DUE and changed.performed_minor and changed.open_minor:
        return msgspec.structs.replace(changed, status=ObligationStatus.PART_PERFORMED)
    return changed


def status_after_release(released: Obligation, reason: ReleaseReason) -> ObligationStatus:
    """Return how an obligation ended of which the last amount was released."""
    if reason == ReleaseReason.FORGIVEN:
        return ObligationStatus.FORGIVEN
    if reason == ReleaseReason.SUBROGATED:
        return ObligationStatus.SUBROGATED
    # Sides that end an agreement of their own cancel it, whatever was paid of it before.
    is_kept = reason == ReleaseReason.REDUCED or (
        reason == ReleaseReason.CANCELLED and released.source_kind == SourceKind.CERTIFICATE
    )
    if is_kept and released.performed_minor:
        return ObligationStatus.PERFORMED
    return ObligationStatus.CANCELLED
