"""Credit records, inquiries and objections; no chain has such records from before these tables."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0014"
down_revision: Final = "0013"
branch_labels: Final = None
depends_on: Final = None

_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_RECORDS: Final = "credit_records"
_INQUIRIES: Final = "credit_inquiries"
_OBJECTIONS: Final = "credit_objections"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        _RECORDS,
        *_texts(
            "record_id provider subject record_type polarity legal_basis consent_id law "
            "document_root previous status mark objection_id"
        ),
        *_numbers(
            "height time_ms changed_height schema_version event_day end_day as_of_day "
            "amount_minor expires_at_ms"
        ),
        sa.Column("is_official", sa.Boolean(create_constraint=False), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name="pk_credit_records"),
        *_of_parties(_RECORDS, "provider", "subject"),
    )
    op.create_table(
        _INQUIRIES,
        *_texts(
            "inquiry_id inquirer subject purpose record_types consent_id law request_root status "
            "denied_as shown marked counted score reasons model_root feature_root"
        ),
        *_numbers("height time_ms changed_height hard_queries points points_uncontested"),
        sa.PrimaryKeyConstraint("inquiry_id", name="pk_credit_inquiries"),
        *_of_parties(_INQUIRIES, "inquirer", "subject"),
    )
    op.create_table(
        _OBJECTIONS,
        *_texts("objection_id record_id subject provider reason_root status answer_root"),
        *_numbers("height time_ms changed_height due_day"),
        sa.PrimaryKeyConstraint("objection_id", name="pk_credit_objections"),
        sa.ForeignKeyConstraint(
            ["record_id"], ["credit_records.record_id"], name="fk_credit_objections_record_id"
        ),
    )
    for table, fields in (
        (_RECORDS, "height record_id"),
        (_RECORDS, "subject height record_id"),
        (_RECORDS, "record_type height record_id"),
        (_RECORDS, "status height record_id"),
        (_INQUIRIES, "height inquiry_id"),
        (_INQUIRIES, "subject height inquiry_id"),
        (_INQUIRIES, "inquirer height inquiry_id"),
        (_INQUIRIES, "status height inquiry_id"),
        (_OBJECTIONS, "height objection_id"),
        (_OBJECTIONS, "record_id height objection_id"),
        (_OBJECTIONS, "status height objection_id"),
    ):
        op.create_index(f"ix_{table}_{'_'.join(fields.split())}", table, fields.split())


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, _TEXT, nullable=False) for name in names.split()]


def _numbers(names: str) -> list[sa.Column[int]]:
    return [
        sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)
        for name in names.split()
    ]


def _of_parties(table: str, *fields: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([field], ["parties.party_id"], name=f"fk_{table}_{field}")
        for field in fields
    ]
