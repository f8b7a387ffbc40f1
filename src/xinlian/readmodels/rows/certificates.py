"""Rows of certificates, their leaves, and what happens to these."""

import msgspec

from xinlian.readmodels.rows.base import ChangingRow, Row


class CertificateRow(ChangingRow, frozen=True, kw_only=True):
    """A receivable certificate."""

    certificate_id: str
    obligor: str
    first_holder: str
    proposer: str
    deposit: str
    face_minor: int
    invoice_root: str
    contract_root: str
    promise_root: str
    life: str
    issued_at_ms: int
    window_ends_at_ms: int
    due_day: int
    outstanding_minor: int
    discharged_minor: int
    account_id: str
    authority_cap_minor: int
    authority_until_ms: int
    late_rate_e9_per_day: int
    interest_fixed_minor: int
    live_leaves: int


class LeafRow(ChangingRow, frozen=True, kw_only=True):
    """A holder's share of a certificate."""

    leaf_id: str
    certificate_id: str
    parent: str
    holder: str
    amount_minor: int
    discharged_minor: int
    outstanding_minor: int
    awaiting_minor: int
    life: str
    finance: str
    hops: int
    financier: str
    lock_expires_at_ms: int


class EncumbranceRow(Row, frozen=True, kw_only=True):
    """An assignment of a leaf to a financier, and what was paid for it."""

    leaf_id: str
    certificate_id: str
    financier: str
    seller: str
    advance_minor: int
    discount_minor: int
    register_no: str


class OfferRow(ChangingRow, frozen=True, kw_only=True):
    """An offer to transfer a part of a leaf: ``open``, ``accepted`` or ``lapsed``.

    An open offer is void once consensus time is above ``expires_at_ms``; no block says so.
    """

    offer_id: str
    leaf_id: str
    certificate_id: str
    offered_by: str
    offered_to: str
    amount_minor: int
    evidence_root: str
    expires_at_ms: int
    status: str


class IssueLineRow(ChangingRow, frozen=True, kw_only=True):
    """How much an obligor may have promised at one time, and whether it is stopped."""

    obligor: str
    limit_minor: int
    used_minor: int
    overdue_certificates: int
    is_stopped: bool
    stop_lifts_at_ms: int
    """When the clock lifts the stop; 0 while something is overdue, and without a stop."""


class LeafPath(msgspec.Struct, frozen=True, kw_only=True):
    """A leaf and its ancestors up to the first, the certificate, and the roots it stands on."""

    leaves: tuple[LeafRow, ...]
    certificate: CertificateRow
    contract_root: str
    invoice_root: str
    height: int
    time_ms: int
