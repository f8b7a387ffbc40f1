"""The described types are those that are answered, each under a name of its own."""

from xinlian.api.schemas import (
    ROW_TYPES,
    WIRE_TYPES,
    answers,
    components,
    file_answer,
    item_of,
    page_of,
)
from xinlian.client.wire import OutcomeAnswer
from xinlian.readmodels import rows


def test_no_two_types_have_one_name():
    names = [described.__name__ for described in (*WIRE_TYPES, *ROW_TYPES)]
    assert len(set(names)) == len(names)
    assert set(names) <= set(components())


def test_a_page_and_an_item_carry_their_moment():
    for described, held in ((page_of(rows.LeafRow), "items"), (item_of(rows.LeafRow), "item")):
        schema = described[200]["content"]["application/json"]["schema"]
        assert {"height", "time_ms", "time", held} <= set(schema["required"])
        assert 304 in described


def test_an_answer_may_have_several_statuses():
    assert set(answers(OutcomeAnswer, 200, 202)) == {200, 202}
    assert set(answers(OutcomeAnswer)) == {200}


def test_a_file_is_described_by_its_media_type():
    assert list(file_answer("text/plain", "words")[200]["content"]) == ["text/plain"]
