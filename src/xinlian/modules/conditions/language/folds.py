"""How the results of a condition's parts are put together.

Rules this file keeps:
 1. ``&&``, ``||``, ``all`` and ``exists`` give their result whenever one part decides it, also
    where another part fails, in whatever order.
 2. ``exists_one``, ``filter`` and ``map`` fail where any part fails.

Source: the Common Expression Language, logical operators and macros.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from xinlian.modules.conditions.errors import EvaluationFailed

Scope: TypeAlias = dict[str, Any]
"""The values of declared names and of the variables of comprehensions."""
Run: TypeAlias = Callable[[Scope], Any]


def decided_by(decides: bool, left: Run, right: Run) -> Run:  # noqa: FBT001 - the value itself
    """Return ``||`` (decided by True) or ``&&`` (decided by False)."""

    def decide(scope: Scope) -> bool:
        try:
            if bool(left(scope)) is decides:
                return decides
        except EvaluationFailed:
            if bool(right(scope)) is decides:
                return decides
            raise
        return bool(right(scope))

    return decide


def any_or_all(decides: bool, items: Run, variable: str, body: Run) -> Run:  # noqa: FBT001 - as above
    """Return ``exists`` (decided by True) or ``all`` (decided by False)."""

    def fold(scope: Scope) -> bool:
        failure: EvaluationFailed | None = None
        for item in items(scope):
            scope[variable] = item
            try:
                if bool(body(scope)) is decides:
                    return decides
            except EvaluationFailed as failed:
                failure = failure or failed
        if failure is not None:
            raise failure
        return not decides

    return fold


def exactly_one(items: Run, variable: str, body: Run) -> Run:
    """Return ``exists_one``."""
    kept = filtering(items, variable, body)
    return lambda scope: len(kept(scope)) == 1


def filtering(items: Run, variable: str, body: Run) -> Run:
    """Return ``filter``."""

    def keep(scope: Scope) -> tuple[Any, ...]:
        kept = []
        for item in items(scope):
            scope[variable] = item
            if body(scope):
                kept.append(item)
        return tuple(kept)

    return keep


def mapping(items: Run, variable: str, condition: Run | None, body: Run) -> Run:
    """Return ``map``, of the elements that meet a condition where there is one."""

    def gather(scope: Scope) -> tuple[Any, ...]:
        gathered = []
        for item in items(scope):
            scope[variable] = item
            if condition is None or condition(scope):
                gathered.append(body(scope))
        return tuple(gathered)

    return gather
