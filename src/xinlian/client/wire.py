"""What the HTTP API answers, as types that server and client share.

Rules this file keeps:
 1. Amounts are text, heights and codes are numbers; a moment is given in milliseconds and, beside
    it, as local time with its offset.
 2. Binary ids without a kind (transactions, document roots, hashes) are lower-case hexadecimal.
 3. A field is only ever added; a client ignores fields that it does not know.
"""

from typing import Final

import msgspec

MIN_HEIGHT_HEADER: Final = "Xinlian-Min-Height"
"""A read with this header is answered from that height on, or refused as transient."""


class CommittedAnswer(msgspec.Struct, frozen=True):
    """Where an ordered transaction stands and what came of it."""

    height: int
    index: int
    time_ms: int
    time: str
    codespace: str
    code: int
    """0 when every message applied."""
    error: str
    """The stable name of a refusal, ``codespace/name``; empty when every message applied."""
    title: str
    failed_call: int
    """The index of the refused message, -1 when none was."""
    work: int

    @property
    def succeeded(self) -> bool:
        """True when every message applied."""
        return self.code == 0


class OutcomeAnswer(msgspec.Struct, frozen=True):
    """What is known of a submission.

    ``pending``, ``committed``, ``expired``, ``unknown``, or ``unknown_before``: it may be in a
    block up to ``since_height``, from whose snapshot the node began.
    """

    status: str
    transaction_id: str
    height: int
    """As of which height this is known."""
    committed: CommittedAnswer | None = None
    since_height: int = 0


class DryRunEvent(msgspec.Struct, frozen=True):
    """An event that would happen."""

    call_index: int
    type: int
    encoded: str
    """Its canonical bytes, hexadecimal."""


class DryRunAnswer(msgspec.Struct, frozen=True):
    """What a transaction would do if it were ordered alone now."""

    height: int
    codespace: str
    code: int
    error: str
    title: str
    failed_call: int
    work: int
    events: tuple[DryRunEvent, ...]

    @property
    def succeeded(self) -> bool:
        """True when every message would apply."""
        return self.code == 0


class SignatureAnswer(msgspec.Struct, frozen=True):
    """An operator's signature of a header, hexadecimal."""

    public_key: str
    signature: str


class HeaderAnswer(msgspec.Struct, frozen=True):
    """A signed header; hashes are hexadecimal."""

    version: int
    chain_id: str
    height: int
    time_ms: int
    time: str
    simulated: bool
    previous_hash: str
    transactions_root: str
    transaction_count: int
    state_root: str
    results_root: str
    events_root: str
    app_version: int
    app_hash: str
    hash: str
    signatures: tuple[SignatureAnswer, ...]


class HeadersAnswer(msgspec.Struct, frozen=True):
    """A page of headers, ascending."""

    height: int
    items: tuple[HeaderAnswer, ...]
    next_cursor: str | None = None


class LiveAnswer(msgspec.Struct, frozen=True):
    """That the process answers."""

    live: bool


class ReadyAnswer(msgspec.Struct, frozen=True):
    """Whether a node serves, and how far its read model is."""

    ready: bool
    chain_id: str
    clock: str
    simulated: bool
    label: str
    """For people, in both languages; empty on a live clock."""
    height: int
    projected_height: int
    cause: str
    """Why it is not ready, as a stable name; empty when it is."""


class TokenAnswer(msgspec.Struct, frozen=True):
    """A bearer token: whoever has it reads as the party until it ends."""

    token: str
    token_type: str
    expires_in_seconds: int
    party: str

    def __repr__(self) -> str:
        return f"TokenAnswer(party={self.party!r}, expires_in_seconds={self.expires_in_seconds})"


class CountersignerAnswer(msgspec.Struct, frozen=True):
    """A party that countersigned a head."""

    code: str
    """Its unified social credit code."""
    name: str
    kind: str
    is_operator: bool
    """It also runs the operator: its signature adds nobody."""
    public_key: str
    height: int
    """Of the head that it countersigned."""


