"""The closed list of kinds of credit records, and what each may say.

Rules this file keeps:
 1. Types and schema versions are closed lists that may only grow; a number is never given twice.
 2. What a type may carry is a row of one table: schema version, polarities, whether an amount, on
    which legal bases.  Nothing else decides it.
 3. Data that the law forbids to collect is refused by its own name, before the list is looked at:
    so that nobody takes it for a type that is merely not there yet.
 4. Two types arise on the ledger by themselves, from inquiries and objections: nobody publishes
    them.

Source: docs/concepts/credit.md; 征信业管理条例 (国务院令第631号) 13, 14, 21, 29.
"""

import enum
from collections.abc import Mapping
from typing import Final, NamedTuple

from xinlian.modules.members.roles import OfficialRole


class RecordType(enum.StrEnum):
    """What a credit record is about."""

    LOAN_ACCOUNT = "loan_account"
    MONTHLY_STATUS = "monthly_status"
    FIVE_CLASS = "five_class"
    GUARANTEE = "guarantee"
    QUERY = "query"
    """Who asked: the ledger's own record of an inquiry."""
    PUBLIC_PENALTY = "public_penalty"
    COURT_ENFORCEMENT = "court_enforcement"
    TAX_ARREARS = "tax_arrears"
    UTILITY_ARREARS = "utility_arrears"
    POSITIVE_CONDUCT = "positive_conduct"
    TRADE_SETTLEMENT = "trade_settlement"
    SELF_STATEMENT = "self_statement"
    """What the subject says itself beside the records of others."""
    OBJECTION_MARK = "objection_mark"
    """That a record is contested: the ledger's own."""


TYPE_NUMBERS: Final[Mapping[str, int]] = {
    kind.value: number for number, kind in enumerate(RecordType, 1)
}


class Polarity(enum.StrEnum):
    """For or against the subject."""

    ADVERSE = "adverse"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class LegalBasis(enum.StrEnum):
    """By what right a record is shared."""

    CONSENT = "consent"
    """The subject lets the provider report it."""
    PUBLIC_BY_LAW = "public_by_law"
    """It is public, by the article that the record names."""
    OWN_STATEMENT = "own_statement"
    """The subject says it itself."""


class TypeRule(NamedTuple):
    """What records of a type may say."""

    schema_version: int
    polarities: frozenset[str]
    may_have_amount: bool
    bases: frozenset[str]


_ANY: Final = frozenset(map(str, Polarity))
_ADVERSE: Final = frozenset({str(Polarity.ADVERSE)})
_POSITIVE: Final = frozenset({str(Polarity.POSITIVE)})
_NEUTRAL: Final = frozenset({str(Polarity.NEUTRAL)})
_CONSENT: Final = frozenset({str(LegalBasis.CONSENT)})
_PUBLIC: Final = frozenset({str(LegalBasis.PUBLIC_BY_LAW)})
_OWN: Final = frozenset({str(LegalBasis.OWN_STATEMENT)})

TYPE_RULES: Final[Mapping[str, TypeRule]] = {
    RecordType.LOAN_ACCOUNT: TypeRule(1, _ANY, may_have_amount=True, bases=_CONSENT),
    RecordType.MONTHLY_STATUS: TypeRule(1, _ANY, may_have_amount=True, bases=_CONSENT),
    RecordType.FIVE_CLASS: TypeRule(1, _ANY, may_have_amount=False, bases=_CONSENT),
    RecordType.GUARANTEE: TypeRule(1, _ANY, may_have_amount=True, bases=_CONSENT),
    RecordType.PUBLIC_PENALTY: TypeRule(1, _ADVERSE, may_have_amount=True, bases=_PUBLIC),
    RecordType.COURT_ENFORCEMENT: TypeRule(1, _ADVERSE, may_have_amount=True, bases=_PUBLIC),
    RecordType.TAX_ARREARS: TypeRule(1, _ADVERSE, may_have_amount=True, bases=_PUBLIC),
    RecordType.UTILITY_ARREARS: TypeRule(1, _ADVERSE, may_have_amount=True, bases=_CONSENT),
    RecordType.POSITIVE_CONDUCT: TypeRule(
        1,
        _POSITIVE,
        may_have_amount=False,
        bases=_CONSENT | _PUBLIC,
    ),
    RecordType.TRADE_SETTLEMENT: TypeRule(1, _ANY, may_have_amount=True, bases=_CONSENT),
    RecordType.SELF_STATEMENT: TypeRule(1, _NEUTRAL, may_have_amount=False, bases=_OWN),
}
"""Of the types that somebody publishes.  Lenders report with the subject's written consent alone
(article 29); what is public by law names its article (articles 13, 21)."""

INQUIRABLE: Final = frozenset({*map(str, TYPE_RULES), str(RecordType.QUERY)})
"""The types that an inquiry may name; marks are always shown with the record they are on."""

FORBIDDEN_KINDS: Final = frozenset(
    (
        "religion",
        "genes",
        "fingerprint",
        "blood_type",
        "disease",
        "medical_history",
    ),
)
"""Never collected: article 14, first paragraph."""
WARNED_KINDS: Final = frozenset(
    ("income", "deposits", "securities", "insurance", "real_estate", "tax_amount"),
)
"""Of a person only after a warning of the adverse effects and with written consent: article 14,
second paragraph.  No person is a subject in this version, so nobody can have given it."""

PROVIDER_ROLE_ROW: Final = "credit.role."
"""The row ``credit.role.<type>``: the number of the official role that publishes the type, 0 where
any member may."""
PROVIDED_TYPES: Final = tuple(
    kind.value for kind in RecordType if kind in TYPE_RULES and kind != RecordType.SELF_STATEMENT
)


def schema_of(record_type: str) -> str:
    """Return the schema that the document of a record has."""
    return f"credit.{record_type}"


def role_row(record_type: str) -> str:
    """Return the name of the policy row that says who publishes a type."""
    return f"{PROVIDER_ROLE_ROW}{record_type}"


def role_of_number(number: int) -> OfficialRole | None:
    """Return the official role of a row's value; None where any member may."""
    return None if not number else OfficialRole(number)
