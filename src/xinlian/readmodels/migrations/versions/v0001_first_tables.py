"""The first tables of the read model.

This is the schema as it was released: later ones change it by revisions of their own, so it does
not look at the tables of the running release.
"""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0001"
down_revision: Final = None
branch_labels: Final = None
depends_on: Final = None

_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create all tables, those that others refer to first."""
    _create_chain()
    _create_directory()
    _create_value()
    _create_trade()
    _create_certificates()
    _create_payments()


def _create_chain() -> None:
    """Blocks and what is in them; who may read; how far it was projected."""
    _create(
        "projection",
        key="only",
        texts="chain_id header_hash",
        numbers="only height time_ms",
    )
    _create(
        "blocks",
        key="height",
        texts=(
            "header_hash previous_hash app_hash state_root transactions_root results_root "
            "events_root"
        ),
        numbers="height time_ms app_version transaction_count event_count",
        flags="simulated",
    )
    _create(
        "transactions",
        key="transaction_id",
        texts="transaction_id payer first_message codespace",
        numbers="height time_ms transaction_index call_count code failed_call",
        references=(("height", "blocks.height"),),
        indexes=("height transaction_index",),
    )
    _create(
        "messages",
        key="transaction_id call_index",
        texts="transaction_id acting_for message_type",
        numbers="call_index height time_ms",
        references=(("transaction_id", "transactions.transaction_id"),),
    )
    _create(
        "events",
        key="height position",
        texts="transaction_id event_type object_kind object_id data_json",
        numbers="height position time_ms call_index",
        references=(("height", "blocks.height"),),
        indexes=(
            "object_kind object_id",
            "transaction_id",
        ),
    )
    _create(
        "readers",
        key="object_kind object_id party_id",
        texts="object_kind object_id party_id",
        numbers="height",
        indexes=("party_id object_kind",),
    )


def _create_directory() -> None:
    """The directory and policy."""
    _create(
        "parties",
        key="party_id",
        texts="party_id kind status sponsor uscc name",
        numbers="height time_ms changed_height",
        indexes=("height party_id",),
    )
    _create(
        "keys",
        key="key_id",
        texts="key_id party_id suite public_key role status",
        numbers="height time_ms changed_height",
        references=(("party_id", "parties.party_id"),),
        indexes=("party_id",),
    )
    _create(
        "policy_versions",
        key="name effective_from_ms",
        texts="name unit applies_by citation",
        numbers="effective_from_ms height time_ms value",
        flags="verified",
    )


def _create_value() -> None:
    """Assets, accounts and what moves on them."""
    _create(
        "assets",
        key="asset_id",
        texts="asset_id kind issuer currency",
        numbers="height time_ms scale",
    )
    _create(
        "bank_accounts",
        key="bank_account",
        texts="bank_account owner bank account_id",
        numbers="height time_ms",
        references=(
            ("owner", "parties.party_id"),
            ("bank", "parties.party_id"),
        ),
    )
    _create(
        "accounts",
        key="account_id",
        texts=(
            "account_id owner asset_id asset_kind asset_issuer currency account_class bank_account"
        ),
        numbers=(
            "height time_ms changed_height scale number opening_minor balance_minor reserved_minor"
        ),
        flags="mirrored",
        references=(
            ("owner", "parties.party_id"),
            ("asset_id", "assets.asset_id"),
        ),
        indexes=(
            "asset_id",
            "height account_id",
            "owner",
        ),
    )
    _create(
        "transfers",
        key="transfer_id",
        texts=(
            "transfer_id transaction_id asset_id debit_account debit_owner credit_account "
            "credit_owner purpose reservation"
        ),
        numbers="height time_ms position amount_minor",
        references=(
            ("debit_account", "accounts.account_id"),
            ("credit_account", "accounts.account_id"),
        ),
        indexes=("height position",),
    )
    _create(
        "postings",
        key="account_id height position",
        texts="account_id counter_account counter_owner purpose transaction_id",
        numbers="height position time_ms amount_minor balance_minor",
        flags="is_debit",
        references=(("account_id", "accounts.account_id"),),
    )
    _create(
        "reservations",
        key="reservation_id",
        texts="reservation_id account_id",
        numbers="height time_ms changed_height left_minor",
        references=(("account_id", "accounts.account_id"),),
    )
    _create(
        "bank_entries",
        key="identity",
        texts=(
            "identity bank owner account_id bank_account end_to_end_id document_root transaction_id"
        ),
        numbers="height time_ms amount_minor value_day",
        flags="is_credit",
        indexes=("height identity",),
    )


def _create_trade() -> None:
    """Documents, facts, verdicts, invoices, issue lines."""
    _create(
        "documents",
        key="root",
        texts="root owner schema countersigners",
        numbers="height time_ms changed_height schema_version",
        indexes=("height root",),
    )
    _create(
        "facts",
        key="fact_id",
        texts="fact_id subject document_root kind flow grade signer",
        numbers="height time_ms changed_height",
        references=(("document_root", "documents.root"),),
        indexes=(
            "document_root",
            "subject height",
        ),
    )
    _create(
        "verdicts",
        key="verdict_id",
        texts="verdict_id subject party outcome failures document_roots",
        numbers="height time_ms changed_height checks_version given_at_ms expires_at_ms",
        indexes=("subject height",),
    )
    _create(
        "invoices",
        key="root",
        texts="root seller buyer currency",
        numbers="height time_ms changed_height gross_minor occupied_minor paid_minor",
        indexes=("height root",),
    )
    _create(
        "issue_lines",
        key="obligor",
        texts="obligor",
        numbers="height time_ms changed_height limit_minor used_minor overdue_certificates",
        flags="is_stopped",
    )


def _create_certificates() -> None:
    """Certificates, their leaves and what happens to these."""
    _create(
        "certificates",
        key="certificate_id",
        texts=(
            "certificate_id obligor first_holder proposer deposit invoice_root "
            "contract_root promise_root life account_id"
        ),
        numbers=(
            "height time_ms changed_height face_minor issued_at_ms window_ends_at_ms "
            "due_day outstanding_minor discharged_minor authority_cap_minor "
            "authority_until_ms late_rate_e9_per_day interest_fixed_minor live_leaves"
        ),
        references=(("invoice_root", "invoices.root"),),
        indexes=(
            "height certificate_id",
            "invoice_root",
        ),
    )
    _create(
        "leaves",
        key="leaf_id",
        texts="leaf_id certificate_id parent holder life finance financier",
        numbers=(
            "height time_ms changed_height amount_minor discharged_minor outstanding_minor "
            "awaiting_minor hops lock_expires_at_ms"
        ),
        references=(("certificate_id", "certificates.certificate_id"),),
        indexes=(
            "certificate_id height",
            "holder",
            "parent",
        ),
    )
    _create(
        "encumbrances",
        key="leaf_id",
        texts="leaf_id certificate_id financier seller register_no",
        numbers="height time_ms advance_minor discount_minor",
        references=(("leaf_id", "leaves.leaf_id"),),
        indexes=("height leaf_id",),
    )
    _create(
        "transfer_offers",
        key="offer_id",
        texts="offer_id leaf_id certificate_id offered_by offered_to evidence_root status",
        numbers="height time_ms changed_height amount_minor expires_at_ms",
        references=(("leaf_id", "leaves.leaf_id"),),
        indexes=(
            "height offer_id",
            "leaf_id",
        ),
    )


def _create_payments() -> None:
    """Obligations and payment orders."""
    _create(
        "payment_orders",
        key="order_id",
        texts="order_id certificate_id leaf_id obligor payee bank account_id status",
        numbers="height time_ms changed_height amount_minor expires_at_ms",
        references=(("leaf_id", "leaves.leaf_id"),),
        indexes=("height order_id",),
    )
    _create(
        "obligations",
        key="obligation_id",
        texts="obligation_id debtor creditor asset_id status source_kind account_id",
        numbers=(
            "height time_ms changed_height amount_minor performed_minor released_minor "
            "open_minor awaiting_minor disputed_minor due_day due_at_ms cutoff_at_ms "
            "authority_cap_minor authority_until_ms"
        ),
        indexes=("height obligation_id",),
    )
    _create(
        "late_interest",
        key="obligation_id",
        texts="obligation_id certificate_id leaf_id debtor creditor",
        numbers="height time_ms base_minor days amount_minor",
        references=(("leaf_id", "leaves.leaf_id"),),
        indexes=("height obligation_id",),
    )


def _create(
    name: str,
    *,
    key: str,
    texts: str,
    numbers: str = "",
    flags: str = "",
    references: Sequence[tuple[str, str]] = (),
    indexes: Sequence[str] = (),
) -> None:
    """Create a table; column names are given as words, by their types."""
    types: list[tuple[str, sa.types.TypeEngine[Any]]] = [
        *((column, _TEXT) for column in texts.split()),
        *((column, sa.BigInteger()) for column in numbers.split()),
        *((column, sa.Boolean(create_constraint=False)) for column in flags.split()),
    ]
    op.create_table(
        name,
        *(sa.Column(column, kind, autoincrement=False, nullable=False) for column, kind in types),
        sa.PrimaryKeyConstraint(*key.split(), name=f"pk_{name}"),
        *(
            sa.ForeignKeyConstraint([column], [target], name=f"fk_{name}_{column}")
            for column, target in references
        ),
    )
    for index in indexes:
        columns = index.split()
        op.create_index(f"ix_{name}_{'_'.join(columns)}", name, columns)
