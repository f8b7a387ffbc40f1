"""Each invariant names what was damaged, and nothing while all is well."""

import msgspec
import pytest

from support.bureau import SUBJECT
from xinlian.apps.credit.invariants import (
    inquiries_show_what_was_asked,
    marks_are_of_open_objections,
    shelves_hold_what_is_current,
    versions_follow_one_another,
)
from xinlian.apps.credit.keeper import type_part
from xinlian.apps.credit.types import (
    CURRENT,
    INQUIRIES,
    OBJECTIONS,
    RECORDS,
    SHELVES,
    Mark,
    ObjectionStatus,
    RecordLife,
    Shelf,
)
from xinlian.ledger.overlay import Overlay


@pytest.fixture(scope="module")
def story(bureau):
    first = bureau.publish("court", bureau.enforcement())
    second = bureau.publish("court", bureau.enforcement(previous=first))
    objection = bureau.object_to(second)
    consent = bureau.consent("bank", "court_enforcement", purpose="loan_approval")
    asked = bureau.inquiry("court_enforcement", consent=consent)
    inquiry = bureau.step("bank", asked).created_id("inquiry")
    return bureau, first, second, objection, inquiry


@pytest.fixture
def state(story):
    with story[0].c.engine.application.store.snapshot() as snapshot:
        yield Overlay(snapshot)


def change(collection, state, key, **changes):
    record = collection.require(state, key)
    collection.put(state, msgspec.structs.replace(record, **changes), key)


def test_a_record_that_is_not_where_it_should_be_is_named(story, state):
    bureau, _, second, _, _ = story
    assert list(shelves_hold_what_is_current(state)) == []
    parts = (bureau.c[SUBJECT].party, type_part("court_enforcement"))
    SHELVES.put(state, Shelf(9), *parts)
    assert "miscounts" in " ".join(shelves_hold_what_is_current(state))
    CURRENT.delete(state, *parts, second)
    assert "on no shelf" in " ".join(shelves_hold_what_is_current(state))


def test_a_record_that_ended_and_stands_on_a_shelf_is_named(story, state):
    change(RECORDS, state, story[2], life=RecordLife.WITHDRAWN)
    assert "that it is not of" in " ".join(shelves_hold_what_is_current(state))


def test_a_version_that_follows_none_of_its_own_is_named(story, state):
    assert list(versions_follow_one_another(state)) == []
    change(RECORDS, state, story[1], provider=b"x" * 20)
    assert "follows no version" in " ".join(versions_follow_one_another(state))


def test_a_mark_without_an_objection_and_an_objection_without_a_mark_are_named(story, state):
    _, _, second, objection, _ = story
    assert list(marks_are_of_open_objections(state)) == []
    change(RECORDS, state, second, mark=Mark.NONE)
    assert "bears no mark" in " ".join(marks_are_of_open_objections(state))
    change(RECORDS, state, second, mark=Mark.MARKED)
    change(OBJECTIONS, state, objection, status=ObjectionStatus.REJECTED)
    assert "no open objection" in " ".join(marks_are_of_open_objections(state))
    change(OBJECTIONS, state, objection, provider=b"x" * 20)
    assert "of others" in " ".join(marks_are_of_open_objections(state))


def test_an_inquiry_beyond_what_it_asked_or_without_its_consent_is_named(story, state):
    _, _, _, _, inquiry = story
    assert list(inquiries_show_what_was_asked(state)) == []
    change(INQUIRIES, state, inquiry, record_types=("five_class",))
    assert "did not ask for" in " ".join(inquiries_show_what_was_asked(state))
    change(INQUIRIES, state, inquiry, marked=(b"x" * 20,))
    assert "does not show" in " ".join(inquiries_show_what_was_asked(state))
    change(INQUIRIES, state, inquiry, inquirer=b"x" * 20)
    assert "without a consent" in " ".join(inquiries_show_what_was_asked(state))
