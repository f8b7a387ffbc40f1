"""Calls for offers and banks' offers; no chain has such records from before these tables."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0011"
down_revision: Final = "0010"
branch_labels: Final = None
depends_on: Final = None

_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_CALLS: Final = "finance_calls"
_OFFERS: Final = "finance_offers"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        _CALLS,
        *_texts("call_id leaf_id holder box_key status"),
        *_numbers("height time_ms changed_height closes_at_ms decides_by_ms pays_by_ms"),
        *(
            sa.Column(name, sa.Boolean(create_constraint=False), nullable=False)
            for name in ("as_pledge", "with_recourse", "keeps_rest")
        ),
        sa.PrimaryKeyConstraint("call_id", name="pk_finance_calls"),
        sa.ForeignKeyConstraint(["leaf_id"], ["leaves.leaf_id"], name="fk_finance_calls_leaf_id"),
    )
    op.create_table(
        _OFFERS,
        *_texts("finance_offer_id call_id bank sealed status"),
        *_numbers("height time_ms changed_height advance_minor discount_minor fee_minor"),
        sa.PrimaryKeyConstraint("finance_offer_id", name="pk_finance_offers"),
        sa.ForeignKeyConstraint(
            ["call_id"], ["finance_calls.call_id"], name="fk_finance_offers_call_id"
        ),
    )
    op.create_index("ix_finance_calls_call_id_height", _CALLS, ["call_id", "height"])
    for table, filtered, key in (
        (_CALLS, "leaf_id", "call_id"),
        (_OFFERS, "call_id", "finance_offer_id"),
    ):
        for fields in (["height", key], [filtered, "height", key], ["status", "height", key]):
            op.create_index(f"ix_{table}_{'_'.join(fields)}", table, fields)


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, _TEXT, nullable=False) for name in names.split()]


def _numbers(names: str) -> list[sa.Column[int]]:
    return [
        sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)
        for name in names.split()
    ]
