"""Guarantees of certificates; no chain has such records from before this table."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0013"
down_revision: Final = "0012"
branch_labels: Final = None
depends_on: Final = None

_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_TABLE: Final = "guarantees"
_TEXTS: Final = "guarantee_id certificate_id guarantor account_id deed_root status"
_NUMBERS: Final = (
    "height time_ms changed_height order_no cap_minor until_ms called_minor paid_minor"
)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        _TABLE,
        *(sa.Column(name, _TEXT, nullable=False) for name in _TEXTS.split()),
        *(
            sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)
            for name in _NUMBERS.split()
        ),
        sa.PrimaryKeyConstraint("guarantee_id", name="pk_guarantees"),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificates.certificate_id"],
            name="fk_guarantees_certificate_id",
        ),
    )
    for fields in (
        "height guarantee_id",
        "certificate_id height guarantee_id",
        "status height guarantee_id",
    ):
        op.create_index(f"ix_{_TABLE}_{'_'.join(fields.split())}", _TABLE, fields.split())
