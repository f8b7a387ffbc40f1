"""Whoever waits for a chain to advance is told of blocks, of time that is up, and of a stop."""

import threading

import pytest

from xinlian.engines.advances import Advances
from xinlian.ledger.node import NodeStopped


class Chain:
    """A height that moves when told, and an engine that may stop."""

    def __init__(self):
        self.height = 0
        self.cause = None
        self.advances = Advances(lambda: self.height, self.require_running, 0.01)

    def require_running(self):
        if self.cause is not None:
            raise NodeStopped(self.cause)

    def commit(self):
        self.height += 1
        self.advances.tell()


def test_a_committed_block_ends_the_waiting():
    chain = Chain()
    threading.Timer(0.01, chain.commit).start()
    assert chain.advances.wait_above(0, 60) == 1


def test_time_that_is_up_ends_it_with_the_height_that_is():
    assert Chain().advances.wait_above(5, 0.01) == 0


def test_something_else_may_end_it():
    chain = Chain()
    assert chain.advances.wait_above(5, 60, lambda: True) == 0


def test_a_condition_is_looked_at_after_each_block():
    chain = Chain()
    threading.Timer(0.01, chain.commit).start()
    chain.advances.wait_until(lambda: chain.height == 1, 60)
    assert chain.height == 1


def test_a_condition_that_does_not_come_to_hold_ends_in_time():
    with pytest.raises(NodeStopped, match="in time"):
        Chain().advances.wait_until(lambda: False, 0.02)


def test_an_engine_that_stopped_is_told_of_with_its_cause():
    chain = Chain()
    chain.cause = "the disk is full"
    with pytest.raises(NodeStopped, match="the disk is full"):
        chain.advances.wait_until(lambda: False, 60)
