"""The tables, derived from the row types.

Rules this file keeps:
 1. A table has the fields of its row type as columns, and no other.
 2. Text sorts by its bytes on every database, so pages and dumps are the same everywhere.
 3. The schema is created by the migrations alone; a test compares them with these tables.
 4. Every filter of a list has an index in the order of that list, so no page reads a whole table.
 5. Rows of every transfer refer to nothing by constraint: who writes them looked the rows up.
"""

import typing
from collections.abc import Sequence
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import types

from xinlian.readmodels import rows
from xinlian.readmodels.kinds import Kind

METADATA: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)
BYTEWISE_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


class TextList(types.TypeDecorator[tuple[str, ...]]):
    """Names or ids in one column, separated by spaces, which none of them contains."""

    impl = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    cache_ok = True

    def process_bind_param(
        self,
        value: Sequence[str] | None,
        dialect: sa.Dialect,
    ) -> str | None:
        """Return the text that is stored."""
        del dialect
        return None if value is None else " ".join(value)

    def process_result_value(
        self,
        value: str | None,
        dialect: sa.Dialect,
    ) -> tuple[str, ...] | None:
        """Return the list of its text."""
        del dialect
        return None if value is None else tuple(value.split())


_COLUMN_TYPES: Final[dict[object, types.TypeEngine[typing.Any]]] = {
    str: BYTEWISE_TEXT,
    int: sa.BigInteger(),
    bool: sa.Boolean(create_constraint=False),
    tuple[str, ...]: TextList(),
}

TABLE_OF: Final[dict[type[msgspec.Struct], sa.Table]] = {}
KEY_OF: Final[dict[type[msgspec.Struct], tuple[str, ...]]] = {}
"""The fields of the primary key, in order."""
TEXT_LISTS: Final[dict[type[msgspec.Struct], frozenset[str]]] = {}
"""The fields that are lists of text."""


def _table(
    name: str,
    row_type: type[msgspec.Struct],
    *key: str,
    indexes: str = "",
    references: Sequence[tuple[str, str]] = (),
    clustered: bool = False,
) -> sa.Table:
    """Add the table of a row type.

    Args:
        name: of the table.
        row_type: its fields become the columns.
        key: the fields of the primary key.
        indexes: the fields of each further index, separated by semicolons.
        references: (field, ``table.column``) of each foreign key.
        clustered: whether SQLite keeps the rows in the order of the key, and nowhere else.
    """
    hints = typing.get_type_hints(row_type)
    foreign = dict(references)
    columns = [
        sa.Column(
            field,
            _COLUMN_TYPES[hints[field]],
            *([sa.ForeignKey(foreign[field])] if field in foreign else []),
            primary_key=field in key,
            autoincrement=False,
            nullable=False,
        )
        for field in (*key, *(f for f in row_type.__struct_fields__ if f not in key))
    ]
    table = sa.Table(name, METADATA, *columns, sqlite_with_rowid=not clustered)
    for fields in indexes.split(";"):
        if fields:
            sa.Index(None, *(table.c[field] for field in fields.split()))
    TABLE_OF[row_type] = table
    KEY_OF[row_type] = key
    TEXT_LISTS[row_type] = frozenset(f for f in hints if hints[f] == tuple[str, ...])
    return table


