"""The OpenAPI document: version, schemas, problems, sign-in."""

import jsonschema
import pytest

from unit.api.test_app import document, operations
from xinlian.api.authentication import OPEN_OPERATIONS
from xinlian.api.openapi import _PROBLEMS


def references(value: object) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(references(inner) for inner in value))
    return set()


def test_it_is_of_version_three_one():
    assert document()["openapi"] == "3.1.0"
    assert document()["info"]["title"] == "Xinlian 信链"


def test_every_reference_leads_to_a_schema():
    names = {reference.rpartition("/")[2] for reference in references(document())}
    assert names <= set(document()["components"]["schemas"])


@pytest.mark.parametrize("name", sorted(document()["components"]["schemas"]))
def test_every_schema_is_one(name):
    jsonschema.Draft202012Validator.check_schema(document()["components"]["schemas"][name])


@pytest.mark.parametrize(("method", "path"), operations())
def test_every_operation_lists_its_problems_and_its_sign_in(method, path):
    operation = document()["paths"][path][method.lower()]
    for status in _PROBLEMS:
        content = operation["responses"][status]["content"]
        assert content == {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
        }
    is_open = (method, path) in OPEN_OPERATIONS
    assert operation["security"] == ([] if is_open else [{"token": []}, {"signature": []}])
    assert operation["description"]


@pytest.mark.parametrize(("method", "path"), operations())
def test_every_success_is_described(method, path):
    responses = document()["paths"][path][method.lower()]["responses"]
    for content in responses["200"]["content"].values():
        assert content["schema"]


def test_the_document_is_served_as_json_and_no_page_is(served):
    from unit.api.callers import send

    response = send(served.server.url, "GET", "/v1/openapi.json")
    assert response.json()["paths"].keys() == document()["paths"].keys()
    assert response.headers["content-type"] == "application/json"
