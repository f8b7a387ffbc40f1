"""Pending transfers, statements of banks, and closed periods."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"
branch_labels: Final = None
depends_on: Final = None

_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "pending_transfers",
        *_texts("pending_id from_account to_account giver receiver settler status"),
        *_numbers("height time_ms changed_height amount_minor posted_minor expires_at_ms"),
        sa.PrimaryKeyConstraint("pending_id", name="pk_pending_transfers"),
        _reference("pending_transfers", "from_account", "accounts.account_id"),
        _reference("pending_transfers", "to_account", "accounts.account_id"),
    )
    op.create_index(
        "ix_pending_transfers_height_pending_id",
        "pending_transfers",
        ["height", "pending_id"],
    )
    op.create_table(
        "bank_statements",
        *_texts("account_id bank"),
        *_numbers("statement_day height time_ms changed_height closing_minor ledger_minor"),
        sa.Column("differs", sa.Boolean(create_constraint=False), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "statement_day", name="pk_bank_statements"),
        _reference("bank_statements", "account_id", "accounts.account_id"),
    )
    op.create_table(
        "period_closes",
        *_texts("close_id party_id trial_balance_hash transaction_id"),
        *_numbers("height time_ms period as_of_height"),
        sa.PrimaryKeyConstraint("close_id", name="pk_period_closes"),
        _reference("period_closes", "party_id", "parties.party_id"),
    )
    op.create_index("ix_period_closes_party_id_period", "period_closes", ["party_id", "period"])


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, _TEXT, nullable=False) for name in names.split()]


def _numbers(names: str) -> list[sa.Column[int]]:
    return [
        sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)
        for name in names.split()
    ]


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")
