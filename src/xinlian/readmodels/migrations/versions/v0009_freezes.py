"""Freeze orders; no chain has such records from before this table."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0009"
down_revision: Final = "0008"
branch_labels: Final = None
depends_on: Final = None

_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_TABLE: Final = "freezes"
_TEXTS: Final = (
    "freeze_id certificate_id leaf_id holder authority confirmed_by case_root order_root "
    "account_id status"
)
_NUMBERS: Final = "height time_ms changed_height received_minor expires_at_ms"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        _TABLE,
        *(sa.Column(name, _TEXT, nullable=False) for name in _TEXTS.split()),
        *(
            sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)
            for name in _NUMBERS.split()
        ),
        sa.PrimaryKeyConstraint("freeze_id", name="pk_freezes"),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificates.certificate_id"],
            name="fk_freezes_certificate_id",
        ),
    )
    for fields in (
        "height freeze_id",
        "certificate_id height freeze_id",
        "leaf_id height freeze_id",
        "status height freeze_id",
    ):
        op.create_index(f"ix_{_TABLE}_{'_'.join(fields.split())}", _TABLE, fields.split())
