"""What our schemas refuse is named by its JSON pointer."""

import pytest

from unit.connectors.samples import BUYER, CONTRACT, EVENT, document_of
from xinlian.connectors.errors import SchemaInvalid
from xinlian.connectors.json_schema import validate


def _where(value, schema):
    with pytest.raises(SchemaInvalid) as refused:
        validate(value, schema)
    return refused.value.where


def test_samples_are_valid():
    validate(CONTRACT, "contract-1.json")
    validate(EVENT, "epcis-2.0.json")
    validate(document_of(EVENT), "epcis-2.0.json")


def test_a_missing_field_is_pointed_at():
    assert _where({**CONTRACT, "buyer": {"uscc": BUYER}}, "contract-1.json") == "/buyer/name"


def test_an_unknown_field_is_pointed_at_with_its_name_escaped():
    assert _where({**CONTRACT, "a/b": 1}, "contract-1.json") == "/a~1b"


def test_a_message_never_quotes_the_whole_document():
    huge = {**CONTRACT, "number": ["x" * 100_000]}
    with pytest.raises(SchemaInvalid) as refused:
        validate(huge, "contract-1.json")
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("value", [[], "x", 1, None, {}])
def test_a_document_of_another_shape_is_refused(value):
    assert _where(value, "contract-1.json") in ("", "/format")
    assert _where(value, "epcis-2.0.json") in ("", "/type")
