"""Orders of courts on obligations; no chain has such orders from before these columns."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0015"
down_revision: Final = "0014"
branch_labels: Final = None
depends_on: Final = None

_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns."""
    for name in ("enforced_minor", "enforceable_minor"):
        op.add_column(
            "obligations",
            sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"),
        )
    op.add_column(
        "obligations",
        sa.Column("enforced_by", _TEXT, nullable=False, server_default=""),
    )
