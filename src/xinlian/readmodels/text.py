"""Ids, commitments and events as text for people.

Rules this file keeps:
 1. An id is written as ``<kind>_<base32>``, a commitment in hexadecimal, an absent one is empty.
 2. Amounts are texts of minor units, so that no reader's number loses a unit; days are dates.
 3. Every field of bytes of every event has a kind here; a test looks through all events.
"""

import enum
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from xinlian.apps.credit import events as credit
from xinlian.apps.credit.types import Mark, ObjectionStatus, RecordLife
from xinlian.apps.supply_chain import dispute_events, offer_events
from xinlian.apps.supply_chain import events as supply_chain
from xinlian.apps.supply_chain.credit_note_types import LoweringKind
from xinlian.apps.supply_chain.dispute_types import DisputeStatus, Ground
from xinlian.apps.supply_chain.guarantee_events import GuaranteeEnded
from xinlian.apps.supply_chain.guarantee_records import GuaranteeStatus
from xinlian.apps.supply_chain.offer_types import CallStatus
from xinlian.apps.supply_chain.types import Life, OrderStatus
from xinlian.contracts.message import Event, type_name
from xinlian.contracts.registry import Registry
from xinlian.ledger.block import MisbehaviourKind
from xinlian.modules.accounts import events as accounts
from xinlian.modules.accounts.types import AccountClass, AssetKind, PendingStatus
from xinlian.modules.conditions.types import Input, Rule, RuleOutcome, RuleResult, Term
from xinlian.modules.evidence.events import VerdictGiven
from xinlian.modules.evidence.types import VerdictOutcome
from xinlian.modules.governance import events as governance
from xinlian.modules.governance.types import ProposalKind
from xinlian.modules.members import events as members
from xinlian.modules.members.roles import OfficialRole
from xinlian.modules.members.types import PartyKind, PartyStatus
from xinlian.modules.obligations import events as obligations
from xinlian.modules.obligations.outside import Witness
from xinlian.modules.obligations.types import (
    EnforcementStatus,
    ObligationStatus,
    ReleaseReason,
    Security,
    SourceKind,
)
from xinlian.modules.standing import events as standing
from xinlian.modules.standing.types import CreditFactKind
from xinlian.modules.validators.events import MisbehaviourShown
from xinlian.primitives import ID_BYTES, format_id
from xinlian.primitives.time import iso_of_day
from xinlian.readmodels.rows import TransferRow

