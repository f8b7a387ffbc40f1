import base64

import pytest
from hypothesis import given

from xinlian.primitives import MalformedId, format_id, parse_id
from xinlian.testing.strategies import ids


@given(ids)
def test_an_id_has_one_text_and_the_text_gives_it_back(raw):
    text = format_id("leaf", raw)
    assert text == "leaf_" + base64.b32encode(raw).decode().lower()
    assert parse_id("leaf", text) == raw


GOOD = format_id("leaf", bytes(range(20)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "leaf",
        "leaf_",
        GOOD[5:],
        GOOD.upper(),
        GOOD.replace("leaf", "party"),
        GOOD.replace("_", "-"),
        GOOD[:-1],
        GOOD + "a",
        GOOD + "=",
        GOOD[:-1] + "1",
        GOOD[:-1] + "é",
        GOOD[:-2] + "ß",
        GOOD[:-8] + "aa======",
        " " + GOOD,
        GOOD + "\n",
        GOOD[:-1] + "\n",
    ],
)
def test_any_other_spelling_is_refused(text):
    with pytest.raises(MalformedId):
        parse_id("leaf", text)


@pytest.mark.parametrize(("kind", "raw"), [("leaf", bytes(19)), ("unknown", bytes(20))])
def test_only_known_kinds_and_lengths_are_written(kind, raw):
    with pytest.raises(MalformedId):
        format_id(kind, raw)
