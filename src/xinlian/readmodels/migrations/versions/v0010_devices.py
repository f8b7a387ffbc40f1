"""Devices and what they watch; no chain has such records from before these tables."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0010"
down_revision: Final = "0009"
branch_labels: Final = None
depends_on: Final = None

_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_DEVICES: Final = "devices"
_WATCHES: Final = "watches"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        _DEVICES,
        *_texts("device_id owner serves public_key kind terms_root status alert_rules alert_root"),
        *_numbers(
            "height time_ms changed_height interval_ms silence_ms lowest_e3 highest_e3 "
            "speed_max_kmh flat_after until_ms batch_count last_no heard_at_ms alert_version "
            "alerted_at_ms alert_until_ms"
        ),
        sa.PrimaryKeyConstraint("device_id", name="pk_devices"),
        *(
            sa.ForeignKeyConstraint([field], ["parties.party_id"], name=f"fk_devices_{field}")
            for field in ("owner", "serves")
        ),
    )
    op.create_table(
        _WATCHES,
        *_texts("watch_id subject device_id"),
        *_numbers("height time_ms changed_height until_ms ended_at_ms"),
        sa.PrimaryKeyConstraint("watch_id", name="pk_watches"),
        sa.ForeignKeyConstraint(["device_id"], ["devices.device_id"], name="fk_watches_device_id"),
    )
    _index(_DEVICES, "height device_id", "owner height device_id", "serves height device_id")
    _index(_WATCHES, "height watch_id", "subject height watch_id", "device_id height watch_id")


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, _TEXT, nullable=False) for name in names.split()]


def _numbers(names: str) -> list[sa.Column[int]]:
    return [
        sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)
        for name in names.split()
    ]


def _index(table: str, *indexes: str) -> None:
    for fields in indexes:
        op.create_index(f"ix_{table}_{'_'.join(fields.split())}", table, fields.split())
