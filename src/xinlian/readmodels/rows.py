"""The rows that readers get; each type is also the definition of its table.

Rules this file keeps:
 1. Ids are in their text form (``cert_…``), commitments in hexadecimal, enumerations by their
    lower-case names; an empty text says that there is none.
 2. Amounts are integers of minor units, times milliseconds of consensus time, days days since
    1970-01-01.
 3. ``height`` and ``time_ms`` say where a row arose, ``changed_height`` when it last changed.
"""

from typing import Generic, TypeVar

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row, and the block in which it arose."""

    height: int
    time_ms: int


class ChangingRow(Row, frozen=True, kw_only=True):
    """A row that later blocks may change."""

    changed_height: int


RowT = TypeVar("RowT", bound=Row)


class Page(msgspec.Struct, Generic[RowT], frozen=True, kw_only=True):
    """A part of a list, as of the height at which it was read."""

    rows: tuple[RowT, ...]
    next_cursor: str | None
    """Opaque; None after the last row."""
    height: int
    time_ms: int


class Found(msgspec.Struct, Generic[RowT], frozen=True, kw_only=True):
    """One row, as of the height at which it was read."""

    row: RowT
    height: int
    time_ms: int


class BlockRow(Row, frozen=True, kw_only=True):
    """A block; open to everybody."""

    header_hash: str
    previous_hash: str
    app_hash: str
    state_root: str
    transactions_root: str
    results_root: str
    events_root: str
    app_version: int
    simulated: bool
    transaction_count: int
    event_count: int


class TransactionRow(Row, frozen=True, kw_only=True):
    """A transaction that consumed its idempotency key."""

    transaction_id: str
    transaction_index: int
    payer: str
    first_message: str
    """The public name of its first message's type, empty when it cannot be decoded."""
    call_count: int
    codespace: str
    code: int
    failed_call: int
    """The index of the refused call, or -1."""


class MessageRow(Row, frozen=True, kw_only=True):
    """One call of a transaction."""

    transaction_id: str
    call_index: int
    acting_for: str
    message_type: str


class EventRow(Row, frozen=True, kw_only=True):
    """What happened, at its position among the events of its block."""

    position: int
    transaction_id: str
    """Empty for what the schedule did."""
    call_index: int
    event_type: str
    object_kind: str
    """With ``object_id`` what it is about: whoever reads that reads the event."""
    object_id: str
    data_json: str


class PartyRow(ChangingRow, frozen=True, kw_only=True):
    """An entry of the directory."""

    party_id: str
    kind: str
    status: str
    sponsor: str
    uscc: str
    name: str


class KeyRow(ChangingRow, frozen=True, kw_only=True):
    """A role key of a party."""

    key_id: str
    party_id: str
    suite: str
    public_key: str
    role: str
    status: str


class ProposalRow(ChangingRow, frozen=True, kw_only=True):
    """A proposal of governance and where it stands."""

    proposal_id: str
    kind: str
    status: str
    proposer: str
    party: str
    """Whom it is about; empty where it is about no organisation of the directory."""
    content_json: str
    """The fields of the message that published it."""
    expires_at_ms: int
    enact_at_ms: int
    """0 until it passes."""
    round_no: int
    evidence: str
    refusal: str
    """Why it lapsed, as codespace and code; else empty."""


class VoteRow(Row, frozen=True, kw_only=True):
    """The vote of a member in a round of a proposal."""

    proposal_id: str
    round_no: int
    member: str
    in_favour: bool


class PolicyVersionRow(Row, frozen=True, kw_only=True):
    """One dated value of a policy row."""

    name: str
    effective_from_ms: int
    unit: str
    value: int
    applies_by: str
    citation: str
    verified: bool


class AssetRow(Row, frozen=True, kw_only=True):
    """A unit of value; the issuer of a claim is its certificate."""

    asset_id: str
    kind: str
    issuer: str
    currency: str
    scale: int


class BankAccountRow(Row, frozen=True, kw_only=True):
    """An account at a bank, by its commitment, and the ledger account that mirrors it."""

    bank_account: str
    owner: str
    bank: str
    account_id: str


class AccountRow(ChangingRow, frozen=True, kw_only=True):
    """An account of one owner in one asset, with its balance at the last height."""

    account_id: str
    owner: str
    asset_id: str
    asset_kind: str
    asset_issuer: str
    currency: str
    scale: int
    account_class: str
    number: int
    mirrored: bool
    bank_account: str
    opening_minor: int
    """The balance that it was opened with at genesis."""
    balance_minor: int
    """Negative on an issuer's side alone."""
    reserved_minor: int

    @property
    def available_minor(self) -> int:
        """What may be given."""
        return self.balance_minor - self.reserved_minor


