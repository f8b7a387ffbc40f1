"""Subjects, facts and verdicts.

Rules this file keeps:
 1. A fact's grade follows from its kind and from who signed it, by the table of ``grades.py``.
 2. What a fact states is in its document; only commitments and grades are here.
 3. A verdict is one entitled party's signed result of the checks over the documents it opened.
"""

import enum
from typing import Annotated, Final

import msgspec

from xinlian.contracts.fields import CLASS_KEY, Count, Hash, Id, Name, TimeMs
from xinlian.crypto.hashing import HASH_BYTES
from xinlian.ledger.records import Collection, Record
from xinlian.primitives import ID_BYTES

MODULE_NO: Final = 7
VERDICT_ROOTS_MAX: Final = 32
VERDICT_FAILURES_MAX: Final = 16
FACTS_PER_SUBJECT_MAX: Final = 64
VERIFIERS_PER_SUBJECT_MAX: Final = 64
"""The two sides of the claim among them."""


class Flow(enum.StrEnum):
    """The three flows that check one another."""

    MONEY = "money"
    INFORMATION = "information"
    GOODS = "goods"


class Grade(enum.StrEnum):
    """How much a fact is worth by who signed it; A is best."""

    A = "a"
    B = "b"
    C = "c"


class FactKind(enum.StrEnum):
    """The closed list of kinds of facts, version 1."""

    CONTRACT = "contract"
    ORDER = "order"
    INVOICE = "invoice"
    DESPATCH = "despatch"
    GOODS_RECEIPT = "goods_receipt"
    GOODS_EVENT = "goods_event"
    BANK_ENTRY = "bank_entry"


class VerdictOutcome(enum.IntEnum):
    """What the checks came to."""

    PASS = 1
    HOLD = 2
    BLOCK = 3


class Subject(Record, frozen=True):
    """What facts are about: a claim of a creditor on a debtor."""

    creditor: Id
    debtor: Id
    fact_count: Count
    verifier_count: Count = 0
    """How many parties gave a verdict, ever."""


class Fact(Record, frozen=True):
    """A graded fact about a subject."""

    kind: Name
    flow: Name
    grade: Name
    signer: Id
    recorded_at_ms: TimeMs


VerdictRoots = Annotated[
    tuple[Hash, ...],
    msgspec.Meta(min_length=1, max_length=VERDICT_ROOTS_MAX, extra={CLASS_KEY: "L"}),
]
VerdictFailures = Annotated[
    tuple[Name, ...],
    msgspec.Meta(max_length=VERDICT_FAILURES_MAX, extra={CLASS_KEY: "L"}),
]


class Verdict(Record, frozen=True):
    """The latest verdict of a party about a subject."""

    outcome: Count
    failures: VerdictFailures
    document_roots: VerdictRoots
    checks_version: Count
    given_at_ms: TimeMs
    expires_at_ms: TimeMs


Verifiers = Annotated[
    tuple[Id, ...],
    msgspec.Meta(min_length=1, max_length=VERIFIERS_PER_SUBJECT_MAX, extra={CLASS_KEY: "L"}),
]
"""Ascending."""


class Contradiction(Record, frozen=True):
    """The verifiers of a subject whose live verdicts contradict one another."""

    passing: Verifiers
    blocking: Verifiers
    since_ms: TimeMs
    until_ms: TimeMs
    """When the first of these verdicts expires."""
    review: Id
    """By which due work knows it."""


class Review(Record, frozen=True):
    """Of which subject a contradiction is."""

    subject: Hash


SUBJECTS: Final = Collection(MODULE_NO, 1, Subject, (HASH_BYTES,))
FACTS: Final = Collection(MODULE_NO, 2, Fact, (HASH_BYTES, HASH_BYTES))
VERDICTS: Final = Collection(MODULE_NO, 3, Verdict, (HASH_BYTES, ID_BYTES))
CONTRADICTIONS: Final = Collection(MODULE_NO, 4, Contradiction, (HASH_BYTES,))
REVIEWS: Final = Collection(MODULE_NO, 5, Review, (ID_BYTES,))
