"""Who is what for the consortium; no chain has such records from before this table."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0005"
down_revision: Final = "0004"
branch_labels: Final = None
depends_on: Final = None

_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_TABLE: Final = "official_roles"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        _TABLE,
        *(sa.Column(name, _TEXT, nullable=False) for name in ("official_role", "party_id")),
        sa.Column("status", _TEXT, nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)
            for name in ("height", "time_ms", "changed_height", "given_at_ms", "withdrawn_at_ms")
        ),
        sa.PrimaryKeyConstraint("official_role", "party_id", name="pk_official_roles"),
        sa.ForeignKeyConstraint(
            ["party_id"], ["parties.party_id"], name="fk_official_roles_party_id"
        ),
    )
    for fields in ("height official_role party_id", "party_id height official_role"):
        op.create_index(f"ix_{_TABLE}_{'_'.join(fields.split())}", _TABLE, fields.split())
