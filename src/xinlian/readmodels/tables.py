"""The tables, derived from the row types.

Rules this file keeps:
 1. A table has the fields of its row type as columns, and no other.
 2. Text sorts by its bytes on every database, so pages and dumps are the same everywhere.
 3. The schema is created by the migrations alone; a test compares them with these tables.
"""

import typing
from collections.abc import Sequence
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import types

from xinlian.readmodels import rows

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


def _table(
    name: str,
    row_type: type[msgspec.Struct],
    *key: str,
    indexes: Sequence[tuple[str, ...]] = (),
    references: Sequence[tuple[str, str]] = (),
) -> sa.Table:
    """Add the table of a row type.

    Args:
        name: of the table.
        row_type: its fields become the columns.
        key: the fields of the primary key.
        indexes: the fields of each further index.
        references: (field, ``table.column``) of each foreign key.
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
    table = sa.Table(name, METADATA, *columns)
    for fields in indexes:
        sa.Index(None, *(table.c[field] for field in fields))
    TABLE_OF[row_type] = table
    KEY_OF[row_type] = key
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

_BY_HEIGHT: Final = "height"

_table("blocks", rows.BlockRow, "height")
_table(
    "transactions",
    rows.TransactionRow,
    "transaction_id",
    indexes=[("height", "transaction_index")],
    references=[("height", "blocks.height")],
)
_table(
    "messages",
    rows.MessageRow,
    "transaction_id",
    "call_index",
    references=[("transaction_id", "transactions.transaction_id")],
)
_table(
    "events",
    rows.EventRow,
    "height",
    "position",
    indexes=[("object_kind", "object_id"), ("transaction_id",)],
    references=[("height", "blocks.height")],
)
_table("parties", rows.PartyRow, "party_id", indexes=[(_BY_HEIGHT, "party_id")])
_table(
    "keys",
    rows.KeyRow,
    "key_id",
    indexes=[("party_id",)],
    references=[("party_id", "parties.party_id")],
)
_table("proposals", rows.ProposalRow, "proposal_id", indexes=[(_BY_HEIGHT, "proposal_id")])
_table(
    "votes",
    rows.VoteRow,
    "proposal_id",
    "round_no",
    "member",
    references=[("proposal_id", "proposals.proposal_id")],
)
_table("policy_versions", rows.PolicyVersionRow, "name", "effective_from_ms")
_table("assets", rows.AssetRow, "asset_id")
_table(
    "bank_accounts",
    rows.BankAccountRow,
    "bank_account",
    references=[("owner", "parties.party_id"), ("bank", "parties.party_id")],
)
_table(
    "accounts",
    rows.AccountRow,
    "account_id",
    indexes=[(_BY_HEIGHT, "account_id"), ("owner",), ("asset_id",)],
    references=[("asset_id", "assets.asset_id"), ("owner", "parties.party_id")],
)
_table(
    "transfers",
    rows.TransferRow,
    "transfer_id",
    indexes=[(_BY_HEIGHT, "position")],
    references=[
        ("debit_account", "accounts.account_id"),
        ("credit_account", "accounts.account_id"),
    ],
)
_table(
    "postings",
    rows.PostingRow,
    "account_id",
    "height",
    "position",
    references=[("account_id", "accounts.account_id")],
)
_table(
    "reservations",
    rows.ReservationRow,
    "reservation_id",
    references=[("account_id", "accounts.account_id")],
)
_table("bank_entries", rows.BankEntryRow, "identity", indexes=[(_BY_HEIGHT, "identity")])
_table(
    "pending_transfers",
    rows.PendingTransferRow,
    "pending_id",
    indexes=[(_BY_HEIGHT, "pending_id")],
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
    references=[("account_id", "accounts.account_id")],
)
_table(
    "period_closes",
    rows.PeriodCloseRow,
    "close_id",
    indexes=[("party_id", "period")],
    references=[("party_id", "parties.party_id")],
)
_table("documents", rows.DocumentRow, "root", indexes=[(_BY_HEIGHT, "root")])
_table(
    "facts",
    rows.FactRow,
    "fact_id",
    indexes=[("subject", "height"), ("document_root",)],
    references=[("document_root", "documents.root")],
)
_table("verdicts", rows.VerdictRow, "verdict_id", indexes=[("subject", "height")])
_table("invoices", rows.InvoiceRow, "root", indexes=[(_BY_HEIGHT, "root")])
_table(
    "certificates",
    rows.CertificateRow,
    "certificate_id",
    indexes=[(_BY_HEIGHT, "certificate_id"), ("invoice_root",)],
    references=[("invoice_root", "invoices.root")],
)
_table(
    "leaves",
    rows.LeafRow,
    "leaf_id",
    indexes=[("certificate_id", "height"), ("parent",), ("holder",)],
    references=[("certificate_id", "certificates.certificate_id")],
)
_table(
    "encumbrances",
    rows.EncumbranceRow,
    "leaf_id",
    indexes=[(_BY_HEIGHT, "leaf_id")],
    references=[("leaf_id", "leaves.leaf_id")],
)
_table(
    "transfer_offers",
    rows.OfferRow,
    "offer_id",
    indexes=[("leaf_id",), (_BY_HEIGHT, "offer_id")],
    references=[("leaf_id", "leaves.leaf_id")],
)
_table(
    "payment_orders",
    rows.PaymentOrderRow,
    "order_id",
    indexes=[(_BY_HEIGHT, "order_id")],
    references=[("leaf_id", "leaves.leaf_id")],
)
_table("obligations", rows.ObligationRow, "obligation_id", indexes=[(_BY_HEIGHT, "obligation_id")])
_table(
    "late_interest",
    rows.LateInterestRow,
    "obligation_id",
    indexes=[(_BY_HEIGHT, "obligation_id")],
    references=[("leaf_id", "leaves.leaf_id")],
)
_table("issue_lines", rows.IssueLineRow, "obligor")
READERS: Final = _table(
    "readers",
    rows.ReaderRow,
    "object_kind",
    "object_id",
    "party_id",
    indexes=[("party_id", "object_kind")],
)
"""Who may read what; a query that does not look here gives nothing."""
