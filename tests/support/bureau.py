"""A consortium in which credit records are shared: providers, an authority, a firm they speak of.

::

    supplier1 (the subject)      bank (a lender that asks)
    utility, court, regulator (providers)   authority (publishes rules)
"""

import hashlib
import itertools
from typing import Any

from support.happened import happened
from xinlian.apps.credit.events import InquiryDenied
from xinlian.apps.credit.inquiry_messages import InquireRecords
from xinlian.apps.credit.messages import PublishRecord
from xinlian.apps.credit.objection_messages import AnswerObjection, FileObjection
from xinlian.apps.credit.record_types import schema_of
from xinlian.apps.credit.types import (
    INQUIRIES,
    OBJECTIONS,
    RECORDS,
    CreditRecord,
    Objection,
)
from xinlian.contracts.message import Message
from xinlian.ledger.ports import Store
from xinlian.modules.consent.messages import GrantConsent
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.policy.genesis import GenesisRow
from xinlian.modules.standing.keeper import standing_of
from xinlian.modules.standing.types import Standing
from xinlian.primitives.time import MS_PER_DAY, china_day, china_midnight_ms, day_of_iso
from xinlian.testing import Consortium
from xinlian.testing.trade import StepRefused, reference_of

SUBJECT = "supplier1"
OFFICIAL_ROLES = {
    "court": ("court",),
    "regulator": ("regulator",),
    "authority": ("credit_authority",),
}
TODAY = day_of_iso("2026-11-30")
ARTICLE = "cn.credit_regulation.art13"


class Bureau:
    """The consortium, and short ways to say what its parties do."""

    def __init__(self, store: Store | None = None, *, dated_rows: tuple[GenesisRow, ...] = ()):
        self.c = Consortium(
            store,
            more_members=["utility", "court", "regulator", "authority"],
            official_roles=OFFICIAL_ROLES,
            dated_rows=dated_rows,
        )
        self._numbers = itertools.count(1)

    def step(self, name: str, *messages: Message) -> Any:
        """Send messages that must be applied; return the signed transaction."""
        signed, committed = self.c.send(name, *messages)
        if not committed.result.succeeded:
            raise StepRefused(reference_of(committed.result))
        return signed

    def refused(self, name: str, *messages: Message) -> str:
        """Send messages; return the public name of what came of it."""
        return reference_of(self.c.send(name, *messages)[1].result)

    def root(self) -> bytes:
        """Return a root that no document has yet."""
        return hashlib.sha256(f"paper {next(self._numbers)}".encode()).digest()

    def document(self, by: str, record_type: str, version: int = 1) -> bytes:
        """Return the root of a new document of a record."""
        root = self.root()
        self.step(by, RegisterDocument(root, schema_of(record_type), version))
        return root

    def consent(
        self,
        reader: str,
        *kinds: str,
        purpose: str = "credit_reporting",
        subject: str = SUBJECT,
        days: int = 365,
        reads_max: int = 10,
        period_days: int = 0,
        from_ms: int = 0,
    ) -> bytes:
        """Give a consent; return its id."""
        message = GrantConsent(
            self.c[reader].party,
            purpose,
            tuple(sorted(kinds)),
            from_ms,
            self.c.now_ms() + days * MS_PER_DAY,
            reads_max,
            period_days,
            b"",
        )
        return bytes(self.step(subject, message).created_id("consent"))

    def enforcement(self, by: str = "court", **changes: Any) -> PublishRecord:
        """Return a court's listing of the subject, ended today."""
        fields = {
            "subject": self.c[SUBJECT].party,
            "record_type": "court_enforcement",
            "schema_version": 1,
            "polarity": "adverse",
            "event_day": TODAY - 100,
            "end_day": TODAY - 10,
            "as_of_day": TODAY,
            "amount_minor": 80_000_00,
            "legal_basis": "public_by_law",
            "consent": b"",
            "law": ARTICLE,
            "document_root": b"",
            "previous": b"",
        }
        fields |= changes
        if not fields["document_root"]:
            fields["document_root"] = self.document(by, str(fields["record_type"]))
        return PublishRecord(**fields)  # type: ignore[arg-type]  # its own fields

    def arrears(self, consent: bytes, by: str = "utility", **changes: Any) -> PublishRecord:
        """Return what a utility reports under consent: arrears that have not ended."""
        fields: dict[str, Any] = {
            "record_type": "utility_arrears",
            "end_day": 0,
            "amount_minor": 3_200_00,
            "legal_basis": "consent",
            "consent": consent,
            "law": "",
        }
        return self.enforcement(by, **(fields | changes))

    def publish(self, by: str, message: PublishRecord) -> bytes:
        """Publish a record; return its id."""
        return bytes(self.step(by, message).created_id("record"))

    def record(self, record_id: bytes) -> CreditRecord:
        """Return a record of the committed state."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return RECORDS.require(snapshot, record_id)

    def inquiry(
        self,
        *types: str,
        consent: bytes = b"",
        purpose: str = "loan_approval",
        law: str = "",
        subject: str = SUBJECT,
    ) -> InquireRecords:
        """Return an inquiry for records of a subject."""
        return InquireRecords(
            self.c[subject].party, purpose, tuple(sorted(types)), consent, law, self.root()
        )

    def ask(self, name: str, message: InquireRecords) -> Any:
        """Ask; return the inquiry that was answered, or how it was denied."""
        signed, committed = self.c.send(name, message)
        if not committed.result.succeeded:
            raise StepRefused(reference_of(committed.result))
        inquiry_id = signed.created_id("inquiry")
        with self.c.engine.application.store.snapshot() as snapshot:
            found = INQUIRIES.get(snapshot, inquiry_id)
        return found or self.denial(inquiry_id)

    def denial(self, inquiry_id: bytes) -> InquiryDenied:
        """Return the event that an inquiry was denied by."""
        (denied,) = [e for e in happened(self.c, InquiryDenied) if e.inquiry == inquiry_id]
        return denied

    def object_to(self, record: bytes, by: str = SUBJECT) -> bytes:
        """Object to a record; return the objection."""
        return bytes(self.step(by, FileObjection(record, self.root())).created_id("objection"))

    def answer(self, objection: bytes, answer: str) -> AnswerObjection:
        """Return an answer to an objection."""
        return AnswerObjection(objection, answer, self.root())

    def objection(self, objection_id: bytes) -> Objection:
        """Return an objection of the committed state."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return OBJECTIONS.require(snapshot, objection_id)

    def standing(self, name: str) -> Standing:
        """Return what the ledger says of an organisation."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return standing_of(snapshot, self.c[name].party)

    def to_day(self, day: int, *, minutes: int = 10) -> None:
        """Let a local day begin."""
        self.c.advance_to(china_midnight_ms(day) + minutes * 60_000)
        self.c.settle_due_work()

    @property
    def today(self) -> int:
        """The local day of the ledger's time."""
        return china_day(self.c.now_ms())

    def close(self) -> None:
        """Stop it."""
        assert self.c.broken_invariants() == []
        self.c.close()