IDS_REMEMBERED: Final = 1 << 16
HEX: Final = "hex"
_OBJECT: Final = "object"
"""An id of one of several kinds, which the other events beside it tell."""
_PURPOSE: Final = "purpose"
"""Such an id, or the name that a transfer has of its own."""

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
    "examiner",
    "financier",
    "payee",
    "settler",
    "guarantor",
    "authority",
    "court",
    "confirmed_by",
    "raised_by",
    "asked_by",
    "agreed_by",
    "proposed_by",
    "ended_by",
    "principal",
    "other",
    "reader",
    "data_subject",
    "provider",
    "inquirer",
    "serves",
    "attester",
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
    "case": "leaf",  # what a rule pack of this version decides about
    "parent": "leaf",
    "taken": "leaf",
    "rest": "leaf",
    "offer": "offer",
    "order": "order",
    "by_order": "order",
    "end_to_end_id": "order",
    "obligation": "obligation",
    "claim": "obligation",
    "issuer": _OBJECT,
    "purpose": _PURPOSE,
    "reservation": _OBJECT,
    "new_reservation": _OBJECT,
    "proposal": "proposal",
    "consent": "consent",
    "device": "device",
    "device_key": HEX,
    "inputs_root": HEX,
    "credit_record": "record",
    "previous": "record",
    "objection": "objection",
    "inquiry": "inquiry",
    "shown": "record",
    "marked": "record",
    "counted": "record",
    "model_root": HEX,
    "feature_root": HEX,
    "reason_root": HEX,
    "answer_root": HEX,
    "duty_source": HEX,
    "freeze": "freeze",
    "dispute": "dispute",
    "call": "call",
    "public_key": HEX,
    "box_key": HEX,
    "box_secret": HEX,
    "sealed": HEX,
    "successor": HEX,
    "commitment": HEX,
    "root": HEX,
    "document_root": HEX,
    "invoice_root": HEX,
    "contract_root": HEX,
    "promise_root": HEX,
    "source_root": HEX,
    "grounds_root": HEX,
    "decision_root": HEX,
    "corrects_root": HEX,
    "case_root": HEX,
    "order_root": HEX,
    "terms_root": HEX,
    "deed_root": HEX,
    "request_root": HEX,
    "condition_subject": HEX,
    "subject": HEX,
    "identity": HEX,
    "register_no": HEX,
    "trial_balance_hash": HEX,
}
NAMED_VALUES: Final = frozenset({"rules", "terms", "inputs", "results"})
"""Fields of values that have names of their own: an object of texts."""
NAME_LISTS: Final = frozenset({"data_kinds", "alert_rules", "record_types", "reasons"})
"""Fields of several names: a list of texts."""
ID_LISTS: Final = frozenset({"shown", "marked", "counted"})
"""Fields of several ids of one kind: a list of texts."""
OPEN_DAYS: Final = frozenset({"end_day"})
"""Days that may not have come: 0 is none, and an empty text."""
_PREFERRED: Final = ("party", "leaf", "order", "cert", "account", "obligation", "pending")
"""Which kind an id gets that stands in fields of several kinds, the first first."""
_NAMED_BY_BANKS: Final = "end_to_end_id"
"""What a bank repeats is an order or an obligation: the other events beside it tell."""
_ENUMS: Final[Mapping[tuple[type[Event], str], type[enum.IntEnum]]] = {
    (members.PartyAdmitted, "kind"): PartyKind,
    (members.PartyStatusChanged, "status"): PartyStatus,
    (members.RoleGiven, "official_role"): OfficialRole,
    (members.RoleWithdrawn, "official_role"): OfficialRole,
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
    (obligations.EnforcementEnded, "status"): EnforcementStatus,
    (obligations.ObligationProposed, "security"): Security,
    (obligations.OutsideDischarge, "witness"): Witness,
    (VerdictGiven, "outcome"): VerdictOutcome,
    (MisbehaviourShown, "kind"): MisbehaviourKind,
    (standing.CreditFactRecorded, "kind"): CreditFactKind,
    (standing.CreditFactRecorded, "source_kind"): SourceKind,
    (supply_chain.PaymentOrderEnded, "status"): OrderStatus,
    (GuaranteeEnded, "status"): GuaranteeStatus,
    (dispute_events.DisputeOpened, "ground"): Ground,
    (dispute_events.DisputeEnded, "status"): DisputeStatus,
    (dispute_events.InvoiceLowered, "kind"): LoweringKind,
    (dispute_events.LeafReduced, "life"): Life,
    (dispute_events.LeafReduced, "certificate_life"): Life,
    (offer_events.CallEnded, "status"): CallStatus,
    (credit.RecordPublished, "mark"): Mark,
    (credit.ObjectionAnswered, "objection_status"): ObjectionStatus,
    (credit.RecordEnded, "record_life"): RecordLife,
}


ISSUER_KINDS: Final[Mapping[str, str]] = {AssetKind.DEPOSIT: "party", AssetKind.LOAN: "leaf"}
"""Of which kind the id is that issues an asset; of all other assets it is a certificate."""


@functools.lru_cache(maxsize=IDS_REMEMBERED)
def id_text(kind: str, raw: bytes) -> str:
    """Return the text of an id, empty for an absent one; the same few ids come again and again."""
    return format_id(kind, raw) if raw else ""


def enum_text(member: enum.IntEnum) -> str:
    """Return the lower-case name of a state."""
    return member.name.lower()


