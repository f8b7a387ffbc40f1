"""A batch applies whole or leaves nothing, shown by the root of the state."""

from xinlian.contracts.message import Message
from xinlian.ledger import limits
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium


def documents(count: int) -> list[Message]:
    return [RegisterDocument(number.to_bytes(32, "big"), "contract", 1) for number in range(count)]


def too_much(c: Consortium) -> Transfer:
    return Transfer(c.account("core"), c.account("bank"), 10**10)


def root_once_marker_and_window_are_gone(c: Consortium, *messages: Message) -> bytes:
    """Send what is refused; return the state's root when its marker and window are over."""
    result = c.send("core", *messages)[1].result
    assert (result.codespace, result.failed_call) == ("accounts", len(messages) - 1)
    c.advance_to(c.now_ms() + 2 * MS_PER_DAY)
    c.send("core", Transfer(c.account("core"), c.account("bank"), 1))
    root = c.node.head().header.state_root
    c.close()
    return root


def test_a_thousand_messages_apply_in_one_transaction():
    c = Consortium()
    _, outcome = c.send("core", *documents(limits.CALLS_MAX))
    assert (outcome.result.succeeded, outcome.result.work) == (True, 1_000)
    c.close()


def test_a_batch_whose_last_message_fails_leaves_what_one_failing_message_leaves():
    batch = Consortium()
    after_batch = root_once_marker_and_window_are_gone(
        batch, *documents(limits.CALLS_MAX - 1), too_much(batch)
    )
    single = Consortium()
    after_single = root_once_marker_and_window_are_gone(single, too_much(single))
    assert after_batch == after_single
    applied = Consortium()
    applied.send("core", *documents(limits.CALLS_MAX - 1))
    applied.advance_to(applied.now_ms() + 2 * MS_PER_DAY)
    applied.send("core", Transfer(applied.account("core"), applied.account("bank"), 1))
    assert applied.node.head().header.state_root != after_batch
    applied.close()
