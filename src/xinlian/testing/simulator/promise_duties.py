"""What the schedule must have done with promises by now, in the reference model.

Rules this file keeps:
 1. A duty is overdue when its moment has come, whatever the ledger says of it.
"""

from collections.abc import Iterator
from typing import Final

from xinlian.primitives.time import china_midnight_ms
from xinlian.testing.simulator.consequences import (
    cutoff_ms,
    due_ms,
    is_being_paid,
    is_fact_there,
    left_of_authority,
    order_ends_ms,
)
from xinlian.testing.simulator.model import Model
from xinlian.testing.simulator.records import INTEREST, Promise


def overdue_promises(model: Model) -> Iterator[tuple[str, bytes]]:
    """Yield what the schedule should have done with promises by now."""
    for promise_id, promise in model.promises.items():
        for rule, is_overdue in _DUTIES.items():
            if is_overdue(model, promise_id, promise):
                yield rule, promise_id


def _should_lapse(model: Model, promise_id: bytes, promise: Promise) -> bool:
    del promise_id
    return promise.stage == "proposed" and model.time_ms > promise.window_ms


def _should_be_judged(model: Model, promise_id: bytes, promise: Promise) -> bool:
    del promise_id
    if promise.stage != "open" or promise.condition is None:
        return False
    is_over = model.time_ms >= china_midnight_ms(promise.due_day + 1)
    return is_over or is_fact_there(model, promise)


def _should_fall_due(model: Model, promise_id: bytes, promise: Promise) -> bool:
    del promise_id
    is_waiting = promise.condition is not None or promise.is_due
    return promise.stage == "open" and not is_waiting and model.time_ms >= due_ms(model, promise)


def _should_default(model: Model, promise_id: bytes, promise: Promise) -> bool:
    if promise.stage != "open" or not promise.is_due or promise.kind == INTEREST:
        return False
    is_late = model.time_ms >= cutoff_ms(model, promise)
    return is_late and promise.payable_minor > 0 and not is_being_paid(model, promise_id)


def _should_end_order(model: Model, promise_id: bytes, promise: Promise) -> bool:
    del promise_id
    return promise.awaiting_minor > 0 and model.time_ms > order_ends_ms(model, promise)


def _should_be_paid(model: Model, promise_id: bytes, promise: Promise) -> bool:
    """Whether all that waits for the account could be paid, and this was not."""
    if not promise.is_due or not promise.is_binding or not promise.payable_minor:
        return False
    if is_being_paid(model, promise_id):
        return False
    if promise.is_locked:
        return True
    if left_of_authority(model, promise) < promise.payable_minor:
        return False
    promised = (p.open_minor for p in model.promises.values() if p.account == promise.account)
    certified = (
        model.outstanding_minor(certificate_id)
        for certificate_id, certificate in model.certificates.items()
        if certificate.account == promise.account
    )
    interest = (owed for _, owed in model.interest.values())
    needed_minor = sum(promised) + sum(certified) + sum(interest)
    return model.free_minor(promise.account) >= needed_minor


_DUTIES: Final = {
    "a proposal lapses": _should_lapse,
    "a condition is judged": _should_be_judged,
    "what is open falls due": _should_fall_due,
    "what is short is in default": _should_default,
    "an order ends": _should_end_order,
    "what is due is paid when the money is there": _should_be_paid,
}