class Kinds:
    """Of which kind the ids are that stand in the events of one source; looked up on demand."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events
        self._known: dict[bytes, str] | None = None

    def get(self, raw: bytes) -> str | None:
        """Return the kind of an id, or None where no event tells it."""
        if self._known is None:
            self._known = kinds_of(self._events)
        return self._known.get(raw)


KindsOf = Kinds | Mapping[bytes, str]
"""What tells the kind of an id."""


def kinds_of(events: Iterable[Event]) -> dict[bytes, str]:
    """Return of which kind the ids are that stand in the events of one source."""
    ranks: dict[bytes, int] = {}
    kinds: dict[bytes, str] = {}
    for event in events:
        if isinstance(event, accounts.AccountOpened):
            kinds[event.issuer] = ISSUER_KINDS.get(event.asset_kind, "cert")
        for field, rank in _telling_fields(type(event)):
            raw = getattr(event, field)
            ranks[raw] = min(ranks.get(raw, rank), rank)
    for raw, rank in ranks.items():
        known = kinds.get(raw)
        best = rank if known is None else min(rank, _PREFERRED.index(known))
        kinds[raw] = _PREFERRED[best]
    return kinds


@functools.cache
def _telling_fields(event_type: type[Event]) -> tuple[tuple[str, int], ...]:
    """Return the fields whose ids have a kind of their own, with the rank of that kind."""
    kinds = [(field, FIELD_KINDS.get(field, HEX)) for field in event_type.__struct_fields__]
    return tuple(
        (field, _PREFERRED.index(kind))
        for field, kind in kinds
        if kind in _PREFERRED and field != _NAMED_BY_BANKS
    )


def object_text(raw: bytes, kinds: KindsOf) -> str:
    """Return the text of an id of one of several kinds."""
    if not raw:
        return ""
    kind = kinds.get(raw)
    return raw.hex() if kind is None else id_text(kind, raw)


def purpose_text(raw: bytes, kinds: KindsOf) -> str:
    """Return the text of what a transfer is for: an object, or the transfer itself."""
    return id_text(kinds.get(raw) or "transfer", raw)


def event_json(event: Event, kinds: KindsOf, registry: Registry) -> str:
    """Return the data of an event for people, as JSON with its fields in order."""
    data = {
        field: render(getattr(event, field), kinds, registry)
        for field, render in _renderers(type(event))
    }
    return _encode_json(data).decode("utf-8")


def transfer_json(transfer: TransferRow) -> str:
    """Return what ``event_json`` gives for the event of a transfer, from the row of it.

    Ids and numbers need no escaping, and there are more transfers than all other events.
    """
    return (
        f'{{"asset":"{transfer.asset_id}","debit_account":"{transfer.debit_account}",'
        f'"credit_account":"{transfer.credit_account}","amount_minor":"{transfer.amount_minor}",'
        f'"purpose":"{transfer.purpose}","reservation":"{transfer.reservation}"}}'
    )


_Render = Callable[[Any, KindsOf, Registry], str | int | bool | dict[str, str] | list[str]]
_encode_json = msgspec.json.Encoder().encode


@functools.cache
def _renderers(event_type: type[Event]) -> tuple[tuple[str, _Render], ...]:
    """Return how each field of an event type becomes text."""
    return tuple((field, _renderer(event_type, field)) for field in event_type.__struct_fields__)


def _named_values(
    values: Sequence[Rule | Term | Input | RuleResult],
    kinds: KindsOf,
    registry: Registry,
) -> dict[str, str]:
    """Return what stands under each name: a rule, a number, or what a rule said."""
    del kinds, registry
    return {value.name: _named_value(value) for value in values}


def _named_value(value: Rule | Term | Input | RuleResult) -> str:
    if isinstance(value, Rule):
        return value.text
    if isinstance(value, RuleResult):
        return enum_text(RuleOutcome(value.outcome))
    return str(value.value)


def _renderer(event_type: type[Event], field: str) -> _Render:
    named = _ENUMS.get((event_type, field))
    if named is not None:
        return functools.partial(_enum_value, named)
    if field in NAMED_VALUES | NAME_LISTS:
        return _named_values if field in NAMED_VALUES else _names
    kind = FIELD_KINDS.get(field)
    if kind is not None:
        return functools.partial(_ids if field in ID_LISTS else _id_value, kind)
    if field.endswith("_minor"):
        return _amount_value
    if field.endswith("_day"):
        return _open_day_value if field in OPEN_DAYS else _day_value
    return _message_type if field == "message_type" else _plain


def _names(value: Sequence[str], *_: object) -> list[str]:
    return list(value)


def _ids(kind: str, value: Sequence[bytes], *_: object) -> list[str]:
    return [id_text(kind, raw) for raw in value]


def _enum_value(named: type[enum.IntEnum], value: int, *_: object) -> str:
    return enum_text(named(value))


def _amount_value(value: int, *_: object) -> str:
    return str(value)


def _day_value(value: int, *_: object) -> str:
    return iso_of_day(value)


def _open_day_value(value: int, *_: object) -> str:
    return iso_of_day(value) if value else ""


def _id_value(kind: str, raw: bytes, kinds: KindsOf, _: Registry) -> str:
    if kind == HEX:
        return raw.hex()
    if kind == _PURPOSE:
        return purpose_text(raw, kinds)
    if kind == _OBJECT or len(raw) not in (0, ID_BYTES):
        return object_text(raw, kinds)
    return id_text(kind, raw)


def _message_type(number: int, _: KindsOf, registry: Registry) -> str | int:
    found = registry.messages.get(number)
    return number if found is None else type_name(found)


def _plain(value: Any, *_: object) -> str | int | bool:  # noqa: ANN401 - a text, a number or a truth
    return value  # type: ignore[no-any-return]  # of an event's field, whose type is one of these
