"""Asking a running consortium what a message would do, without doing it."""

from typing import NamedTuple

from xinlian.apps.supply_chain.types import CERTIFICATES, LEAVES, Certificate, Leaf
from xinlian.contracts.message import Message
from xinlian.ledger.block import Block
from xinlian.ledger.genesis import parse_genesis
from xinlian.modules.obligations.types import OBLIGATIONS, Obligation
from xinlian.modules.quotas.types import USAGE
from xinlian.testing import Consortium
from xinlian.testing.trade import reference_of

LEDGER_KEYS = (b"\x00\x00", USAGE.prefix)
"""The ledger's own records: markers of consumed keys, height and time, what payers used."""


class Tried(NamedTuple):
    """What a message would give: its result, and the state it would leave."""

    reference: str
    writes: dict[bytes, bytes | None]

    def certificate(self, certificate: bytes) -> Certificate:
        """Return a certificate that the message would change."""
        return CERTIFICATES.decode(self.writes[CERTIFICATES.key(certificate)] or b"")

    def leaf(self, leaf: bytes) -> Leaf:
        """Return a leaf that the message would change."""
        return LEAVES.decode(self.writes[LEAVES.key(leaf)] or b"")

    @property
    def changes_nothing(self) -> bool:
        """True when nothing but the ledger's own records would change."""
        return all(key.startswith(LEDGER_KEYS) for key in self.writes)


def try_out(
    consortium: Consortium,
    name: str,
    *messages: Message,
    roles: tuple[str, ...] = ("finance-1", "finance-2"),
) -> Tried:
    """Return what messages of an organisation would do in the next block."""
    signed = consortium.sign(name, *messages, roles=roles)
    height = consortium.engine.height() + 1
    start_ms = parse_genesis(consortium.genesis_bytes).genesis_time_ms
    block = Block(height, start_ms + height, (signed.raw,))
    outcome = consortium.engine.application.dry_run(block)
    return Tried(reference_of(outcome.results[0]), outcome.writes)


def certificate_of(consortium: Consortium, certificate: bytes) -> Certificate:
    """Return a certificate of the committed state."""
    with consortium.engine.application.store.snapshot() as snapshot:
        return CERTIFICATES.require(snapshot, certificate)


def leaf_of(consortium: Consortium, leaf: bytes) -> Leaf:
    """Return a leaf of the committed state."""
    with consortium.engine.application.store.snapshot() as snapshot:
        return LEAVES.require(snapshot, leaf)


def obligation_of(consortium: Consortium, certificate: bytes) -> Obligation:
    """Return an obligation of the committed state."""
    with consortium.engine.application.store.snapshot() as snapshot:
        return OBLIGATIONS.require(snapshot, certificate)
