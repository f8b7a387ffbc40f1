"""A consortium whose members publish proposals, vote and wait; five of them unless a test says."""

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from xinlian.client import Organisation
from xinlian.contracts.message import Message, type_no
from xinlian.crypto.ed25519 import SUITE_ED25519, SigningKey
from xinlian.ledger.records import Collection
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.governance.messages import (
    ProposeMember,
    ProposePolicy,
    ProposeRecovery,
    Vote,
)
from xinlian.modules.governance.types import PROPOSAL, PROPOSALS, Proposal, ProposalStatus
from xinlian.modules.members.messages import RegisterKey, SetMandate
from xinlian.modules.members.types import (
    PARTIES,
    MandateRule,
    Party,
    key_id_of,
    possession_bytes,
)
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value
from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.testing import Consortium
from xinlian.testing.consortium import demo_uscc
from xinlian.testing.trade import SUCCEEDED, reference_of

FIVE = ("mill", "port")
"""With core, bank and settle they make five members."""


def key_named(name: str) -> SigningKey:
    """Return a key that is the same in every run."""
    return SigningKey(hashlib.sha256(f"council {name}".encode()).digest())


class Council:
    """The members of a consortium at work."""

    def __init__(
        self,
        *more_members: str,
        suspended: Sequence[str] = (),
        official_roles: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        self.c = Consortium(
            more_members=more_members,
            suspended=suspended,
            official_roles=official_roles,
        )

    def attempt(self, name: str, *messages: Message, roles: Sequence[str] = ("finance-1",)) -> str:
        """Send messages; return ``ok``, or the refusal by its public name."""
        return reference_of(self.c.send(name, *messages, roles=roles)[1].result)

    def do(self, name: str, *messages: Message, roles: Sequence[str] = ("finance-1",)) -> None:
        """Send messages that must succeed."""
        outcome = self.attempt(name, *messages, roles=roles)
        assert outcome == SUCCEEDED, outcome

    def propose(self, name: str, message: Message) -> bytes:
        """Publish a proposal and return its id."""
        signed, committed = self.c.send(name, message, roles=("finance-1",))
        assert committed.result.succeeded, reference_of(committed.result)
        return signed.created_id(PROPOSAL)

    def approve(self, proposal: bytes, *names: str, round_no: int = 1) -> None:
        """Let members vote in favour."""
        for name in names:
            self.do(name, Vote(proposal, round_no, in_favour=True))

    def decide(self, message: Message, *names: str, days: int = 0) -> bytes:
        """Publish, vote in favour, and wait for the enactment."""
        proposal = self.propose(names[0], message)
        self.approve(proposal, *names)
        self.wait(days * 86_400_000 + 1_000)
        assert self.status(proposal) == ProposalStatus.ENACTED
        return proposal

    def proposal(self, proposal: bytes) -> Proposal:
        """Return a proposal as the ledger has it."""
        found: Proposal = self.read(PROPOSALS, proposal)
        return found

    def status(self, proposal: bytes) -> ProposalStatus:
        """Return where a proposal stands."""
        return ProposalStatus(self.proposal(proposal).status)

    def has_passed(self, proposal: bytes) -> bool:
        """Return whether the votes were enough; without a delay the next block enacts it."""
        return self.status(proposal) in (ProposalStatus.PASSED, ProposalStatus.ENACTED)

    def read(self, collection: Collection[Any], *parts: bytes) -> Any:
        """Return a record of the committed state, or None."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return collection.get(snapshot, *parts)

    def state(self) -> dict[bytes, bytes]:
        """Return everything that is in the committed state."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return dict(snapshot.scan(b"", b"\xff" * 200))

    def wait(self, duration_ms: int) -> None:
        """Let time pass; due work runs on the way."""
        self.c.advance_to(self.c.now_ms() + duration_ms)
        self.c.settle_due_work()

    def pay(self, name: str = "core", roles: Sequence[str] = ("finance-1",)) -> str:
        """Let core or bank move one yuan to the other; return what became of it."""
        other = "bank" if name == "core" else "core"
        transfer = Transfer(self.c.account(name), self.c.account(other), 100)
        return self.attempt(name, transfer, roles=roles)

    def party(self, name: str) -> Party:
        """Return an organisation's entry of the directory."""
        found: Party = self.read(PARTIES, self.c[name].party)
        return found

    def policy(self, row: str) -> int:
        """Return the value of a policy row in force now."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return policy_value(snapshot, row, happening(self.c.now_ms()))

    def newcomer(self, name: str, number: int) -> ProposeMember:
        """Return the proposal to admit an organisation, which the council then knows by name."""
        key = key_named(name)
        organisation = Organisation(
            self.c.chain_id, demo_uscc(number), name, {"finance-1": key, "finance-2": key}
        )
        self.c.organisations[name] = organisation
        proof = key.sign(possession_bytes(self.c.chain_id, organisation.party, "finance-1"))
        return ProposeMember(
            organisation.uscc, f"演示{name}", SUITE_ED25519, key.public_key, "finance-1", proof
        )

    def let_vote(self, name: str) -> None:
        """Let a newly admitted member's key send what governance has."""
        for message_type in (Vote, ProposePolicy):
            self.do(name, mandate(message_type, key_named(name)))

    def recovery(self, name: str, *lost_roles: str, new: str = "recovered") -> ProposeRecovery:
        """Return the proposal to replace keys of an organisation by a new one."""
        key, party = key_named(new), self.c[name].party
        proof = key.sign(possession_bytes(self.c.chain_id, party, new))
        lost = tuple(sorted(key_id(self.c[name].keys[role]) for role in lost_roles))
        self.c[name].keys[new] = key
        return ProposeRecovery(party, lost, SUITE_ED25519, key.public_key, new, proof)

    def registration(self, name: str, role: str) -> RegisterKey:
        """Return the registration of a further key of an organisation, known by its role."""
        key = key_named(role)
        self.c[name].keys[role] = key
        proof = key.sign(possession_bytes(self.c.chain_id, self.c[name].party, role))
        return RegisterKey(SUITE_ED25519, key.public_key, role, proof)


def key_id(key: SigningKey) -> bytes:
    """Return the id of a key."""
    return key_id_of(key.suite, key.public_key)


def mandate(message_type: type[Message], *keys: SigningKey) -> SetMandate:
    """Return a mandate for any one of some keys."""
    ids = tuple(key_id(key) for key in keys)
    return SetMandate(type_no(message_type), (MandateRule(ids, 1, AMOUNT_MINOR_MAX, 0),))
