"""For how long a certificate may run: the caps of the issue date, and who may lift one of them.

Rules this file keeps:
 1. A cap is a row of policy, in months from the day of issue; 0 is no cap.  The version decides
    which date it applies by, the shipped ones by that of issue (SC-I5): a draft is judged
    provisionally, and anew when it is issued.
 2. Up to the ordinary cap nobody is asked.  Beyond it, up to the examined cap, a member that is no
    party to the claim has put its examination of this draft on the ledger.  Beyond that, never.
 3. The strict cap is above all others: no examination and no earlier contract lifts it (SC-R2).
 4. While earlier terms are kept, a certificate under an earlier contract has the caps in force when
    the ledger first saw that contract, if they are wider.  A contract proves no earlier date than
    that of its registration (SC-R14).

Source: docs/concepts/certificates.md (R1, R2, R14).
"""

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.dates import certificate_dates, contract_at_ms
from xinlian.apps.supply_chain.errors import (
    DueDateInvalid,
    NotExaminer,
    TermNotExamined,
    TermTooLong,
    WindowClosed,
    WrongState,
)
from xinlian.apps.supply_chain.keeper import require_certificate
from xinlian.apps.supply_chain.policy import (
    EARLIER_TERMS_KEPT,
    EXAMINED_TERM_MONTHS_MAX,
    STRICT_TERM_MONTHS_MAX,
    TERM_MONTHS_MAX,
)
from xinlian.apps.supply_chain.term_messages import ExamineTerm
from xinlian.apps.supply_chain.types import (
    CERTIFICATES,
    TERM_EXAMINATIONS,
    Life,
    TermExamination,
)
from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.modules.documents.handlers import require_document
from xinlian.modules.members.keeper import require_party
from xinlian.modules.members.types import PartyKind
from xinlian.modules.policy.dates import dates_of, happening
from xinlian.modules.policy.keeper import policy_value
from xinlian.primitives.time import add_months, china_day


def needs_examination(
    state: StateView,
    issued_at_ms: int,
    due_day: int,
    contract_root: bytes,
) -> bool:
    """Return whether a term is allowed only with an examination; False where it is allowed anyway.

    Raises:
        DueDateInvalid: the due day is not after the day of issue.
        TermTooLong: nothing lifts the cap that the term exceeds.
    """
    today = china_day(issued_at_ms)
    if due_day <= today:
        raise DueDateInvalid(str(due_day))
    contract_ms = contract_at_ms(state, contract_root)
    dates = dates_of(issued_at_ms, contract_ms=contract_ms)
    strict_months = policy_value(state, STRICT_TERM_MONTHS_MAX, dates)
    if _is_beyond(strict_months, today, due_day):
        raise TermTooLong(f"at most {strict_months} months, whoever examined it")
    counting = [dates]
    if policy_value(state, EARLIER_TERMS_KEPT, dates):
        counting.append(happening(contract_ms))
    ordinary = [policy_value(state, TERM_MONTHS_MAX, each) for each in counting]
    if not all(_is_beyond(months, today, due_day) for months in ordinary):
        return False
    examined = [policy_value(state, EXAMINED_TERM_MONTHS_MAX, each) for each in counting]
    if all(_is_beyond(months, today, due_day) for months in examined):
        raise TermTooLong(f"at most {max(examined)} months, beyond {max(ordinary)} if examined")
    return True


def check_term(context: Context, certificate_id: bytes) -> None:
    """Refuse to issue a draft whose term is too long today, or was not examined.

    Raises:
        DueDateInvalid, TermTooLong: see ``needs_examination``.
        TermNotExamined: a member's examination would make it right, and there is none.
    """
    draft = CERTIFICATES.require(context.state, certificate_id)
    if not needs_examination(context.state, context.time_ms, draft.due_day, draft.contract_root):
        return
    if not any(True for _ in TERM_EXAMINATIONS.scan(context.state, certificate_id)):
        dates = certificate_dates(context.state, draft, context.time_ms)
        months = policy_value(context.state, TERM_MONTHS_MAX, dates)
        raise TermNotExamined(f"beyond {months} months a bank sends supply_chain.ExamineTerm first")


def examine_term(context: Context, message: ExamineTerm) -> None:
    """SC-R1: record that a bank examined the term of a draft, and on what grounds."""
    # AUTHORISE
    draft = require_certificate(context.state, message.certificate)
    examiner = context.acting_for
    if examiner in (draft.obligor, draft.first_holder):
        raise NotExaminer("a party to the claim does not examine its own term")
    if require_party(context.state, examiner).kind != PartyKind.MEMBER:
        raise NotExaminer("a member examines, on its own responsibility")
    if require_document(context.state, message.grounds_root).owner != examiner:
        raise NotExaminer("the examiner registers its grounds itself")
    # VALIDATE
    if draft.life != Life.DRAFT:
        raise WrongState(f"the certificate is {Life(draft.life).name.lower()}")
    if context.time_ms > draft.window_ends_at_ms:
        raise WindowClosed(str(draft.window_ends_at_ms))
    # WRITE
    examination = TermExamination(message.grounds_root, context.time_ms)
    TERM_EXAMINATIONS.put(context.state, examination, message.certificate, examiner)
    # EMIT
    context.emit(events.TermExamined(message.certificate, examiner, message.grounds_root))


def _is_beyond(months: int, today: int, due_day: int) -> bool:
    """Return whether a term exceeds a cap; nothing exceeds 0, which is no cap."""
    return months > 0 and due_day > add_months(today, months)
