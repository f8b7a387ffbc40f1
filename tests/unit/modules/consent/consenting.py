"""A small firm that lets a bank read its data, for the tests of consents."""

import dataclasses

from xinlian.contracts.message import Message
from xinlian.ledger.block import TransactionResult
from xinlian.modules.consent.messages import GrantConsent, RecordRead
from xinlian.modules.consent.types import CONSENTS, READS, Consent, ConsentRead
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
from xinlian.testing.trade import reference_of

SUBJECT, READER = "supplier1", "bank"
PURPOSE = "loan_approval"
KINDS = ("activity", "buyers")
REQUEST = b"q" * 32


@dataclasses.dataclass
class Consenting:
    """A consortium in which consents are given and used."""

    c: Consortium

    def grant(
        self, days: int = 30, *, reader: str = READER, from_day: int = 0, **changes: object
    ) -> GrantConsent:
        """Return a consent of so many days from now on."""
        now_ms = self.c.now_ms()
        fields = {
            "reader": self.c[reader].party,
            "purpose": PURPOSE,
            "data_kinds": KINDS,
            "from_ms": now_ms + from_day * MS_PER_DAY if from_day else 0,
            "until_ms": now_ms + days * MS_PER_DAY,
            "reads_max": 2,
            "period_days": 7,
            "terms_root": b"",
        }
        return GrantConsent(**{**fields, **changes})  # type: ignore[arg-type]  # its own fields

    def given(self, days: int = 30, *, subject: str = SUBJECT, **changes: object) -> bytes:
        """Give a consent; return its id."""
        reader = changes.pop("reader", READER)
        signed, committed = self.c.send(subject, self.grant(days, reader=str(reader), **changes))  # type: ignore[arg-type]  # its own fields
        assert committed.result.succeeded, reference_of(committed.result)
        return signed.created_id("consent")

    def send(self, name: str, message: Message) -> str:
        """Send a message; return the public name of what came of it."""
        return reference_of(self.result(name, message))

    def result(self, name: str, message: Message) -> TransactionResult:
        """Send a message; return its result."""
        return self.c.send(name, message)[1].result

    def consent(self, consent_id: bytes) -> Consent:
        """Return a consent of the committed state."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return CONSENTS.require(snapshot, consent_id)

    def reads(self, consent_id: bytes) -> list[ConsentRead]:
        """Return the reads under a consent."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return [read for _, read in READS.scan(snapshot, consent_id)]


def read_of(
    consent_id: bytes, purpose: str = PURPOSE, kinds: tuple[str, ...] = KINDS
) -> RecordRead:
    """Return the recording of a read."""
    return RecordRead(consent_id, purpose, kinds, REQUEST)
