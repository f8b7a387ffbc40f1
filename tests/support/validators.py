"""A network's state machine whose members decide who validates, without an engine.

Blocks go through the engine's calls, as a decided block does, one a second.
"""

from collections.abc import Sequence
from typing import Any

from engines.cometbft_network import Driven, seed, with_validators
from xinlian.contracts.message import Message
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft import EngineKeys
from xinlian.ledger.records import Collection, integer_part
from xinlian.modules.governance.messages import Vote
from xinlian.modules.governance.types import PROPOSAL, PROPOSALS, ProposalStatus
from xinlian.modules.governance.validator_messages import (
    ProposeValidator,
    ProposeValidatorKey,
    ProposeValidatorPower,
)
from xinlian.modules.members.types import possession_bytes
from xinlian.modules.validators.keeper import all_validators
from xinlian.modules.validators.types import ROLE, SET_CHANGES, SetChange, Validator
from xinlian.testing import Consortium
from xinlian.testing.trade import SUCCEEDED, reference_of

SEVEN = ("core", "bank", "settle", "mill", "port", "rail", "dock")
"""Members; the first of them answer for validators."""


def consensus_key(number: int | str) -> SigningKey:
    """Return the key of a validator's votes, the same in every run."""
    return SigningKey(seed(f"consensus {number}"))


def public(number: int | str) -> bytes:
    """Return its public part."""
    return consensus_key(number).public_key


class ValidatedChain:
    """Seven members, of whom so many run a validator each."""

    def __init__(self, count: int = 5, members: tuple[str, ...] = SEVEN) -> None:
        self.c = Consortium(more_members=members[3:])
        self.members = members
        self.c.close()
        keys = [EngineKeys("", public(number)) for number in range(count)]
        genesis_bytes = with_validators(self.c, keys, answering=members[:count])
        self.driven = Driven(self.c, genesis_bytes)

    def attempt(self, name: str, message: Message) -> str:
        """Send a message in a block of its own; return ``ok`` or the refusal's public name."""
        signed = self.c.sign(name, message, roles=("finance-1",))
        self.driven.block(signed.raw)
        self._last = signed
        _, result = self.driven.results[-1]
        return reference_of(result)

    def do(self, name: str, message: Message) -> None:
        """Send a message that must succeed."""
        outcome = self.attempt(name, message)
        assert outcome == SUCCEEDED, outcome

    def propose(self, name: str, message: Message) -> bytes:
        """Publish a proposal; return its id."""
        self.do(name, message)
        return self._last.created_id(PROPOSAL)

    def approve(self, proposal: bytes, *names: str) -> None:
        """Let members vote in favour."""
        for name in names:
            self.do(name, Vote(proposal, 1, in_favour=True))

    def decide(self, name: str, message: Message, *but: str) -> ProposalStatus:
        """Publish, let all others but some vote in favour, and say what became of it."""
        proposal = self.propose(name, message)
        for voter in self.members:
            if voter not in but and self.read(PROPOSALS, proposal).status == ProposalStatus.OPEN:
                self.attempt(voter, Vote(proposal, 1, in_favour=True))
        self.driven.block()
        return ProposalStatus(self.read(PROPOSALS, proposal).status)

    def decide_together(self, proposals: Sequence[bytes], *names: str) -> None:
        """Let members vote for several proposals in one block each; all pass in the same one."""
        for name in names:
            votes = [Vote(proposal, 1, in_favour=True) for proposal in proposals]
            signed = [self.c.sign(name, vote, roles=("finance-1",)).raw for vote in votes]
            self.driven.block(*signed)
        self.driven.block()

    def settle(self) -> None:
        """Make blocks until every power is what was decided."""
        for _ in range(200):
            if all(v.power == v.target for v in self.validators().values()):
                return
            self.driven.block()
        raise AssertionError("powers do not come to rest")

    def read(self, collection: Collection[Any], *parts: bytes) -> Any:
        """Return a record of the committed state, or None."""
        with self.driven.store.snapshot() as snapshot:
            return collection.get(snapshot, *parts)

    def validators(self) -> dict[bytes, Validator]:
        """Return every validator that there ever was."""
        with self.driven.store.snapshot() as snapshot:
            return dict(all_validators(snapshot))

    def powers(self) -> dict[bytes, int]:
        """Return the powers in force of those that have any."""
        return {key: v.power for key, v in self.validators().items() if v.power}

    def change_at(self, height: int) -> SetChange | None:
        """Return what the engine was told at a height."""
        found: SetChange | None = self.read(SET_CHANGES, integer_part(height))
        return found

    def addition(self, name: str, number: int | str) -> ProposeValidator:
        """Return a member's proposal of a validator of its own."""
        proof = self._possession(name, number)
        return ProposeValidator(public(number), proof)

    def succession(self, name: str, number: int | str, new: int | str) -> ProposeValidatorKey:
        """Return a member's proposal of another key for its validator."""
        return ProposeValidatorKey(public(number), public(new), self._possession(name, new))

    def _possession(self, name: str, number: int | str) -> bytes:
        message = possession_bytes(self.c.chain_id, self.c[name].party, ROLE)
        return consensus_key(number).sign(message)


def power(number: int | str, to: int, *, below_four: bool = False) -> ProposeValidatorPower:
    """Return a proposal of another power for a validator."""
    return ProposeValidatorPower(public(number), to, below_four)