class TransferRow(Row, frozen=True, kw_only=True):
    """A movement of value: the debit account received what the credit account gave."""

    transfer_id: str
    position: int
    transaction_id: str
    asset_id: str
    debit_account: str
    debit_owner: str
    credit_account: str
    credit_owner: str
    amount_minor: int
    purpose: str
    reservation: str


class PostingRow(Row, frozen=True, kw_only=True):
    """One leg of a transfer, with the balance of its account after it."""

    account_id: str
    position: int
    is_debit: bool
    amount_minor: int
    balance_minor: int
    counter_account: str
    counter_owner: str
    purpose: str
    transaction_id: str


class BalanceRow(Row, frozen=True, kw_only=True):
    """The balance of an account after all blocks up to ``as_of_height``."""

    account_id: str
    owner: str
    asset_id: str
    balance_minor: int
    as_of_height: int


class ReservationRow(ChangingRow, frozen=True, kw_only=True):
    """Value set aside on an account; nothing is left once it was paid out or released."""

    reservation_id: str
    account_id: str
    left_minor: int


class BankEntryRow(Row, frozen=True, kw_only=True):
    """An identified entry of a bank's books."""

    identity: str
    bank: str
    owner: str
    account_id: str
    bank_account: str
    amount_minor: int
    is_credit: bool
    value_day: int
    end_to_end_id: str
    document_root: str
    transaction_id: str


class DocumentRow(ChangingRow, frozen=True, kw_only=True):
    """A registered document: its commitment, never its contents."""

    root: str
    owner: str
    schema: str
    schema_version: int
    countersigners: tuple[str, ...]


class FactRow(ChangingRow, frozen=True, kw_only=True):
    """A graded fact about a subject; its grade rises when a further signer is found."""

    fact_id: str
    subject: str
    document_root: str
    kind: str
    flow: str
    grade: str
    signer: str


class VerdictRow(ChangingRow, frozen=True, kw_only=True):
    """The latest verdict of a party about a subject."""

    verdict_id: str
    subject: str
    party: str
    outcome: str
    failures: tuple[str, ...]
    document_roots: tuple[str, ...]
    checks_version: int
    given_at_ms: int
    expires_at_ms: int


class InvoiceRow(ChangingRow, frozen=True, kw_only=True):
    """A registered invoice and how much of it is spoken for."""

    root: str
    seller: str
    buyer: str
    currency: str
    gross_minor: int
    occupied_minor: int
    paid_minor: int

    @property
    def free_minor(self) -> int:
        """What may still be certified."""
        return max(self.gross_minor - self.occupied_minor - self.paid_minor, 0)


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


class PaymentOrderRow(ChangingRow, frozen=True, kw_only=True):
    """An order to the settlement bank; its id is the EndToEndId."""

    order_id: str
    certificate_id: str
    leaf_id: str
    obligor: str
    payee: str
    bank: str
    account_id: str
    amount_minor: int
    expires_at_ms: int
    status: str


class ObligationRow(ChangingRow, frozen=True, kw_only=True):
    """A binding promise to pay; one that was never accepted has no row."""

    obligation_id: str
    debtor: str
    creditor: str
    """Empty for a certificate: its holders of record are its creditors."""
    asset_id: str
    amount_minor: int
    performed_minor: int
    released_minor: int
    open_minor: int
    awaiting_minor: int
    disputed_minor: int
    due_day: int
    due_at_ms: int
    cutoff_at_ms: int
    status: str
    source_kind: str
    account_id: str
    authority_cap_minor: int
    authority_until_ms: int


class LateInterestRow(Row, frozen=True, kw_only=True):
    """What an obligation of late interest is for."""

    obligation_id: str
    certificate_id: str
    leaf_id: str
    debtor: str
    creditor: str
    base_minor: int
    days: int
    amount_minor: int


class IssueLineRow(ChangingRow, frozen=True, kw_only=True):
    """How much an obligor may have promised at one time, and whether it is stopped."""

    obligor: str
    limit_minor: int
    used_minor: int
    overdue_certificates: int
    is_stopped: bool


class ReaderRow(msgspec.Struct, frozen=True, kw_only=True):
    """The right of a party, or of a group of parties, to read an object."""

    object_kind: str
    object_id: str
    party_id: str
    height: int


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """The postings of an account in a range of heights, with its balances around them."""

    account: AccountRow
    from_height: int
    to_height: int
    opening_minor: int
    closing_minor: int
    postings: tuple[PostingRow, ...]
    next_cursor: str | None
    height: int
    time_ms: int


class LeafPath(msgspec.Struct, frozen=True, kw_only=True):
    """A leaf and its ancestors up to the first, the certificate, and the roots it stands on."""

    leaves: tuple[LeafRow, ...]
    certificate: CertificateRow
    contract_root: str
    invoice_root: str
    height: int
    time_ms: int
