"""Proposals of governance and the votes on them."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"
branch_labels: Final = None
depends_on: Final = None

_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "proposals",
        *_texts("proposal_id kind status proposer party content_json evidence refusal"),
        *_numbers("height time_ms changed_height expires_at_ms enact_at_ms round_no"),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_proposals"),
    )
    op.create_index("ix_proposals_height_proposal_id", "proposals", ["height", "proposal_id"])
    op.create_table(
        "votes",
        *_texts("proposal_id member"),
        *_numbers("height time_ms round_no"),
        sa.Column("in_favour", sa.Boolean(create_constraint=False), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", "round_no", "member", name="pk_votes"),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["proposals.proposal_id"],
            name="fk_votes_proposal_id",
        ),
    )


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, _TEXT, nullable=False) for name in names.split()]


def _numbers(names: str) -> list[sa.Column[int]]:
    return [
        sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)
        for name in names.split()
    ]
