"""A promise between two organisations, carried as far as a test wants it.

Every step sends what the parties of a real promise would send; a step that the ledger refuses
raises ``StepRefused`` with the public name of the refusal.
"""

import hashlib
from typing import Final

import msgspec

from xinlian.contracts.message import Message
from xinlian.modules.accounts.messages import BookEntry, Transfer
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.modules.documents.messages import CountersignDocument, RegisterDocument
from xinlian.modules.evidence.messages import RecordFact
from xinlian.modules.obligations.messages import (
    AcceptGuarantee,
    AcceptObligation,
    DisputeObligation,
    ProposeObligation,
)
from xinlian.modules.obligations.types import (
    NOTHING,
    OBLIGATIONS,
    TERMS,
    Obligation,
    ObligationStatus,
    Security,
    SourceKind,
    Terms,
    subject_of,
)
from xinlian.primitives.time import (
    MS_PER_DAY,
    MS_PER_HOUR,
    china_day,
    china_midnight_ms,
    day_of_iso,
)
from xinlian.testing.consortium import Consortium
from xinlian.testing.trade import StepRefused, reference_of

PROMISE_DUE_DAY: Final = day_of_iso("2026-12-14")
"""A Monday, two weeks after the consortium's genesis."""
PROMISED_MINOR: Final = 100_000_00
OPENING_MS: Final = 10 * MS_PER_HOUR
EVENING_MS: Final = 18 * MS_PER_HOUR
LATE_ROW: Final = "obligations.late_rate_e9_per_day"


