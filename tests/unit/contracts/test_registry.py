"""The table of what exists: registered once, numbered in its module's range, described."""

import pytest

from xinlian.bootstrap import build_registry
from xinlian.contracts.message import Event, Message, type_name, type_no
from xinlian.contracts.ports import Ports
from xinlian.contracts.registry import Registry
from xinlian.ledger.records import Collection, Record

REGISTRY = build_registry()
MESSAGES = sorted(REGISTRY.messages.items())


class Ask(Message, frozen=True, tag=0x7F01):
    """A message of the tests."""


class AskAgain(Message, frozen=True, tag=0x7F01):
    """Another one under the same number."""


class Happened(Event, frozen=True, tag=0x7F01):
    """An event of the tests."""


class Untagged(Message, frozen=True):
    """A message without a number."""


class Note(Record, frozen=True):
    """A record of the tests."""


def test_a_number_is_registered_once():
    registry = Registry()
    registry.add_message(Ask, lambda _context, _message: None)
    with pytest.raises(ValueError, match="registered twice"):
        registry.add_message(AskAgain, lambda _context, _message: None)
    registry.add_events(Happened)
    with pytest.raises(ValueError, match="registered twice"):
        registry.add_events(Happened)
    registry.add_scheduled(1, lambda _context, _subject: None)
    with pytest.raises(ValueError, match="registered twice"):
        registry.add_scheduled(1, lambda _context, _subject: None)
    registry.add_misbehaviour(lambda _context, _shown: None)
    with pytest.raises(ValueError, match="registered twice"):
        registry.add_misbehaviour(lambda _context, _shown: None)
    registry.add_collections(Collection(9, 1, Note, ()))
    with pytest.raises(ValueError, match="registered twice"):
        registry.add_collections(Collection(9, 1, Note, (20,)))


def test_a_type_without_a_number_cannot_be_registered():
    with pytest.raises(TypeError, match="no number"):
        Registry().add_message(Untagged, lambda _context, _message: None)


def test_a_port_has_one_implementation_under_a_number():
    ports = Ports()
    ports.provide(list, 1, [])
    ports.provide(list, 2, [2])
    with pytest.raises(ValueError, match="provided twice"):
        ports.provide(list, 1, [])
    assert ports.require(list, 2) == ports.find(list, 2) == [2]
    assert ports.find(list, 3) is None
    with pytest.raises(KeyError):
        ports.require(list, 3)


@pytest.mark.parametrize(("number", "message_type"), MESSAGES, ids=str)
def test_every_message_says_who_signs_who_observes_and_how_it_is_remedied(number, message_type):
    assert type_no(message_type) == number
    for text in (message_type.signs, message_type.observes, message_type.remedy):
        assert len(text) > 5
    assert message_type.__doc__
    assert message_type.work >= 1
    assert type_name(message_type).count(".") == 1


def test_numbers_lie_in_the_range_of_their_module_and_names_are_unique():
    by_area: dict[str, set[int]] = {}
    for table in (REGISTRY.messages, REGISTRY.events):
        for number, registered in table.items():
            area = registered.__module__.split(".")[2]
            by_area.setdefault(area, set()).add(number >> 8)
    assert all(len(modules) == 1 for modules in by_area.values())
    modules = [next(iter(modules)) for modules in by_area.values()]
    assert len(modules) == len(set(modules))
    names = [type_name(message_type) for _, message_type in MESSAGES]
    assert len(names) == len(set(names))


def test_collections_of_a_module_share_its_number():
    by_area: dict[str, set[bytes]] = {}
    for prefix, collection in REGISTRY.collections.items():
        area = collection.record_type.__module__.rsplit(".", 1)[0]
        by_area.setdefault(area, set()).add(prefix[:2])
    assert all(len(numbers) == 1 for numbers in by_area.values())


def test_a_remedy_that_names_a_message_names_one_that_exists():
    names = {type_name(message_type) for _, message_type in MESSAGES}
    for _, message_type in MESSAGES:
        for word in message_type.remedy.split():
            area, _, name = word.strip(";,").partition(".")
            if name[:1].isupper():
                assert f"{area}.{name}" in names, message_type
