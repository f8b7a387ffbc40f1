"""Disputes of leaves and what lowers an invoice; no chain has such records from before."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0012"
down_revision: Final = "0011"
branch_labels: Final = None
depends_on: Final = None

_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_TABLE: Final = "disputes"
_TEXTS: Final = (
    "dispute_id leaf_id certificate_id raised_by ground grounds_root status proposed_by ended_by "
    "decision_root"
)
_NUMBERS: Final = (
    "height time_ms changed_height amount_minor ends_at_ms proposed_minor upheld_minor"
)
_FLAGS: Final = "proposal_frees_invoice frees_invoice"


def upgrade() -> None:
    """Create the table and add the columns."""
    for name in ("lowered_minor", "over_minor"):
        column = sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        op.add_column("invoices", column)
    op.create_table(
        _TABLE,
        *(sa.Column(name, _TEXT, nullable=False) for name in _TEXTS.split()),
        *(
            sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)
            for name in _NUMBERS.split()
        ),
        *(
            sa.Column(name, sa.Boolean(create_constraint=False), nullable=False)
            for name in _FLAGS.split()
        ),
        sa.PrimaryKeyConstraint("dispute_id", name="pk_disputes"),
        sa.ForeignKeyConstraint(["leaf_id"], ["leaves.leaf_id"], name="fk_disputes_leaf_id"),
    )
    for fields in (
        "height dispute_id",
        "certificate_id height dispute_id",
        "leaf_id height dispute_id",
        "status height dispute_id",
    ):
        op.create_index(f"ix_{_TABLE}_{'_'.join(fields.split())}", _TABLE, fields.split())
