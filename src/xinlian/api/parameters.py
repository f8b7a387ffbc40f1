"""Parameters of requests: ids in their one text form, bounded lists, nothing unknown.

Rules this file keeps:
 1. An id is checked before anything is looked up; what is not an id is named, never repeated.
 2. A query parameter that an operation does not know is refused: a misspelt filter is not ignored.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Path, Query, Request
from fastapi.dependencies.models import Dependant

from xinlian.api import problems
from xinlian.api.problems import ApiProblem
from xinlian.crypto.hashing import HASH_BYTES
from xinlian.primitives import AMOUNT_MINOR_MAX, MalformedId, parse_id

_ID_CHARS_MAX: Final = 64
_CURSOR_CHARS_MAX: Final = 512
_NAME_CHARS_MAX: Final = 64
REPEATABLE: Final = frozenset({"state"})
LIMIT_MAX: Final = 200
LIMIT_DEFAULT: Final = 50

IdPath = Annotated[str, Path(max_length=_ID_CHARS_MAX, description="an id in text form")]
HashPath = Annotated[
    str,
    Path(max_length=_ID_CHARS_MAX, description="32 bytes in lower-case hexadecimal"),
]
HeightQuery = Annotated[int, Query(ge=0, le=AMOUNT_MINOR_MAX)]
OptionalHeight = Annotated[int | None, Query(ge=0, le=AMOUNT_MINOR_MAX)]
OptionalPeriod = Annotated[str | None, Query(max_length=7, description="YYYY-MM or YYYY-Qn")]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="how many items at most")]
Cursor = Annotated[
    str | None,
    Query(max_length=_CURSOR_CHARS_MAX, description="next_cursor of the page before"),
]
IdQuery = Annotated[str | None, Query(max_length=_ID_CHARS_MAX)]
NameQuery = Annotated[str | None, Query(max_length=_NAME_CHARS_MAX, pattern=r"^[a-z0-9_.-]+$")]


def checked_id(kind: str, text: str) -> str:
    """Return an id's text if it is the one text form of its kind; raises ApiProblem."""
    id_bytes(kind, text)
    return text


def optional_id(kind: str, text: str | None) -> str | None:
    """Return an id's text, or None where none is asked for; raises ApiProblem."""
    return None if text is None else checked_id(kind, text)


def id_bytes(kind: str, text: str) -> bytes:
    """Return the bytes of an id in text form; raises ApiProblem."""
    try:
        return parse_id(kind, text)
    except MalformedId:
        raise ApiProblem(problems.MALFORMED_ID, f"expected {kind}_ and 32 characters") from None


def hash_bytes(text: str) -> bytes:
    """Return the 32 bytes of lower-case hexadecimal; raises ApiProblem."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != HASH_BYTES or raw.hex() != text:
        raise ApiProblem(problems.MALFORMED_ID, "expected 64 lower-case hexadecimal characters")
    return raw


def checked_hash(text: str) -> str:
    """Return a hash's text if it is its one text form; raises ApiProblem."""
    return hash_bytes(text).hex()


def optional_hash(text: str | None) -> str | None:
    """Return a hash's text, or None where none is asked for; raises ApiProblem."""
    return None if text is None else checked_hash(text)


def refuse_unknown_parameters() -> Callable[[Request], Awaitable[None]]:
    """Return the dependency of the whole application that knows every query parameter."""
    known_by_route: dict[int, frozenset[str]] = {}

    async def check(request: Request) -> None:
        route = request.scope["route"]
        known = known_by_route.get(id(route))
        if known is None:
            known = known_by_route[id(route)] = frozenset(_query_names(route.dependant))
        names = [name for name, _ in request.query_params.multi_items()]
        unknown = sorted(set(names) - known)
        if unknown:
            there_are = ", ".join(sorted(known)) or "none"
            raise ApiProblem(problems.UNKNOWN_PARAMETER, f"this operation knows: {there_are}")
        if any(names.count(name) > 1 for name in set(names) - REPEATABLE):
            raise ApiProblem(problems.PARAMETERS, "a parameter is given twice")

    return check


def _query_names(dependant: Dependant) -> list[str]:
    names = [field.alias for field in dependant.query_params]
    for inner in dependant.dependencies:
        names.extend(_query_names(inner))
    return names
