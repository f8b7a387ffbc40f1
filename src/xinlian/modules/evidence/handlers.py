"""Handlers of the evidence module."""

import msgspec

from xinlian.contracts.context import Context
from xinlian.contracts.registry import Registry
from xinlian.ledger.ports import StateView
from xinlian.modules.accounts.types import ASSETS, CNY_SCALE, AssetKind, asset_id
from xinlian.modules.devices.ports import ONLY as ONE_LISTENER
from xinlian.modules.devices.ports import DeviceListener
from xinlian.modules.documents.handlers import require_document
from xinlian.modules.documents.types import Document
from xinlian.modules.evidence import events, watch_events
from xinlian.modules.evidence.contradiction import REVIEW_HANDLER
from xinlian.modules.evidence.errors import (
    FactExists,
    NotEntitled,
    NotSigner,
    TooManyFacts,
    UnknownFactKind,
    WrongSchema,
)
from xinlian.modules.evidence.grades import FLOWS, grade_of
from xinlian.modules.evidence.keeper import open_subject, require_subject
from xinlian.modules.evidence.messages import RecordFact, SubmitVerdict
from xinlian.modules.evidence.types import (
    CONTRADICTIONS,
    FACTS,
    FACTS_PER_SUBJECT_MAX,
    REVIEWS,
    SUBJECTS,
    VERDICTS,
    Fact,
    FactKind,
    Grade,
    Subject,
)
from xinlian.modules.evidence.verdicts import (
    submit_verdict,
    tell_businesses,
    verdict_expired,
)
from xinlian.modules.evidence.watch_messages import EndWatch, WatchSubject
from xinlian.modules.evidence.watch_types import LOOKS, WATCHES, WATCHES_OF
from xinlian.modules.evidence.watches import (
    LOOK_HANDLER,
    WatchedSubjects,
    end_watch,
    look_again,
    watch_subject,
)
from xinlian.modules.members.relations import are_related
from xinlian.modules.obligations.conditions import fact_recorded
from xinlian.modules.obligations.ports import ONLY, FactSource

_CNY = "CNY"


def record_fact(context: Context, message: RecordFact) -> None:
    """Grade a document as a fact about a subject; again, when a signer has raised its grade."""
    # AUTHORISE
    subject = require_subject(context.state, message.subject)
    document = require_document(context.state, message.document_root)
    signers = (document.owner, *document.countersigners)
    if context.acting_for not in signers:
        raise NotSigner(context.acting_for.hex())
    is_side = context.acting_for in (subject.debtor, subject.creditor)
    if not is_side and not _keeps_books(context.state, context.acting_for):
        raise NotEntitled(context.acting_for.hex())
    # VALIDATE
    kind = _kind_of(message.kind, document)
    grade = _grade(context.state, subject, kind, signers)
    earlier = FACTS.get(context.state, message.subject, message.document_root)
    if earlier is not None and earlier.grade <= grade:
        raise FactExists(message.document_root.hex())
    if earlier is None and subject.fact_count >= FACTS_PER_SUBJECT_MAX:
        raise TooManyFacts(message.subject.hex())
    # COMPUTE
    flow = FLOWS[kind]
    # WRITE
    FACTS.put(
        context.state,
        Fact(kind.value, flow.value, grade.value, context.acting_for, context.time_ms),
        message.subject,
        message.document_root,
    )
    SUBJECTS.put(
        context.state,
        msgspec.structs.replace(subject, fact_count=subject.fact_count + (earlier is None)),
        message.subject,
    )
    # EMIT
    context.emit(
        events.FactRecorded(
            message.subject,
            message.document_root,
            kind.value,
            flow.value,
            grade.value,
            context.acting_for,
        ),
    )
    fact_recorded(context, message.subject)
    tell_businesses(context, message.subject)


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(SUBJECTS, FACTS, VERDICTS, CONTRADICTIONS, REVIEWS)
    registry.add_collections(WATCHES, WATCHES_OF, LOOKS)
    registry.add_message(RecordFact, record_fact)
    registry.add_message(SubmitVerdict, submit_verdict)
    registry.add_message(WatchSubject, watch_subject)
    registry.add_message(EndWatch, end_watch)
    registry.add_events(
        events.FactRecorded,
        events.VerdictGiven,
        events.VerdictsDisagree,
        events.ContradictionEnded,
        watch_events.WatchBegun,
        watch_events.WatchEnded,
    )
    registry.add_scheduled(REVIEW_HANDLER, verdict_expired)
    registry.add_scheduled(LOOK_HANDLER, look_again)
    registry.ports.provide(FactSource, ONLY, RecordedFacts())
    registry.ports.provide(DeviceListener, ONE_LISTENER, WatchedSubjects())


class RecordedFacts:
    """The facts that conditions of obligations refer to."""

    def is_kind(self, kind: str, grade: str) -> bool:
        """Return whether there is such a kind of fact, and such a grade."""
        return kind in tuple(FactKind) and grade in tuple(Grade)

    def has_sides(self, state: StateView, subject: bytes, creditor: bytes, debtor: bytes) -> bool:
        """Return whether a subject exists and is about these two sides."""
        found = SUBJECTS.get(state, subject)
        return found is not None and (found.creditor, found.debtor) == (creditor, debtor)

    def open_subject(
        self, context: Context, subject: bytes, creditor: bytes, debtor: bytes
    ) -> None:
        """Let facts be recorded under a subject that is new."""
        open_subject(context.state, subject, creditor, debtor)

    def is_met(self, state: StateView, subject: bytes, kind: str, grade: str) -> bool:
        """Return whether a fact of a kind is recorded with at least a grade."""
        return any(
            fact.kind == kind and fact.grade <= grade for _, fact in FACTS.scan(state, subject)
        )


def _kind_of(name: str, document: Document) -> FactKind:
    try:
        kind = FactKind(name)
    except ValueError:
        raise UnknownFactKind(name) from None
    if document.schema != kind.value:
        raise WrongSchema(f"{document.schema} is offered as {kind.value}")
    return kind


def _grade(
    state: StateView,
    subject: Subject,
    kind: FactKind,
    signers: tuple[bytes, ...],
) -> Grade:
    """Return the grade that a document's signers earn it about a subject.

    Who is related to another speaks neither against its interest nor as a second side; a bank that
    is related to a side is no independent one.
    """
    are_apart = not are_related(state, subject.debtor, subject.creditor)
    outside = [
        signer
        for signer in signers
        if not any(are_related(state, signer, side) for side in (subject.debtor, subject.creditor))
    ]
    return grade_of(
        kind,
        by_debtor=are_apart and subject.debtor in signers,
        by_creditor=subject.creditor in signers,
        by_bank=any(_keeps_books(state, signer) for signer in outside),
    )


def _keeps_books(state: StateView, party: bytes) -> bool:
    """Return whether a party is a bank: it issues a deposit on this ledger."""
    return ASSETS.get(state, asset_id(AssetKind.DEPOSIT, party, _CNY, CNY_SCALE)) is not None