class Agreement:
    """One promise of a debtor to a creditor; several fit one consortium."""

    def __init__(
        self,
        consortium: Consortium,
        name: str = "agreement",
        *,
        debtor: str = "core",
        creditor: str = "supplier1",
        due_day: int = PROMISE_DUE_DAY,
        amount_minor: int = PROMISED_MINOR,
    ) -> None:
        """Begin an agreement; ``name`` tells its documents from those of others."""
        self.consortium = consortium
        self.name = name
        self.debtor = debtor
        self.creditor = creditor
        self.due_day = due_day
        self.amount_minor = amount_minor
        self.id = b""

    def root(self, document: str) -> bytes:
        """Return the root of one of the agreement's documents."""
        return hashlib.sha256(f"{self.name} {document}".encode()).digest()

    def step(self, name: str, *messages: Message) -> bytes:
        """Send messages of an organisation; return the id of an obligation they create.

        Raises:
            StepRefused: with the public name of the refusal.
        """
        signed, committed = self.consortium.send(name, *messages)
        if not committed.result.succeeded:
            raise StepRefused(reference_of(committed.result))
        return signed.created_id("obligation")

    def account_of(self, name: str) -> bytes:
        """Return an organisation's mirrored account, empty where it has none."""
        return b"" if name in ("supplier2", "settle") else self.consortium.account(name)

    def proposal(self, **changes: object) -> ProposeObligation:
        """Return the debtor's proposal with a standing authority, changed as a test wants it."""
        c = self.consortium
        plain = ProposeObligation(
            debtor=c[self.debtor].party,
            creditor=c[self.creditor].party,
            asset=c.deposit,
            amount_minor=self.amount_minor,
            due_day=self.due_day,
            grace_days=0,
            late_row=LATE_ROW,
            source_root=self.root("contract"),
            part_performance=False,
            condition_kind=NOTHING,
            condition_grade=NOTHING,
            condition_subject=b"",
            security=Security.AUTHORITY,
            guarantors=(),
            account=self.account_of(self.debtor),
            authority_cap_minor=2 * self.amount_minor,
            authority_until_ms=china_midnight_ms(self.due_day) + 90 * MS_PER_DAY,
        )
        return msgspec.structs.replace(plain, **changes)

    def acceptance(self) -> AcceptObligation:
        """Return the creditor's acceptance, with the account on which it is paid."""
        return AcceptObligation(self.id, self.amount_minor, self.account_of(self.creditor), 0, 0)

    def propose(self, **changes: object) -> bytes:
        """Have the debtor propose; return the obligation's id."""
        self.id = self.step(self.debtor, self.proposal(**changes))
        return self.id

    def agree(self, **changes: object) -> bytes:
        """Have both sides agree; return the obligation's id."""
        self.propose(**changes)
        self.step(self.creditor, self.acceptance())
        return self.id

    def agree_locked(self, **changes: object) -> bytes:
        """Have both sides agree, with the whole amount set aside."""
        return self.agree(
            security=Security.LOCKED, authority_cap_minor=0, authority_until_ms=0, **changes
        )

    def agree_unsecured(self, **changes: object) -> bytes:
        """Have both sides agree on a promise that is performed at banks alone."""
        return self.agree(
            security=Security.NONE,
            account=b"",
            authority_cap_minor=0,
            authority_until_ms=0,
            **changes,
        )

    def agree_guaranteed(self, *guarantors: str, liability_minor: int = 0) -> bytes:
        """Have debtor, creditor and guarantors agree; a guarantor with an account pays from it."""
        c = self.consortium
        self.propose(
            security=Security.GUARANTEE,
            guarantors=tuple(c[name].party for name in guarantors),
        )
        self.step(self.creditor, self.acceptance())
        until_ms = china_midnight_ms(self.due_day) + 90 * MS_PER_DAY
        for name in guarantors:
            account = self.account_of(name)
            self.step(
                name,
                AcceptGuarantee(self.id, liability_minor or self.amount_minor, account, until_ms),
            )
        return self.id

    def dispute(self, amount_minor: int) -> None:
        """Have the debtor dispute an amount."""
        self.step(self.debtor, DisputeObligation(self.id, amount_minor, self.root("complaint")))

    def record_receipt_of_goods(self) -> None:
        """Have the debtor sign that the goods have come: a fact of grade A about the promise."""
        root = self.root("goods_receipt")
        self.step(self.debtor, RegisterDocument(root, "goods_receipt", 1))
        self.step(self.debtor, RecordFact(subject_of(self.id), root, "goods_receipt"))
        self.consortium.settle_due_work()

    def record_despatch(self, *, countersigned: bool) -> None:
        """Have the creditor record its despatch, signed by itself alone or by both."""
        root = self.root("order")
        fact = RecordFact(subject_of(self.id), root, "order")
        if not countersigned:
            self.step(self.creditor, RegisterDocument(root, "order", 1), fact)
        else:
            self.step(self.debtor, CountersignDocument(root))
            self.step(self.creditor, fact)
        self.consortium.settle_due_work()

    def drain(self, name: str = "", keep_minor: int = 0) -> None:
        """Leave an organisation, by default the debtor, with little on its account."""
        c, of = self.consortium, name or self.debtor
        with c.engine.application.store.snapshot() as snapshot:
            available_minor = ACCOUNTS.require(snapshot, c.account(of)).available_minor
        amount_minor = available_minor - keep_minor
        if amount_minor > 0:
            to = "bank" if of != "bank" else "core"
            self.step(of, Transfer(c.account(of), c.account(to), amount_minor))

    def entry(
        self,
        amount_minor: int,
        *,
        on: str,
        is_credit: bool,
        named: bytes = b"",
        reference: str = "1",
        days_before: int = 0,
    ) -> BookEntry:
        """Return an entry of the settlement bank's books, by default valued today."""
        c = self.consortium
        return BookEntry(
            self.root(f"entry {reference} {on} {is_credit}"),
            c.bank_account(on),
            amount_minor,
            is_credit,
            china_day(c.now_ms()) - days_before,
            china_day(c.now_ms()) - days_before,
            named,
            self.root("camt"),
        )

    def credit(self, amount_minor: int, reference: str = "credit", on: str = "") -> None:
        """Credit an account, by default the debtor's, from outside."""
        entry = self.entry(amount_minor, on=on or self.debtor, is_credit=True, reference=reference)
        self.step("settle", entry)
        self.consortium.settle_due_work()

    def to_due_day(self, hours_ms: int = OPENING_MS, days_later: int = 0) -> None:
        """Move the clock to an hour of the due day, or of a day after it."""
        self.consortium.advance_to(china_midnight_ms(self.due_day + days_later) + hours_ms)
        self.consortium.settle_due_work()

    def found(self, obligation_id: bytes = b"") -> Obligation:
        """Return an obligation of the committed state, by default this one."""
        with self.consortium.engine.application.store.snapshot() as snapshot:
            return OBLIGATIONS.require(snapshot, obligation_id or self.id)

    def terms(self) -> Terms:
        """Return its terms in the committed state."""
        with self.consortium.engine.application.store.snapshot() as snapshot:
            return TERMS.require(snapshot, self.id)

    def status(self) -> ObligationStatus:
        """Return where it stands."""
        return ObligationStatus(self.found().status)

    def following(self, kind: SourceKind) -> list[tuple[bytes, Obligation]]:
        """Return (id, obligation) of what followed from this one: interest, calls, recourse."""
        with self.consortium.engine.application.store.snapshot() as snapshot:
            return [
                (obligation_id, obligation)
                for (obligation_id,), terms in TERMS.scan(snapshot)
                if terms.origin == self.id
                for obligation in [OBLIGATIONS.require(snapshot, obligation_id)]
                if obligation.source_kind == kind
            ]
