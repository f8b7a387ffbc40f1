"""Rights as ranges, narrow postings, an index for every filter; all rows are projected again.

The rows of the earlier schema do not tell where the objects of rights arose, so they are dropped:
the projector begins at height 0 by itself.  Nothing is lost, since every row follows from blocks.
"""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0004"
down_revision: Final = "0003"
branch_labels: Final = None
depends_on: Final = None

_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_FIRST: Final = "projection"
"""The one table whose shape stays; without its row nothing was projected."""
_INDEXES: Final = {
    "accounts": "height account_id;owner height account_id;asset_kind height account_id",
    "bank_accounts": "height bank_account",
    "blocks": "time_ms height",
    "bank_statements": "account_id height statement_day",
    "certificates": (
        "life height certificate_id;invoice_root height certificate_id;"
        "obligor height certificate_id;first_holder height certificate_id"
    ),
    "documents": "schema height root;owner height root",
    "encumbrances": "certificate_id height leaf_id",
    "facts": "subject height fact_id",
    "invoices": "seller height root;buyer height root",
    "issue_lines": "height obligor",
    "keys": "party_id height key_id",
    "late_interest": "certificate_id height obligation_id",
    "leaves": (
        "certificate_id height leaf_id;holder height leaf_id;life height leaf_id;"
        "financier certificate_id"
    ),
    "obligations": "debtor height obligation_id;status height obligation_id",
    "payment_orders": "certificate_id height order_id;status height order_id",
    "pending_transfers": "status height pending_id",
    "proposals": "status height proposal_id",
    "reservations": "account_id height reservation_id",
    "transfer_offers": "leaf_id height offer_id;status height offer_id",
    "verdicts": "subject height verdict_id",
    "votes": "proposal_id height round_no member",
}
"""What is added."""
_SUPERSEDED: Final = {
    "accounts": "owner;asset_id;height account_id",
    "certificates": "invoice_root",
    "facts": "subject height;document_root",
    "keys": "party_id",
    "leaves": "certificate_id height;parent;holder",
    "transfer_offers": "leaf_id",
    "verdicts": "subject height",
}
"""What is dropped: the beginning of another index, or never asked for."""


def upgrade() -> None:
    """Forget all rows, and change what is kept of them."""
    _forget()
    for table, indexes in _SUPERSEDED.items():
        for fields in indexes.split(";"):
            op.drop_index(_name(table, fields), table)
    for table, indexes in _INDEXES.items():
        for fields in indexes.split(";"):
            op.create_index(_name(table, fields), table, fields.split())
    _replace_chain()
    _replace_value()
    _replace_rights()


def _forget() -> None:
    """Delete the rows of all tables, those that refer to others first."""
    metadata = sa.MetaData()
    metadata.reflect(op.get_bind())
    for table in reversed(metadata.sorted_tables):
        if table.name != "alembic_version":
            op.execute(sa.delete(table))


def _replace_chain() -> None:
    for table in ("messages", "events", "transactions"):
        op.drop_table(table)
    _create(
        "transactions",
        key="transaction_id",
        texts="transaction_id payer first_message codespace",
        numbers="height time_ms transaction_index call_count code failed_call",
        indexes="height transaction_index;payer height transaction_index",
    )
    _create(
        "messages",
        key="transaction_id call_index",
        texts="transaction_id acting_for message_type",
        numbers="call_index height time_ms call_count position event_count",
        clustered=True,
    )
    _create(
        "events",
        key="height position",
        texts="transaction_id event_type object_kind object_id data_json",
        numbers="height position time_ms call_index",
    )
    others = sa.text("object_kind <> 'transfer'")
    op.create_index(
        "ix_events_object_id_height_position",
        "events",
        ["object_id", "height", "position"],
        sqlite_where=others,
        postgresql_where=others,
    )


def _replace_value() -> None:
    for table in ("postings", "transfers", "bank_entries"):
        op.drop_table(table)
    _create(
        "transfers",
        key="height position",
        texts=(
            "transaction_id asset_id debit_account debit_owner credit_account credit_owner "
            "purpose reservation"
        ),
        numbers="height position time_ms amount_minor",
    )
    _create(
        "postings",
        key="account_id height position",
        texts="account_id",
        numbers="height position time_ms amount_minor balance_minor",
        flags="is_debit",
        clustered=True,
    )
    _create(
        "bank_entries",
        key="bank identity",
        texts=(
            "bank identity owner account_id bank_account end_to_end_id document_root transaction_id"
        ),
        numbers="height time_ms amount_minor value_day",
        flags="is_credit",
        indexes="height bank identity;bank_account height bank identity",
    )


def _replace_rights() -> None:
    op.drop_table("readers")
    _create(
        "readers",
        key="party_id object_kind born_height place object_id",
        texts="party_id object_kind object_id",
        numbers="born_height place height",
        indexes="object_kind object_id",
        clustered=True,
    )
    _create(
        "entry_readers",
        key="party_id is_transfer height position",
        texts="party_id",
        numbers="height position",
        flags="is_transfer",
        clustered=True,
    )


def _create(
    name: str,
    *,
    key: str,
    texts: str,
    numbers: str,
    flags: str = "",
    indexes: str = "",
    clustered: bool = False,
) -> None:
    """Create a table; column names are given as words, by their types."""
    types: Sequence[tuple[str, sa.types.TypeEngine[Any]]] = [
        *((column, _TEXT) for column in texts.split()),
        *((column, sa.BigInteger()) for column in numbers.split()),
        *((column, sa.Boolean(create_constraint=False)) for column in flags.split()),
    ]
    op.create_table(
        name,
        *(sa.Column(column, kind, autoincrement=False, nullable=False) for column, kind in types),
        sa.PrimaryKeyConstraint(*key.split(), name=f"pk_{name}"),
        sqlite_with_rowid=not clustered,
    )
    for fields in indexes.split(";"):
        if fields:
            op.create_index(_name(name, fields), name, fields.split())


def _name(table: str, fields: str) -> str:
    return f"ix_{table}_{'_'.join(fields.split())}"
