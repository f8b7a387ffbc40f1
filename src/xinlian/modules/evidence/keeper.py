"""The subjects that facts are collected about; the only code that opens one.

Rules this file keeps:
 1. A subject is opened once: its two sides are never changed, and no fact of it is lost.
"""

from xinlian.ledger.ports import StateView
from xinlian.ledger.records import WritableState
from xinlian.modules.evidence.errors import SubjectExists, UnknownSubject
from xinlian.modules.evidence.types import SUBJECTS, Subject


def require_subject(state: StateView, subject: bytes) -> Subject:
    """Return a subject; raises UnknownSubject."""
    found = SUBJECTS.get(state, subject)
    if found is None:
        raise UnknownSubject(subject.hex())
    return found


def require_new_subject(state: StateView, subject: bytes) -> None:
    """Refuse a subject that is open already; raises SubjectExists."""
    if SUBJECTS.get(state, subject) is not None:
        raise SubjectExists(subject.hex())


def open_subject(state: WritableState, subject: bytes, creditor: bytes, debtor: bytes) -> None:
    """Let facts be recorded about a claim of a creditor on a debtor; raises SubjectExists."""
    require_new_subject(state, subject)
    SUBJECTS.put(state, Subject(creditor, debtor, 0), subject)
