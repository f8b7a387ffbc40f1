"""Everything of the module is registered, once."""

from xinlian.contracts.registry import Registry
from xinlian.modules.accounts.ports import ONLY, CreditListener, EntryListener, OrderListener
from xinlian.modules.obligations import court_messages, events, messages
from xinlian.modules.obligations.handlers import register
from xinlian.modules.obligations.ports import EnforcementSource, ObligationSource
from xinlian.modules.obligations.types import MODULE_NO, SourceKind


def defined_in(module) -> set[type]:
    return {
        found
        for found in vars(module).values()
        if isinstance(found, type) and found.__module__ == module.__name__
    }


def test_every_message_event_due_item_and_port_is_there():
    registry = Registry()
    register(registry)
    stated = defined_in(messages) | defined_in(court_messages)
    assert set(registry.messages.values()) == stated
    assert set(registry.events.values()) == defined_in(events)
    assert sorted(registry.scheduled) == [MODULE_NO * 256 + number for number in range(1, 9)]
    for port in (CreditListener, EntryListener, OrderListener):
        assert registry.ports.require(port, ONLY) is not None
    assert registry.ports.require(EnforcementSource, ONLY) is not None
    of_businesses = {
        SourceKind.CERTIFICATE,
        SourceKind.LATE_INTEREST,
        SourceKind.PLEDGE_LOAN,
        SourceKind.FINANCE_RECOURSE,
        SourceKind.RETAINED_PART,
        SourceKind.CERTIFICATE_CALL,
    }
    for kind in set(SourceKind) - of_businesses:
        assert registry.ports.require(ObligationSource, kind) is not None
