"""One party at work: its keys, its documents, its node; what scripts and the command line use.

::

    session = Session.open(home, passphrase)
    submitted = session.submit(AcceptCertificate(certificate, True), roles=["finance-1"])
    leaf = submitted.created_id("leaf")

Rules this file keeps:
 1. A transaction is valid for ten minutes from the later of the ledger's time and, on a live
    clock, this machine's.
 2. An outcome is waited for until it is known; a refusal is raised with its stable reference.
"""

import dataclasses
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from xinlian.client.builder import VALIDITY_MS_DEFAULT, SignedTransaction
from xinlian.client.http import NodeClient
from xinlian.client.keyring import KeyringError
from xinlian.client.organisation import Organisation
from xinlian.client.profile import load_profile, open_organisation
from xinlian.client.wire import CommittedAnswer, DryRunAnswer
from xinlian.contracts.message import Message
from xinlian.crypto.ed25519 import SigningKey


class Refused(Exception):  # noqa: N818 - names what happened to the transaction
    """A transaction was ordered and refused, or expired; ``reference`` is stable."""

    def __init__(self, reference: str, text: str, height: int) -> None:
        super().__init__(f"{reference}: {text}")
        self.reference = reference
        self.text = text
        self.height = height


@dataclasses.dataclass(frozen=True, slots=True)
class Submitted:
    """A transaction that took effect."""

    signed: SignedTransaction
    outcome: CommittedAnswer

    def created_id(self, kind: str, call_index: int = 0, ordinal: int = 0) -> bytes:
        """Return the id of an object that one of its messages created."""
        return self.signed.created_id(kind, call_index, ordinal)


class Session:
    """A party with its keys and a connection to its nodes."""

    def __init__(self, organisation: Organisation, node: NodeClient, *, is_simulated: bool) -> None:
        self.organisation = organisation
        self.node = node
        self._is_simulated = is_simulated

    @classmethod
    def open(cls, home: Path, passphrase: str) -> Self:
        """Return the session of a home folder; raises ProfileError or KeyringError."""
        profile = load_profile(home)
        organisation = open_organisation(home, passphrase)
        return cls.connect(organisation, profile.node_urls)

    @classmethod
    def connect(cls, organisation: Organisation, node_urls: Sequence[str]) -> Self:
        """Return a session of an organisation whose keys are at hand."""
        key = next(iter(organisation.keys.values()), None)
        if key is None:
            raise KeyringError("the keyring is empty; create keys first")
        node = NodeClient(node_urls, party=organisation.party, key=key)
        return cls(organisation, node, is_simulated=node.ready().simulated)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.node.close()

    def now_ms(self) -> int:
        """Return the ledger's time; on a live and quiet chain, this machine's if later."""
        head_ms = self.node.head().time_ms
        return head_ms if self._is_simulated else max(head_ms, time.time_ns() // 1_000_000)

    def sign(self, *messages: Message, roles: Sequence[str]) -> tuple[SignedTransaction, int]:
        """Return a signed transaction of these messages and until when it is valid."""
        valid_until_ms = self.now_ms() + VALIDITY_MS_DEFAULT
        intent = self.organisation.intend(*messages, valid_until_ms=valid_until_ms)
        return intent.sign(self._keys_of(roles)), valid_until_ms

    def dry_run(self, *messages: Message, roles: Sequence[str]) -> DryRunAnswer:
        """Return what the messages would do; raises ApiError if they would not be admitted."""
        signed, _ = self.sign(*messages, roles=roles)
        return self.node.dry_run(signed.raw)

    def submit(
        self,
        *messages: Message,
        roles: Sequence[str],
        keep: Callable[[bytes], None] | None = None,
    ) -> Submitted:
        """Send messages as one transaction and wait for its outcome.

        Args:
            messages: what is sent.
            roles: whose keys sign.
            keep: is given the signed bytes before they are sent: with them the same transaction
                can be sent again, or be proven to have expired.

        Raises:
            Refused: it was ordered and refused, or expired.
            ApiError: it was not admitted.
        """
        signed, valid_until_ms = self.sign(*messages, roles=roles)
        if keep is not None:
            keep(signed.raw)
        answer = self.node.wait_for_outcome(signed, valid_until_ms=valid_until_ms)
        if answer.committed is None:
            raise Refused("ledger/expired", "it expired before it was ordered", answer.height)
        if not answer.committed.succeeded:
            found = answer.committed
            raise Refused(found.error, found.title, found.height)
        return Submitted(signed, answer.committed)

    def _keys_of(self, roles: Sequence[str]) -> list[SigningKey]:
        unknown = [role for role in roles if role not in self.organisation.keys]
        if unknown or not roles:
            have = ", ".join(self.organisation.keys)
            raise KeyringError(f"no key for {', '.join(unknown) or 'any role'}; there are: {have}")
        return self.organisation.keys_of(*roles)
