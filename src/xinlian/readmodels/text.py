"""Ids, commitments and events as text for people.

Rules this file keeps:
 1. An id is written as ``<kind>_<base32>``, a commitment in hexadecimal, an absent one is empty.
 2. Amounts are texts of minor units, so that no reader's number loses a unit; days are dates.
 3. Every field of bytes of every event has a kind here; a test looks through all events.
"""

import enum
import functools
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from xinlian.apps.supply_chain import events as supply_chain
from xinlian.apps.supply_chain.types import OrderStatus
from xinlian.contracts.message import Event, type_name
from xinlian.contracts.registry import Registry
from xinlian.modules.accounts import events as accounts
from xinlian.modules.accounts.types import AccountClass, AssetKind, PendingStatus
from xinlian.modules.evidence.events import VerdictGiven
from xinlian.modules.evidence.types import VerdictOutcome
from xinlian.modules.governance import events as governance
from xinlian.modules.governance.types import ProposalKind
from xinlian.modules.members import events as members
from xinlian.modules.members.types import PartyKind, PartyStatus
from xinlian.modules.obligations import events as obligations
from xinlian.modules.obligations.outside import Witness
from xinlian.modules.obligations.types import (
    ObligationStatus,
    ReleaseReason,
    Security,
    SourceKind,
)
from xinlian.primitives import ID_BYTES, format_id
from xinlian.primitives.time import iso_of_day

IDS_REMEMBERED: Final = 1 << 16
HEX: Final = "hex"
_OBJECT: Final = "object"
"""An id of one of several kinds, which the other events beside it tell."""

_PARTY_FIELDS: Final = (
    "party",
    "sponsor",
    "member",
    "head",
    "owner",
    "bank",
    "debtor",
    "creditor",
    "signer",
    "seller",
    "buyer",
    "obligor",
    "first_holder",
    "holder",
    "proposer",
    "to",
    "financier",
    "payee",
    "settler",
    "guarantor",
)
FIELD_KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(_PARTY_FIELDS, "party"),
    "key_id": "key",
    "account": "account",
    "from_account": "account",
    "to_account": "account",
    "pending": "pending",
    "debit_account": "account",
    "credit_account": "account",
    "asset": "asset",
    "deposit": "asset",
    "certificate": "cert",
    "leaf": "leaf",
    "parent": "leaf",
    "offer": "offer",
    "order": "order",
    "by_order": "order",
    "end_to_end_id": "order",
    "obligation": "obligation",
    "claim": "obligation",
    "issuer": _OBJECT,
    "purpose": _OBJECT,
    "reservation": _OBJECT,
    "new_reservation": _OBJECT,
    "proposal": "proposal",
    "public_key": HEX,
    "commitment": HEX,
    "root": HEX,
    "document_root": HEX,
    "invoice_root": HEX,
    "contract_root": HEX,
    "promise_root": HEX,
    "source_root": HEX,
    "condition_subject": HEX,
    "subject": HEX,
    "identity": HEX,
    "register_no": HEX,
    "trial_balance_hash": HEX,
}
_PREFERRED: Final = ("party", "leaf", "order", "cert", "account", "obligation", "pending")
"""Which kind an id gets that stands in fields of several kinds, the first first."""
_NAMED_BY_BANKS: Final = "end_to_end_id"
"""What a bank repeats is an order or an obligation: the other events beside it tell."""
_ENUMS: Final[Mapping[tuple[type[Event], str], type[enum.IntEnum]]] = {
    (members.PartyAdmitted, "kind"): PartyKind,
    (members.PartyStatusChanged, "status"): PartyStatus,
    (governance.ProposalPublished, "kind"): ProposalKind,
    (accounts.AccountOpened, "account_class"): AccountClass,
    (accounts.PendingClosed, "status"): PendingStatus,
    (obligations.ObligationOpened, "source_kind"): SourceKind,
    (obligations.ObligationOpened, "status"): ObligationStatus,
    (obligations.ObligationEnded, "status"): ObligationStatus,
    (obligations.ObligationPerformed, "status"): ObligationStatus,
    (obligations.ObligationReleased, "status"): ObligationStatus,
    (obligations.ObligationReleased, "reason"): ReleaseReason,
    (obligations.DisputeChanged, "status"): ObligationStatus,
    (obligations.ObligationProposed, "security"): Security,
    (obligations.OutsideDischarge, "witness"): Witness,
    (VerdictGiven, "outcome"): VerdictOutcome,
    (supply_chain.PaymentOrderEnded, "status"): OrderStatus,
}


@functools.lru_cache(maxsize=IDS_REMEMBERED)
def id_text(kind: str, raw: bytes) -> str:
    """Return the text of an id, empty for an absent one; the same few ids come again and again."""
    return format_id(kind, raw) if raw else ""


def enum_text(member: enum.IntEnum) -> str:
    """Return the lower-case name of a state."""
    return member.name.lower()


def kinds_of(events: Iterable[Event]) -> dict[bytes, str]:
    """Return of which kind the ids are that stand in the events of one source."""
    kinds: dict[bytes, str] = {}
    for event in events:
        if isinstance(event, accounts.AccountOpened):
            kinds[event.issuer] = "party" if event.asset_kind == AssetKind.DEPOSIT else "cert"
        for field in event.__struct_fields__:
            kind = FIELD_KINDS.get(field, HEX)
            if kind in _PREFERRED and field != _NAMED_BY_BANKS:
                raw = getattr(event, field)
                best = kinds.get(raw, kind)
                kinds[raw] = min(best, kind, key=_PREFERRED.index)
    return kinds


def object_text(raw: bytes, kinds: Mapping[bytes, str]) -> str:
    """Return the text of an id of one of several kinds."""
    if not raw:
        return ""
    kind = kinds.get(raw)
    return raw.hex() if kind is None else id_text(kind, raw)


def event_json(event: Event, kinds: Mapping[bytes, str], registry: Registry) -> str:
    """Return the data of an event for people, as JSON with its fields in order."""
    data = {field: _field_value(event, field, kinds, registry) for field in event.__struct_fields__}
    return msgspec.json.encode(data).decode("utf-8")


def _field_value(
    event: Event,
    field: str,
    kinds: Mapping[bytes, str],
    registry: Registry,
) -> str | int | bool:
    value: bytes | int | str | bool = getattr(event, field)
    if isinstance(value, bytes):
        kind = FIELD_KINDS[field]
        if kind == _OBJECT or (kind != HEX and len(value) not in (0, ID_BYTES)):
            return object_text(value, kinds)
        return value.hex() if kind == HEX else id_text(kind, value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _number_text(event, field, value, registry)
    return value


def _number_text(event: Event, field: str, value: int, registry: Registry) -> str | int:
    named = _ENUMS.get((type(event), field))
    if named is not None:
        return enum_text(named(value))
    if field.endswith("_minor"):
        return str(value)
    if field.endswith("_day"):
        return iso_of_day(value)
    if field == "message_type":
        found = registry.messages.get(value)
        return value if found is None else type_name(found)
    return value
