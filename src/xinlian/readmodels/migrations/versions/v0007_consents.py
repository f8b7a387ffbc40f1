"""Consents and the reads under them; no chain has such records from before these tables."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0007"
down_revision: Final = "0006"
branch_labels: Final = None
depends_on: Final = None

_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_CONSENTS: Final = "consents"
_READS: Final = "consent_reads"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        _CONSENTS,
        *_texts("consent_id subject reader purpose data_kinds terms_root status"),
        *_numbers(
            "height time_ms changed_height from_ms until_ms reads_max period_days ended_at_ms "
            "read_count"
        ),
        sa.PrimaryKeyConstraint("consent_id", name="pk_consents"),
        *_of_parties(_CONSENTS),
    )
    op.create_table(
        _READS,
        *_texts("consent_id subject reader purpose data_kinds request_root"),
        *_numbers("read_no height time_ms"),
        sa.PrimaryKeyConstraint("consent_id", "read_no", name="pk_consent_reads"),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consents.consent_id"], name="fk_consent_reads_consent_id"
        ),
    )
    for table, order in ((_CONSENTS, "height consent_id"), (_READS, "height consent_id read_no")):
        for fields in (order, f"subject {order}", f"reader {order}"):
            op.create_index(f"ix_{table}_{'_'.join(fields.split())}", table, fields.split())


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, _TEXT, nullable=False) for name in names.split()]


def _numbers(names: str) -> list[sa.Column[int]]:
    return [
        sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)
        for name in names.split()
    ]


def _of_parties(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([field], ["parties.party_id"], name=f"fk_{table}_{field}")
        for field in ("subject", "reader")
    ]
