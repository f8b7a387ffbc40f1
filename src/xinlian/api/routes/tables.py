"""Routes that all have one shape, built from a table: lists behind a cursor, and single rows.

Rules this file keeps:
 1. A filter has a kind; what is not of it is refused before anything is looked up.
 2. What is described, what is parsed and what is asked come from one line of a table.
"""

import dataclasses
import inspect
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from xinlian.api.authentication import CurrentReader, Reader
from xinlian.api.encoding import item_response, page_response
from xinlian.api.parameters import (
    LIMIT_DEFAULT,
    Cursor,
    HashPath,
    IdPath,
    IdQuery,
    Limit,
    NameQuery,
    checked_hash,
    checked_id,
    optional_hash,
    optional_id,
)
from xinlian.api.schemas import item_of, page_of
from xinlian.readmodels.rows import Found, Page, Row

HASH: Final = "hash"
"""The kind of a commitment in hexadecimal."""
NAME: Final = "name"
"""The kind of a lower-case word, such as a state."""


class Filter(NamedTuple):
    """A query parameter: ``kind`` is HASH, NAME, or a kind of id such as ``party``."""

    name: str
    kind: str


@dataclasses.dataclass(frozen=True, slots=True)
class ListRoute:
    """A list; ``question`` is asked with the reader, the filters, a cursor and a limit."""

    path: str
    question: Callable[..., Page[Any]]
    row_type: type[Row]
    text: str
    filters: tuple[Filter, ...] = ()

    def endpoint(self, asked: object) -> Callable[..., Response]:
        """Return the function that answers; ``asked`` has the question as a method."""

        def answer(request: Request, reader: Reader, **values: Any) -> Response:  # noqa: ANN401 - strings and one limit
            for name, kind in self.filters:
                values[name] = _optional(kind, values[name])
            return page_response(request, self.question(asked, reader.party, **values))

        filters = [
            _parameter(name, NameQuery if kind == NAME else IdQuery, None)
            for name, kind in self.filters
        ]
        paging = [_parameter("cursor", Cursor, None), _parameter("limit", Limit, LIMIT_DEFAULT)]
        return _named(answer, self.question, self.text, [_REQUEST, _READER, *filters, *paging])


@dataclasses.dataclass(frozen=True, slots=True)
class ItemRoute:
    """One row; ``key`` is the parameter at the end of the path."""

    path: str
    question: Callable[..., Found[Any] | None]
    row_type: type[Row]
    text: str
    key: Filter

    def endpoint(self, asked: object) -> Callable[..., Response]:
        """Return the function that answers; ``asked`` has the question as a method."""
        name, kind = self.key

        def answer(request: Request, reader: Reader, **values: str) -> Response:
            wanted = _checked(kind, values[name])
            return item_response(request, self.question(asked, reader.party, wanted))

        key = _parameter(name, HashPath if kind == HASH else IdPath, inspect.Parameter.empty)
        return _named(answer, self.question, self.text, [_REQUEST, key, _READER])


def add_routes(
    routes: APIRouter,
    asked: object,
    table: Sequence[ListRoute | ItemRoute],
) -> None:
    """Add the routes of a table; ``asked`` is what answers their questions."""
    for line in table:
        described = page_of if isinstance(line, ListRoute) else item_of
        routes.add_api_route(
            line.path,
            line.endpoint(asked),
            methods=["GET"],
            responses=described(line.row_type),
        )


def _parameter(name: str, annotation: object, default: object) -> inspect.Parameter:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


_REQUEST: Final = _parameter("request", Request, inspect.Parameter.empty)
_READER: Final = _parameter("reader", CurrentReader, inspect.Parameter.empty)


def _named(
    answer: Callable[..., Response],
    question: Callable[..., object],
    text: str,
    parameters: Sequence[inspect.Parameter],
) -> Callable[..., Response]:
    """Give a function the name, the text and the parameters that FastAPI reads from it."""
    required = [one for one in parameters if one.default is inspect.Parameter.empty]
    optional = [one for one in parameters if one.default is not inspect.Parameter.empty]
    signature = inspect.Signature([*required, *optional])
    vars(answer)["__signature__"] = signature
    answer.__name__ = question.__name__
    answer.__doc__ = text
    return answer


def _checked(kind: str, text: str) -> str:
    return checked_hash(text) if kind == HASH else checked_id(kind, text)


def _optional(kind: str, text: str | None) -> str | None:
    if kind == NAME:
        return text
    return optional_hash(text) if kind == HASH else optional_id(kind, text)