class TimeStampAnswer(msgspec.Struct, frozen=True):
    """An authority's time stamp of a head; a node checks none."""

    height: int
    is_checked: bool
    time_ms: int
    authority: str


class ProvenHeaderAnswer(msgspec.Struct, frozen=True):
    """A header that proofs are under, and who stands behind it."""

    height: int
    time_ms: int
    hash: str
    operators: tuple[str, ...]
    countersigners: tuple[CountersignerAnswer, ...]
    unknown_keys: tuple[str, ...]
    time_stamps: tuple[TimeStampAnswer, ...]
    is_checkpoint: bool


class EntryAnswer(msgspec.Struct, frozen=True):
    """A state entry, hexadecimal; ``value`` is null where it was shown to be absent."""

    key: str
    value: str | None
    height: int


class MandateKey(msgspec.Struct, frozen=True):
    """A key that a mandate names."""

    key_id: str
    role: str
    status: str


class MandateItem(msgspec.Struct, frozen=True):
    """Any ``threshold`` of the keys may send a message type, up to the caps."""

    party_id: str
    message_type: int
    """Its number; names are those of the module pages."""
    rule_no: int
    """Which of the rules of the message type, in their order, from 1."""
    threshold: int
    keys: tuple[MandateKey, ...]
    cap_minor: str
    """At most this a message."""
    daily_cap_minor: str
    """At most this a China day; 0 is no daily cap."""
    expires_at_ms: int
    """0 where it does not expire."""
    expires_at: str


class MandatesAnswer(msgspec.Struct, frozen=True):
    """All mandates of the party that asks."""

    height: int
    items: tuple[MandateItem, ...]


class CountersignedAnswer(msgspec.Struct, frozen=True):
    """That a node keeps a member's countersignature of a head."""

    height: int
    hash: str


class ReportAnswer(msgspec.Struct, frozen=True):
    """What a receipt file proves against this node's genesis."""

    chain_id: str
    is_simulated: bool
    assumption: str
    heights: tuple[int, ...]
    time_ms: int
    time: str
    transaction_id: str
    code: int
    codespace: str
    call_count: int
    expired_transaction_id: str
    present_keys: tuple[str, ...]
    absent_keys: tuple[str, ...]
    assumption_zh: str = ""
    engine: str = ""
    mode: str = ""
    trust_root: str = ""
    headers: tuple[ProvenHeaderAnswer, ...] = ()
    entries: tuple[EntryAnswer, ...] = ()


class CureAnswer(msgspec.Struct, frozen=True):
    """What would cure a flow that is not corroborated, a contradiction or a warning."""

    of: str
    """A flow, ``contradiction`` or ``warning``."""
    english: str
    chinese: str


class WarningAnswer(msgspec.Struct, frozen=True):
    """What stands against a device that watches the goods."""

    device: str
    reasons: tuple[str, ...]
    """Names of rules, ``silent`` or ``retired``."""


class CorroborationAnswer(msgspec.Struct, frozen=True):
    """What the facts and verdicts about a subject come to."""

    height: int
    subject: str
    corroborated: tuple[str, ...]
    missing: tuple[str, ...]
    complete: bool
    result: str
    """``corroborated``, ``uncorroborated``, ``contradicted`` or ``withheld``."""
    passing: tuple[str, ...]
    """Verifiers whose verdict passes what those of ``blocking`` block."""
    blocking: tuple[str, ...]
    cures: tuple[CureAnswer, ...]
    warnings: tuple[WarningAnswer, ...] = ()


class Problem(msgspec.Struct, frozen=True):
    """Problem details of every error.  Source: RFC 9457."""

    type: str
    """``urn:xinlian:error:<codespace>/<name>``; stable."""
    title: str
    status: int
    detail: str
    codespace: str
    name: str
    code: int
    transient: bool
    """Whether the very same request may succeed later."""
    not_admitted: bool = False
    """True when a transaction was refused before ordering: advice, no outcome."""


class LedgerEvent(msgspec.Struct, frozen=True):
    """An event of the stream; ``id`` is ``height.index`` and resumes the stream after it."""

    id: str
    type: str
    data: msgspec.Raw
