"""What a verification found, as plain values that print as JSON."""

import dataclasses

MODE_ARCHIVAL = "archival"
"""Everything that is needed is in the file; no trusting period applies."""
MODE_LIVE = "live"
"""The root of trust and the header are recent: who deceived could still be held to account."""


@dataclasses.dataclass(frozen=True, slots=True)
class Countersigner:
    """A party whose key countersigned a head; ``height`` is that head's."""

    code: str
    name: str
    kind: str
    is_operator: bool
    """It also runs the operator: its signature adds nobody."""
    public_key: str
    height: int


@dataclasses.dataclass(frozen=True, slots=True)
class TimeStamp:
    """An authority's word that a head existed at a time (RFC 3161)."""

    height: int
    is_checked: bool
    time_ms: int = 0
    """0 where it was not checked."""
    authority: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class ProvenHeader:
    """A header that the file's proofs are under, and who stands behind it."""

    height: int
    time_ms: int
    hash: str
    operators: tuple[str, ...]
    """Public keys of the operators that signed it."""
    countersigners: tuple[Countersigner, ...] = ()
    unknown_keys: tuple[str, ...] = ()
    """Keys that countersigned it and that the root of trust does not name."""
    time_stamps: tuple[TimeStamp, ...] = ()
    is_checkpoint: bool = False
    """It is the checkpoint's head, or one before it in the same chain."""
    validators: tuple[str, ...] = ()
    """Public keys of the validators that committed it."""
    set_changes: int = 0
    """How often validators changed between the root of trust and it, as the file shows."""


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A state entry; ``value`` is None where it was shown to be absent."""

    key: str
    value: str | None
    height: int


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """What a file proves."""

    chain_id: str
    is_simulated: bool
    assumption: str
    """What it rests on, in English."""
    heights: tuple[int, ...]
    time_ms: int
    transaction_id: str = ""
    """Hexadecimal; empty where the file has no transaction."""
    code: int = 0
    codespace: str = ""
    call_count: int = 0
    expired_transaction_id: str = ""
    """Hexadecimal; of a transaction that was never ordered and never will be."""
    present_keys: tuple[str, ...] = ()
    absent_keys: tuple[str, ...] = ()
    assumption_zh: str = ""
    engine: str = ""
    mode: str = MODE_ARCHIVAL
    trust_root: str = ""
    """``genesis`` or ``checkpoint``."""
    headers: tuple[ProvenHeader, ...] = ()
    entries: tuple[Entry, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Equivocation:
    """That an operator signed two headers of which one chain can hold only one."""

    chain_id: str
    is_simulated: bool
    heights: tuple[int, int]
    hashes: tuple[str, str]
    operators: tuple[tuple[str, ...], tuple[str, ...]]
    """Public keys that signed the one and the other."""
    statement: str
    statement_zh: str