PROJECTION: Final = sa.Table(
    "projection",
    METADATA,
    sa.Column("only", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("chain_id", BYTEWISE_TEXT, nullable=False),
    sa.Column("height", sa.BigInteger(), nullable=False),
    sa.Column("time_ms", sa.BigInteger(), nullable=False),
    sa.Column("header_hash", BYTEWISE_TEXT, nullable=False),
)
"""One row: how far the chain was projected."""

_table("blocks", rows.BlockRow, "height", indexes="time_ms height")
_table(
    "transactions",
    rows.TransactionRow,
    "transaction_id",
    indexes="height transaction_index;payer height transaction_index",
)
_table("messages", rows.MessageRow, "transaction_id", "call_index", clustered=True)
EVENTS: Final = _table("events", rows.EventRow, "height", "position")
NOT_OF_TRANSFERS: Final = sa.text(f"object_kind <> '{Kind.TRANSFER}'")
"""The condition of an index: the event of a transfer is found by its position."""
sa.Index(
    None,
    *(EVENTS.c[name] for name in ("object_id", "height", "position")),
    sqlite_where=NOT_OF_TRANSFERS,
    postgresql_where=NOT_OF_TRANSFERS,
)
_table("parties", rows.PartyRow, "party_id", indexes="height party_id")
_table(
    "keys",
    rows.KeyRow,
    "key_id",
    indexes="party_id height key_id",
    references=[("party_id", "parties.party_id")],
)
_table(
    "official_roles",
    rows.OfficialRoleRow,
    "official_role",
    "party_id",
    indexes="height official_role party_id;party_id height official_role",
    references=[("party_id", "parties.party_id")],
)
_table(
    "validators",
    rows.ValidatorRow,
    "public_key",
    indexes="height public_key;party_id height public_key",
)
_table(
    "proposals",
    rows.ProposalRow,
    "proposal_id",
    indexes="height proposal_id;status height proposal_id",
)
_table(
    "votes",
    rows.VoteRow,
    "proposal_id",
    "round_no",
    "member",
    indexes="proposal_id height round_no member",
    references=[("proposal_id", "proposals.proposal_id")],
)
_table("policy_versions", rows.PolicyVersionRow, "name", "effective_from_ms")
_table("assets", rows.AssetRow, "asset_id")
_table(
    "bank_accounts",
    rows.BankAccountRow,
    "bank_account",
    indexes="height bank_account",
    references=[("owner", "parties.party_id"), ("bank", "parties.party_id")],
)
_table(
    "accounts",
    rows.AccountRow,
    "account_id",
    indexes="height account_id;owner height account_id;asset_kind height account_id",
    references=[("asset_id", "assets.asset_id"), ("owner", "parties.party_id")],
)
_table("transfers", rows.TransferRow, "height", "position")
_table("postings", rows.LegRow, "account_id", "height", "position", clustered=True)
_table(
    "reservations",
    rows.ReservationRow,
    "reservation_id",
    indexes="account_id height reservation_id",
    references=[("account_id", "accounts.account_id")],
)
_table(
    "bank_entries",
    rows.BankEntryRow,
    "bank",
    "identity",
    indexes="height bank identity;bank_account height bank identity",
)
_table(
    "pending_transfers",
    rows.PendingTransferRow,
    "pending_id",
    indexes="height pending_id;status height pending_id",
    references=[
        ("from_account", "accounts.account_id"),
        ("to_account", "accounts.account_id"),
    ],
)
_table(
    "bank_statements",
    rows.BankStatementRow,
    "account_id",
    "statement_day",
    indexes="account_id height statement_day",
    references=[("account_id", "accounts.account_id")],
)
_table(
    "period_closes",
    rows.PeriodCloseRow,
    "close_id",
    indexes="party_id period",
    references=[("party_id", "parties.party_id")],
)
_table(
    "documents",
    rows.DocumentRow,
    "root",
    indexes="height root;schema height root;owner height root",
)
_table(
    "facts",
    rows.FactRow,
    "fact_id",
    indexes="subject height fact_id",
    references=[("document_root", "documents.root")],
)
_table("verdicts", rows.VerdictRow, "verdict_id", indexes="subject height verdict_id")
_table(
    "invoices",
    rows.InvoiceRow,
    "root",
    indexes="height root;seller height root;buyer height root",
)
_table(
    "certificates",
    rows.CertificateRow,
    "certificate_id",
    indexes=(
        "height certificate_id;life height certificate_id;invoice_root height certificate_id;"
        "obligor height certificate_id;first_holder height certificate_id"
    ),
    references=[("invoice_root", "invoices.root")],
)
_table(
    "leaves",
    rows.LeafRow,
    "leaf_id",
    indexes=(
        "certificate_id height leaf_id;holder height leaf_id;life height leaf_id;"
        "financier certificate_id"
    ),
    references=[("certificate_id", "certificates.certificate_id")],
)
_table(
    "encumbrances",
    rows.EncumbranceRow,
    "leaf_id",
    indexes="height leaf_id;certificate_id height leaf_id",
    references=[("leaf_id", "leaves.leaf_id")],
)
_table(
    "transfer_offers",
    rows.OfferRow,
    "offer_id",
    indexes="height offer_id;leaf_id height offer_id;status height offer_id",
    references=[("leaf_id", "leaves.leaf_id")],
)
_table(
    "freezes",
    rows.FreezeRow,
    "freeze_id",
    indexes=(
        "height freeze_id;certificate_id height freeze_id;leaf_id height freeze_id;"
        "status height freeze_id"
    ),
    references=[("certificate_id", "certificates.certificate_id")],
)
_table(
    "guarantees",
    rows.GuaranteeRow,
    "guarantee_id",
    indexes=("height guarantee_id;certificate_id height guarantee_id;status height guarantee_id"),
    references=[("certificate_id", "certificates.certificate_id")],
)
_table(
    "disputes",
    rows.DisputeRow,
    "dispute_id",
    indexes=(
        "height dispute_id;certificate_id height dispute_id;leaf_id height dispute_id;"
        "status height dispute_id"
    ),
    references=[("leaf_id", "leaves.leaf_id")],
)
_table(
    "finance_calls",
    rows.FinanceCallRow,
    "call_id",
    indexes=("height call_id;call_id height;leaf_id height call_id;status height call_id"),
    references=[("leaf_id", "leaves.leaf_id")],
)
_table(
    "finance_offers",
    rows.FinanceOfferRow,
    "finance_offer_id",
    indexes=(
        "height finance_offer_id;call_id height finance_offer_id;status height finance_offer_id"
    ),
    references=[("call_id", "finance_calls.call_id")],
)
_table(
    "payment_orders",
    rows.PaymentOrderRow,
    "order_id",
    indexes="height order_id;certificate_id height order_id;status height order_id",
    references=[("leaf_id", "leaves.leaf_id")],
)
_table(
    "obligations",
    rows.ObligationRow,
    "obligation_id",
    indexes="height obligation_id;debtor height obligation_id;status height obligation_id",
)
_table(
    "late_interest",
    rows.LateInterestRow,
    "obligation_id",
    indexes="height obligation_id;certificate_id height obligation_id",
    references=[("leaf_id", "leaves.leaf_id")],
)
_table("issue_lines", rows.IssueLineRow, "obligor", indexes="height obligor")
_table(
    "credit_records",
    rows.CreditRecordRow,
    "record_id",
    indexes=(
        "height record_id;subject height record_id;record_type height record_id;"
        "status height record_id"
    ),
    references=[("provider", "parties.party_id"), ("subject", "parties.party_id")],
)
_table(
    "credit_inquiries",
    rows.CreditInquiryRow,
    "inquiry_id",
    indexes=(
        "height inquiry_id;subject height inquiry_id;inquirer height inquiry_id;"
        "status height inquiry_id"
    ),
    references=[("inquirer", "parties.party_id"), ("subject", "parties.party_id")],
)
_table(
    "credit_objections",
    rows.CreditObjectionRow,
    "objection_id",
    indexes="height objection_id;record_id height objection_id;status height objection_id",
    references=[("record_id", "credit_records.record_id")],
)
_table(
    "consents",
    rows.ConsentRow,
    "consent_id",
    indexes="height consent_id;subject height consent_id;reader height consent_id",
    references=[("subject", "parties.party_id"), ("reader", "parties.party_id")],
)
_table(
    "consent_reads",
    rows.ConsentReadRow,
    "consent_id",
    "read_no",
    indexes=(
        "height consent_id read_no;subject height consent_id read_no;"
        "reader height consent_id read_no"
    ),
    references=[("consent_id", "consents.consent_id")],
)
_table(
    "devices",
    rows.DeviceRow,
    "device_id",
    indexes="height device_id;owner height device_id;serves height device_id",
    references=[("owner", "parties.party_id"), ("serves", "parties.party_id")],
)
_table(
    "watches",
    rows.WatchRow,
    "watch_id",
    indexes="height watch_id;subject height watch_id;device_id height watch_id",
    references=[("device_id", "devices.device_id")],
)
READERS: Final = _table(
    "readers",
    rows.ReaderRow,
    "party_id",
    "object_kind",
    "born_height",
    "place",
    "object_id",
    indexes="object_kind object_id",
    clustered=True,
)
"""Who may read what, a party's objects in the order of their lists."""
ENTRY_READERS: Final = _table(
    "entry_readers",
    rows.EntryReaderRow,
    "party_id",
    "is_transfer",
    "height",
    "position",
    clustered=True,
)
"""Who may read which event: a query that looks neither here nor in ``readers`` gives nothing."""
