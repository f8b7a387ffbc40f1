"""What the reference model remembers of each thing: plain records, as the parties would note them.

Rules this file keeps:
 1. A record holds what was said and what came of it; whatever follows from that is worked out when
    it is asked for, so that nothing is kept twice.
"""

import dataclasses
from typing import Final

from xinlian.contracts.message import Message

WHOLE, GARBLED, BAD_SIGNATURE = "whole", "garbled", "bad signature"
AGREED, INTEREST, CALL, RECOURSE, RETURN = 3, 4, 5, 6, 7
"""The published numbers of what an obligation arises from."""
UNSECURED, AUTHORITY, LOCKED, GUARANTEED = 1, 2, 3, 4
"""The published numbers of securities."""
Posting = tuple[bytes, bytes, int]
"""(receiving account, giving account, amount)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    """A transaction as its sender knows it."""

    raw: bytes
    transaction_id: bytes
    chain_id: str
    payer: bytes
    idempotency_key: bytes
    valid_until_ms: int
    signers: tuple[bytes, ...]
    calls: tuple[tuple[bytes, Message], ...]
    condition: str = WHOLE


NOTHING_SENT: Final = Sent(b"", b"", "", b"", b"", 0, (), ())


@dataclasses.dataclass(slots=True)
class Certificate:
    """A promise, as the parties remember it."""

    obligor: bytes
    first_holder: bytes
    invoice: bytes
    face_minor: int
    due_day: int
    proposer: bytes
    rate_e9: int = 0
    state: str = "draft"
    account: bytes = b""
    cap_minor: int = 0
    until_ms: int = 0
    drawn_minor: int = 0
    is_overdue: bool = False
    cured_at_ms: int = 0
    agreed_ms: int = 0
    """When its contract was registered."""
    issued_ms: int = 0


@dataclasses.dataclass(slots=True)
class Leaf:
    """A share of a promise, as its holder remembers it."""

    certificate: bytes
    holder: bytes
    amount_minor: int
    discharged_minor: int = 0
    is_spent: bool = False
    is_assigned: bool = False


@dataclasses.dataclass(slots=True)
class Pending:
    """What a giver has set aside for a receiver."""

    from_account: bytes
    to_account: bytes
    settler: bytes
    left_minor: int
    expires_at_ms: int


@dataclasses.dataclass(slots=True)
class Order:
    """A payment that a bank was asked to make."""

    leaf: bytes
    account: bytes
    amount_minor: int
    is_open: bool = True


@dataclasses.dataclass(slots=True)
class Guarantor:
    """Who answers for a debtor; for nothing until it accepted."""

    liability_minor: int = 0
    account: bytes = b""
    until_ms: int = 0
    claim: bytes = b""


@dataclasses.dataclass(slots=True)
class Promise:
    """An obligation that parties agreed on, or that followed from one."""

    debtor: bytes
    creditor: bytes
    amount_minor: int
    due_day: int
    kind: int = AGREED
    proposer: bytes = b""
    security: int = UNSECURED
    may_be_part: bool = True
    grace_days: int = 0
    rate_e9: int = 0
    guarantors: dict[bytes, Guarantor] = dataclasses.field(default_factory=dict)
    condition: tuple[str, str, bytes] | None = None
    """(kind of fact, least grade, subject) while the fact is missing."""
    window_ms: int = 0
    is_accepted: bool = False
    cancel_asked_by: bytes = b""
    late_row: str = ""
    agreed_ms: int = 0
    """When it was proposed, or what it follows from was."""
    issued_ms: int = 0
    """When it came to bind."""
    account: bytes = b""
    cap_minor: int = 0
    until_ms: int = 0
    payee: bytes = b""
    origin: bytes = b""
    stage: str = "proposed"
    """proposed, open, late, ended."""
    ended_as: int = 0
    is_due: bool = False
    opening_minute: int = 0
    cutoff_minute: int = 0
    cutoff_from_day: int = 0
    outside_days: int = 0
    due_at_ms: int = 0
    """Fixed once it is due."""
    owed_again_day: int = 0
    performed_minor: int = 0
    released_minor: int = 0
    awaiting_minor: int = 0
    disputed_minor: int = 0
    late_base_minor: int = 0
    interest_minor: int = 0
    ordered_day: int = 0
    order_days: int = 0
    order_minute: int = 0
    ledger_paid_minor: int = 0
    booked_minor: dict[bool, int] = dataclasses.field(default_factory=dict)
    """Is it a credit → how much of that the bank has booked."""
    surplus_minor: int = 0
    """What was paid beyond what was owed, and is owed back."""
    shown_minor: dict[int, int] = dataclasses.field(default_factory=dict)
    """Witness → what it has shown of money outside the ledger."""

    @property
    def open_minor(self) -> int:
        """What is neither performed nor released."""
        return self.amount_minor - self.performed_minor - self.released_minor

    @property
    def payable_minor(self) -> int:
        """What may be paid now: nobody disputes it and no bank is paying it."""
        return self.open_minor - self.awaiting_minor - self.disputed_minor

    @property
    def is_locked(self) -> bool:
        """Whether its money is set aside from the opening on."""
        return self.security == LOCKED and self.kind == AGREED

    @property
    def is_binding(self) -> bool:
        """Whether something is owed."""
        return self.stage in ("open", "late")

    @property
    def reserved_minor(self) -> int:
        """What of its account's money is set aside for it."""
        if not self.is_binding:
            return 0
        return self.open_minor if self.is_locked else self.awaiting_minor

    @property
    def outside_minor(self) -> int:
        """What was paid outside the ledger: the witness that has shown most says it."""
        return max(self.shown_minor.values(), default=0)


@dataclasses.dataclass(slots=True)
class Proposal:
    """What members vote on."""

    kind: str
    proposer: bytes
    subject: bytes
    content: Message
    proposed_at_ms: int
    expires_at_ms: int
    stage: str = "open"
    """open, passed, enacted, expired, lapsed."""
    enact_at_ms: int = 0
    ballots: dict[bytes, bool] = dataclasses.field(default_factory=dict)
    """Of the present round."""
    round_no: int = 1
    is_vetoed: bool = False
    has_evidence: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """A mandate: who may send a type of message, up to what."""

    keys: tuple[bytes, ...]
    threshold: int
    cap_minor: int
    expires_at_ms: int
    daily_cap_minor: int


@dataclasses.dataclass(frozen=True, slots=True)
class Beginning:
    """What the genesis file says: the model starts from it."""

    chain_id: str
    time_ms: int
    deposit: bytes
    issue_account: bytes
    bank: bytes
    balances_minor: dict[bytes, int]
    owners: dict[bytes, bytes]
    mirrors: dict[bytes, bytes]
    """Commitment to an account number → the account that mirrors it, empty where none does."""
    holders: dict[bytes, bytes]
    """Commitment to an account number → whose it is."""
    keys: dict[bytes, bytes]
    """Key id → party."""
    members: tuple[bytes, ...]
    sponsors: dict[bytes, bytes]
    mandates: dict[tuple[bytes, int], tuple[Rule, ...]]
    """(party, message type) → rules."""
    policy: dict[str, int]
