"""How rows and answers become JSON, and the schemas that describe the result.

Rules this file keeps:
 1. A field ``*_minor`` is text; beside ``*_ms`` stands its local time, beside ``*_day`` its date,
    both empty where there is none (0).
 2. A field ``*_json`` is embedded as the object that its text spells.
 3. What describes an answer is derived from the same fields that encode it.
 4. An answer that may be cached says of which height it is, and is asked again by that.
"""

import functools
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec
from fastapi import Request
from starlette.responses import Response

from xinlian.api.problems import not_found
from xinlian.primitives.time import iso_of_day, iso_of_ms
from xinlian.readmodels.books.rows import Ageing, TrialBalance
from xinlian.readmodels.rows import (
    CreditReport,
    Found,
    LeafPath,
    Page,
    Portrait,
    RowT,
    Statement,
)

JSON_MEDIA_TYPE: Final = "application/json"
_NOT_MODIFIED: Final = 304
_ETAGS_MAX: Final = 16
_JSON_SUFFIX: Final = "_json"

_PRIVATE: Final = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}

_encode: Final = msgspec.json.Encoder().encode

Json = dict[str, Any]
Convert = Callable[[Any], Any]


class _Field(NamedTuple):
    name: str
    key: str
    """What it is called in JSON."""
    convert: Convert | None
    beside: str
    """The name of the readable form that stands beside it, or empty."""
    readable: Callable[[int], str] | None


def json_response(answer: object, *, status: int = 200, etag: str = "") -> Response:
    """Return a JSON response; with ``etag`` the client may ask again whether it changed."""
    headers = {"ETag": etag, **_PRIVATE} if etag else {}
    return Response(
        _encode(answer),
        status_code=status,
        media_type=JSON_MEDIA_TYPE,
        headers=headers,
    )


def etag_of_height(height: int) -> str:
    """Return the entity tag of an answer as of a height."""
    return f'"height-{height}"'


def versioned_response(request: Request, answer: object, height: int) -> Response:
    """Return an answer as of a height, or 304 where the client has that already."""
    etag = etag_of_height(height)
    asked = request.headers.get("if-none-match", "")
    if etag in [tag.strip().removeprefix("W/") for tag in asked.split(",", _ETAGS_MAX)]:
        return Response(status_code=_NOT_MODIFIED, headers={"ETag": etag, **_PRIVATE})
    return json_response(answer, etag=etag)


def page_response(request: Request, page: Page[RowT]) -> Response:
    """Return a page of rows as of its height."""
    answer = {
        **_moment(page.height, page.time_ms),
        "items": [to_json(row) for row in page.rows],
        "next_cursor": page.next_cursor,
    }
    if page.since_height:
        answer["since_height"] = page.since_height
    return versioned_response(request, answer, page.height)


def item_response(request: Request, found: Found[RowT] | None) -> Response:
    """Return one row as of its height; raises ApiProblem where there is none to read."""
    if found is None:
        raise not_found()
    answer = {**_moment(found.height, found.time_ms), "item": to_json(found.row)}
    return versioned_response(request, answer, found.height)


def whole_response(
    request: Request,
    answer: Statement | LeafPath | Portrait | CreditReport | TrialBalance | Ageing | None,
) -> Response:
    """Return an answer that carries its own height; raises ApiProblem where there is none."""
    if answer is None:
        raise not_found()
    return versioned_response(request, to_json(answer), answer.height)


def to_json(row: msgspec.Struct) -> Json:
    """Return the JSON object of a row."""
    found: Json = {}
    for name, key, convert, beside, readable in _fields(type(row)):
        value = getattr(row, name)
        found[key] = value if convert is None else convert(value)
        if readable is not None:
            found[beside] = readable(value)
    return found


def schema_of(row_type: type[msgspec.Struct]) -> Json:
    """Return the JSON schema of the object that ``to_json`` makes of a row type."""
    properties: Json = {}
    hints = typing.get_type_hints(row_type)
    for field in _fields(row_type):
        properties[field.key] = _property(field, hints[field.name])
        if field.readable is not None:
            properties[field.beside] = {"type": "string"}
    return {
        "type": "object",
        "title": row_type.__name__,
        "description": (row_type.__doc__ or "").strip(),
        "properties": properties,
        "required": list(properties),
    }


def schemas_of_structs(types: Mapping[str, type[msgspec.Struct]]) -> Json:
    """Return the schemas of answers that are encoded as they are."""
    _, components = msgspec.json.schema_components(
        types.values(),
        ref_template="#/components/schemas/{name}",
    )
    return dict(components)


def _moment(height: int, time_ms: int) -> Json:
    return {"height": height, "time_ms": time_ms, "time": _readable_ms(time_ms)}


@functools.cache
def _fields(row_type: type[msgspec.Struct]) -> tuple[_Field, ...]:
    hints = typing.get_type_hints(row_type)
    return tuple(_field(name, hints[name]) for name in row_type.__struct_fields__)


def _field(name: str, hint: object) -> _Field:
    if name.endswith("_ms"):
        return _Field(name, name, None, name.removesuffix("_ms"), _readable_ms)
    if name.endswith("_day") and not name.endswith("_per_day"):  # a daily rate is no date
        return _Field(name, name, None, f"{name.removesuffix('_day')}_date", _readable_day)
    if name.endswith("_minor"):
        return _Field(name, name, str, "", None)
    if name.endswith(_JSON_SUFFIX):
        return _Field(name, name.removesuffix(_JSON_SUFFIX), _embedded, "", None)
    if _struct_in(hint) is not None:
        is_list = typing.get_origin(hint) is tuple
        return _Field(name, name, _all_to_json if is_list else to_json, "", None)
    return _Field(name, name, None, "", None)


def _struct_in(hint: object) -> type[msgspec.Struct] | None:
    inner: object = typing.get_args(hint)[0] if typing.get_origin(hint) is tuple else hint
    if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
        return inner
    return None


def _all_to_json(rows: tuple[msgspec.Struct, ...]) -> list[Json]:
    return [to_json(row) for row in rows]


def _embedded(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())


def _readable_ms(at_ms: int) -> str:
    return iso_of_ms(at_ms) if at_ms > 0 else ""


def _readable_day(day: int) -> str:
    return iso_of_day(day) if day > 0 else ""


def _property(field: _Field, hint: object) -> Json:
    if field.name.endswith("_minor"):
        return {"type": "string", "pattern": "^-?[0-9]{1,19}$"}
    if field.name != field.key:
        return {"type": "object"}
    struct = _struct_in(hint)
    is_list = typing.get_origin(hint) is tuple
    if struct is not None:
        reference: Json = {"$ref": f"#/components/schemas/{struct.__name__}"}
        return {"type": "array", "items": reference} if is_list else reference
    return msgspec.json.schema(hint)
