"""What must hold at every height for obligations; each returns what it found broken, in words."""

from collections.abc import Iterator

from xinlian.ledger.ports import StateView
from xinlian.modules.obligations.types import OBLIGATIONS, ObligationStatus

_ENDED = (ObligationStatus.PERFORMED, ObligationStatus.CURED, ObligationStatus.CANCELLED)


def obligations_add_up(state: StateView) -> Iterator[str]:
    """Performed + open + released = amount; an ended one has nothing open; caps hold."""
    for (obligation_id,), obligation in OBLIGATIONS.scan(state):
        if obligation.open_minor < 0 or obligation.awaiting_minor > max(obligation.open_minor, 0):
            yield f"obligation {obligation_id.hex()} does not add up"
        if obligation.status in _ENDED and obligation.open_minor:
            yield f"obligation {obligation_id.hex()} ended with an open amount"
        if obligation.account and obligation.performed_minor > obligation.authority_cap_minor:
            yield f"obligation {obligation_id.hex()} was paid beyond its authority"


INVARIANTS = (obligations_add_up,)
