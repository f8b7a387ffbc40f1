"""When a stop flag is lifted; where the projector stands already, its rows have no such end."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0006"
down_revision: Final = "0005"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """Add the column."""
    op.add_column(
        "issue_lines",
        sa.Column("stop_lifts_at_ms", sa.BigInteger(), nullable=False, server_default="0"),
    )
