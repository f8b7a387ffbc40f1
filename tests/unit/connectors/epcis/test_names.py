"""Prefixes, compact URIs and bare words."""

import pytest

from xinlian.connectors.epcis.names import STANDARD_NAMES
from xinlian.connectors.errors import SchemaInvalid

NAMES = STANDARD_NAMES.within(
    ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"ex": "https://ns.example/"}]
)


@pytest.mark.parametrize(
    "value",
    ["receiving", "cbv:BizStep-receiving", "https://ref.gs1.org/cbv/BizStep-receiving"],
)
def test_a_standard_word_is_one_however_it_is_written(value):
    assert NAMES.word("bizStep", value) == "https://ref.gs1.org/cbv/BizStep-receiving"
    assert NAMES.short_word("bizStep", value) == "receiving"


def test_a_word_of_one_s_own_stays_a_uri():
    assert NAMES.short_word("bizStep", "ex:weighing") == "https://ns.example/weighing"
    assert NAMES.short_word("bizStep", "https://a.example/b") == "https://a.example/b"


def test_an_undeclared_prefix_of_a_value_is_left_as_it_is():
    assert NAMES.uri("urn:uuid:1") == "urn:uuid:1"
    assert NAMES.uri("https://a.example/b") == "https://a.example/b"
    assert NAMES.uri("word") == "word"


def test_fields_are_named_by_namespace():
    assert NAMES.field("ex:dock", "") == "{https://ns.example/}dock"
    assert NAMES.field("https://ns.example/dock", "") == "{https://ns.example/}dock"
    assert NAMES.field("urn:demo:dock", "") == "{urn:demo:}dock"
    assert NAMES.field("dock", "") == "dock"
    with pytest.raises(SchemaInvalid):
        NAMES.field("nobody:dock", "/nobody:dock")


def test_an_inner_context_adds_to_the_outer_one():
    inner = NAMES.within([{"in": "https://in.example/"}, "https://x.example", {"bad": 1}])
    assert inner.field("in:a", "") == "{https://in.example/}a"
    assert inner.field("ex:a", "") == "{https://ns.example/}a"
    assert NAMES.within(None) == NAMES
