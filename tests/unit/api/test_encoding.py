"""How rows become JSON, and that the schemas describe just that."""

import typing
from typing import Any

import httpx
import jsonschema
import msgspec
import pytest

from unit.api.test_app import TABLE, address, call, document
from xinlian.api.encoding import etag_of_height, schema_of, to_json
from xinlian.api.schemas import ROW_TYPES
from xinlian.readmodels.rows import Row


class Inner(Row, frozen=True, kw_only=True):
    """A row in a row."""

    amount_minor: int


class Sample(Row, frozen=True, kw_only=True):
    """One field of each kind."""

    amount_minor: int
    due_day: int
    none_day: int
    none_ms: int
    names: tuple[str, ...]
    flag: bool
    data_json: str
    inner: Inner
    many: tuple[Inner, ...]


INNER = Inner(height=1, time_ms=0, amount_minor=-5)
SAMPLE = Sample(
    height=7,
    time_ms=1_796_000_400_000,
    amount_minor=2**63 - 1,
    due_day=20_780,
    none_day=0,
    none_ms=0,
    names=("a", "b"),
    flag=True,
    data_json='{"root":"00"}',
    inner=INNER,
    many=(INNER,),
)


def test_amounts_are_text_and_moments_are_given_twice():
    found = msgspec.json.decode(msgspec.json.encode(to_json(SAMPLE)))
    inner = {"height": 1, "time_ms": 0, "time": "", "amount_minor": "-5"}
    assert found == {
        "height": 7,
        "time_ms": 1_796_000_400_000,
        "time": "2026-11-30T09:00:00.000+08:00",
        "amount_minor": "9223372036854775807",
        "due_day": 20_780,
        "due_date": "2026-11-23",
        "none_day": 0,
        "none_date": "",
        "none_ms": 0,
        "none": "",
        "names": ["a", "b"],
        "flag": True,
        "data": {"root": "00"},
        "inner": inner,
        "many": [inner],
    }


def test_the_schema_has_the_fields_of_the_object():
    schema = schema_of(Sample)
    assert list(schema["properties"]) == list(to_json(SAMPLE))
    assert schema["required"] == list(to_json(SAMPLE))
    assert schema["properties"]["amount_minor"]["type"] == "string"
    assert schema["properties"]["many"]["items"] == {"$ref": "#/components/schemas/Inner"}


@pytest.mark.parametrize("row_type", ROW_TYPES, ids=lambda row_type: row_type.__name__)
def test_every_amount_of_every_row_is_text(row_type):
    properties = schema_of(row_type)["properties"]
    amounts = [name for name in typing.get_type_hints(row_type) if name.endswith("_minor")]
    assert all(properties[name]["type"] == "string" for name in amounts)


def answered(served, who: str, method: str, path: str) -> httpx.Response:
    return call(served, who, method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [key for key, row in TABLE.items() if row.party == 200 and key[1] != "/v1/events"],
)
def test_every_answer_is_as_the_document_describes_it(served, method, path):
    response = answered(served, "party", method, path)
    content = document()["paths"][path][method.lower()]["responses"]["200"]["content"]
    media_type = response.headers["content-type"].partition(";")[0]
    schema = content[media_type]["schema"]
    if schema.get("format") == "binary":
        assert response.content
        return
    root = {**schema, "components": document()["components"]}
    jsonschema.validate(response.json(), root, cls=jsonschema.Draft202012Validator)
    assert_described(response.json(), schema)


def assert_described(value: object, schema: dict[str, Any]) -> None:
    """Assert that no object has a field that its schema does not name."""
    if "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for part in schema.get("anyOf", ()):
        if (part.get("type") == "null") == (value is None):
            assert_described(value, part)
    if isinstance(value, dict) and "properties" in schema:
        assert set(value) <= set(schema["properties"])
        for name, inner in value.items():
            assert_described(inner, schema["properties"][name])
    if isinstance(value, list):
        for item in value:
            assert_described(item, schema["items"])


def test_an_answer_is_not_sent_again_while_its_height_stays(served):
    caller = served.caller("core")
    path = address(served, "/v1/certificates/{certificate_id}")
    first = caller.get(path)
    height = served.consortium.node.head().header.height
    assert first.headers["etag"] == etag_of_height(height) == f'"height-{height}"'
    assert first.json()["height"] == height
    assert first.headers["cache-control"] == "private, no-cache"
    for tags in (first.headers["etag"], f'"x", W/{first.headers["etag"]}'):
        again = caller.get(path, headers={"If-None-Match": tags})
        assert (again.status_code, again.content) == (304, b"")
    other = caller.get(path, headers={"If-None-Match": '"height-0"'})
    assert other.status_code == 200
