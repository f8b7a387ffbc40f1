"""Who votes on blocks; no chain has changed its validators before this table."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0008"
down_revision: Final = "0007"
branch_labels: Final = None
depends_on: Final = None

_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_TABLE: Final = "validators"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        _TABLE,
        *(
            sa.Column(name, _TEXT, nullable=False)
            for name in ("public_key", "party_id", "status", "successor")
        ),
        *(
            sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)
            for name in ("height", "time_ms", "changed_height", "power", "target_power")
        ),
        *(
            sa.Column(name, sa.Boolean(), nullable=False)
            for name in ("double_signed", "suspends_votes")
        ),
        sa.PrimaryKeyConstraint("public_key", name="pk_validators"),
    )
    for fields in ("height public_key", "party_id height public_key"):
        op.create_index(f"ix_{_TABLE}_{'_'.join(fields.split())}", _TABLE, fields.split())
