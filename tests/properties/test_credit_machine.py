"""Whatever providers, subject and readers do, and however late the clock's work runs.

The rules are written a second time here, in days and plain records: what an inquiry shows, what a
consent lets through, when an objection is closed, and who missed a duty.  After each step the
ledger says the same, and at the end the registered invariants hold.
"""

import dataclasses
from typing import Any, Final

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from xinlian.apps.credit.events import InquiryDenied
from xinlian.apps.credit.inquiries import inquire_records
from xinlian.apps.credit.inquiry_messages import InquireRecords
from xinlian.apps.credit.invariants import INVARIANTS
from xinlian.apps.credit.messages import PublishRecord, WithdrawRecord
from xinlian.apps.credit.objection_messages import AnswerObjection, FileObjection
from xinlian.apps.credit.objections import answer_objection, file_objection, pass_deadline
from xinlian.apps.credit.records import expire_record, publish_record, withdraw_record
from xinlian.apps.credit.types import INQUIRIES, OBJECTIONS, RECORDS, RecordLife
from xinlian.contracts.context import Context
from xinlian.contracts.ports import Ports
from xinlian.ledger.overlay import Overlay
from xinlian.modules.consent.handlers import grant_consent, revoke_consent
from xinlian.modules.consent.invariants import INVARIANTS as CONSENT_INVARIANTS
from xinlian.modules.consent.messages import GrantConsent, RevokeConsent
from xinlian.modules.documents.handlers import register_document
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.standing.keeper import standing_of
from xinlian.primitives import LedgerError
from xinlian.primitives.time import (
    MS_PER_DAY,
    MS_PER_HOUR,
    china_midnight_ms,
    day_of_iso,
    iso_of_day,
)
from xinlian.testing import Consortium

FIRST_DAY: Final = day_of_iso("2026-11-30")
KIND: Final = "court_enforcement"
RECORDS_LAST: Final = 10**6
"""A day beyond all: of records whose clock does not run."""
ANSWER_DAYS: Final = 20


def _beginning():
    consortium = Consortium(more_members=["court"], official_roles={"court": ("court",)})
    with consortium.engine.application.store.snapshot() as begun:
        pass
    parties = {name: found.party for name, found in consortium.organisations.items()}
    consortium.close()
    return begun, parties


SNAPSHOT, PARTIES = _beginning()
COURT, SUBJECT, BANK = (PARTIES[name] for name in ("court", "supplier1", "bank"))


@dataclasses.dataclass
class Known:
    """A record as people understand it."""

    last_shown: int
    """The last day on which it is shown; beyond every day where no clock runs."""
    is_current: bool = True
    contested_by: int | None = None
    """The number of its open objection."""
    was_contested: bool = False


@dataclasses.dataclass
class Contest:
    """An objection as people understand it."""

    record: int
    first: int
    last_day: int
    closed: bool = False
    told_late: bool = False


class CreditMachine(RuleBasedStateMachine):
    """The ledger's handlers beside a plain model."""

    def __init__(self):
        super().__init__()
        self.state = Overlay(SNAPSHOT)
        self.day = FIRST_DAY
        self.steps = 0
        self.records: list[Known] = []
        self.record_ids: list[bytes] = []
        self.contests: list[Contest] = []
        self.contest_ids: list[bytes] = []
        self.consent: dict[str, Any] = {}
        self.missed = 0

    def context(self, party):
        self.steps += 1
        return Context(
            state=self.state,
            chain_id="test-consortium",
            height=self.steps,
            time_ms=china_midnight_ms(self.day) + 12 * MS_PER_HOUR,
            acting_for=party,
            payer=party,
            signers=(),
            idempotency_key=self.steps.to_bytes(40, "big"),
            call_index=0,
            work_left=10_000,
            ports=Ports(),
        )

    def was_done(self, handler, context, message):
        message.validate_basic()
        try:
            handler(context, message)
        except LedgerError:
            return False
        return True

    def is_over(self, contest):
        return self.day > contest.last_day

    def is_shown(self, known):
        contest = None if known.contested_by is None else self.contests[known.contested_by]
        suppressed = contest is not None and self.is_over(contest)
        return known.is_current and self.day <= known.last_shown and not suppressed

    def publish(self, ended_days, previous):
        context = self.context(COURT)
        root = self.steps.to_bytes(32, "big")
        register_document(context, RegisterDocument(root, f"credit.{KIND}", 1))
        end_day = self.day - ended_days if ended_days is not None else 0
        message = PublishRecord(
            SUBJECT,
            KIND,
            1,
            "adverse",
            FIRST_DAY - 3_000,
            end_day,
            self.day,
            0,
            "public_by_law",
            b"",
            "cn.credit_regulation.art13",
            root,
            previous,
        )
        done = self.was_done(publish_record, context, message)
        last_shown = RECORDS_LAST if not end_day else five_years_after(end_day)
        return done, context.new_id("record"), last_shown

    @rule(ended_days=st.one_of(st.none(), st.integers(0, 9), st.integers(1_800, 1_830)))
    def publish_first(self, ended_days):
        done, record_id, last_shown = self.publish(ended_days, b"")
        assert done == (self.day <= last_shown)
        if done:
            self.records.append(Known(last_shown))
            self.record_ids.append(record_id)

    @precondition(lambda self: self.records)
    @rule(data=st.data())
    def publish_again(self, data):
        number = data.draw(st.integers(0, len(self.records) - 1))
        known = self.records[number]
        has_end = known.last_shown != RECORDS_LAST
        ended = RECORDS.require(self.state, self.record_ids[number]).end_day
        ended_days = self.day - ended if has_end else None
        done, record_id, last_shown = self.publish(ended_days, self.record_ids[number])
        assert done == (known.is_current and self.day <= known.last_shown)
        if not done:
            return
        known.is_current = False
        newer = Known(last_shown, contested_by=known.contested_by)
        newer.was_contested = known.contested_by is not None
        if known.contested_by is not None:
            self.contests[known.contested_by].record = len(self.records)
            known.contested_by = None
        self.records.append(newer)
        self.record_ids.append(record_id)

    @precondition(lambda self: self.records)
    @rule(data=st.data())
    def withdraw(self, data):
        number = data.draw(st.integers(0, len(self.records) - 1))
        known = self.records[number]
        message = WithdrawRecord(self.record_ids[number])
        done = self.was_done(withdraw_record, self.context(COURT), message)
        assert done == (known.is_current and self.day <= known.last_shown)
        known.is_current &= not done

    @precondition(lambda self: self.records)
    @rule(data=st.data(), party=st.sampled_from((SUBJECT, SUBJECT, SUBJECT, BANK)))
    def contest(self, data, party):
        number = data.draw(st.integers(0, len(self.records) - 1))
        known = self.records[number]
        context = self.context(party)
        message = FileObjection(self.record_ids[number], bytes(32))
        done = self.was_done(file_objection, context, message)
        is_live = known.is_current and self.day <= known.last_shown
        assert done == (party == SUBJECT and is_live and not known.was_contested)
        if done:
            known.was_contested, known.contested_by = True, len(self.contests)
            self.contests.append(Contest(number, number, self.day + ANSWER_DAYS))
            self.contest_ids.append(context.new_id("objection"))

    @precondition(lambda self: self.contests)
    @rule(data=st.data(), answer=st.sampled_from(("corrected", "rejected", "unverifiable")))
    def answer(self, data, answer):
        number = data.draw(st.integers(0, len(self.contests) - 1))
        contest = self.contests[number]
        known = self.records[contest.record]
        message = AnswerObjection(self.contest_ids[number], answer, bytes(32))
        done = self.was_done(answer_objection, self.context(COURT), message)
        if answer == "corrected":
            is_replaced = contest.record != contest.first
            withdrawn = known_withdrawn(self, contest.record)
            assert done == (not contest.closed and (is_replaced or withdrawn))
        else:
            assert done == (not contest.closed and not self.is_over(contest))
        if done:
            contest.closed = True
            known.contested_by = None
            known.was_contested = answer != "corrected"

    @rule(reads=st.integers(1, 2), days=st.integers(1, 40))
    def let_in(self, reads, days):
        context = self.context(SUBJECT)
        until_ms = context.time_ms + days * MS_PER_DAY
        given = GrantConsent(BANK, "loan_approval", (KIND,), 0, until_ms, reads, 0, b"")
        grant_consent(context, given)
        self.consent = {
            "id": context.new_id("consent"),
            "left": reads,
            "last_day": self.day + days,
            "revoked": False,
        }

    @precondition(lambda self: self.consent and not self.consent["revoked"])
    @rule()
    def revoke(self):
        message = RevokeConsent(self.consent["id"])
        done = self.was_done(revoke_consent, self.context(SUBJECT), message)
        assert done == (self.day <= self.consent["last_day"])
        self.consent["revoked"] |= done

    @precondition(lambda self: self.consent)
    @rule(
        purpose=st.sampled_from(("loan_approval",) * 5 + ("post_loan",)),
        kind=st.sampled_from((KIND,) * 5 + ("five_class",)),
    )
    def ask(self, purpose, kind):
        context, consent = self.context(BANK), self.consent
        message = InquireRecords(SUBJECT, purpose, (kind,), consent["id"], "", bytes(32))
        assert self.was_done(inquire_records, context, message)
        allowed = (
            purpose == "loan_approval"
            and kind == KIND
            and not consent["revoked"]
            and self.day <= consent["last_day"]
            and consent["left"] > 0
        )
        found = INQUIRIES.get(self.state, context.new_id("inquiry"))
        assert (found is not None) == allowed
        assert (InquiryDenied.__struct_config__.tag in told_tags(context)) == (not allowed)
        consent["left"] -= allowed

    @rule(days=st.sampled_from((0, 1, 9, 19, 21, 40)), clock_runs=st.booleans())
    def wait(self, days, clock_runs):
        self.day += days
        if not clock_runs:  # guards compare the time themselves
            return
        context = self.context(bytes(20))
        for record_id in self.record_ids:
            expire_record(context, record_id)
        for contest_id, contest in zip(self.contest_ids, self.contests, strict=True):
            pass_deadline(context, contest_id)
            if self.is_over(contest) and not contest.closed and not contest.told_late:
                contest.told_late = True
                self.missed += 1

    @invariant()
    def an_inquiry_shows_what_people_expect(self):
        context = self.context(SUBJECT)
        message = InquireRecords(SUBJECT, "self", (KIND,), b"", "", bytes(32))
        inquire_records(context, message)
        found = INQUIRIES.require(self.state, context.new_id("inquiry"))
        expected = {
            record_id
            for record_id, known in zip(self.record_ids, self.records, strict=True)
            if self.is_shown(known)
        }
        assert set(found.shown) == expected

    @invariant()
    def the_provider_missed_exactly_the_answers_that_the_clock_told(self):
        assert standing_of(self.state, COURT).duties_missed == self.missed

    def teardown(self):
        both = (*INVARIANTS, *CONSENT_INVARIANTS)
        assert [broken for holds in both for broken in holds(self.state)] == []
        assert len(list(OBJECTIONS.scan(self.state))) == len(self.contests)


def five_years_after(end_day):
    """Return the same date five years later, computed from the text of the date."""
    year, month, day = iso_of_day(end_day).split("-")
    later = f"{int(year) + 5}-{month}-{day}"
    return day_of_iso(later if (month, day) != ("02", "29") else f"{int(year) + 5}-02-28")


def known_withdrawn(machine, number):
    """Return whether a record was taken back: not current, and nothing followed it."""
    record = RECORDS.require(machine.state, machine.record_ids[number])
    return record.life == RecordLife.WITHDRAWN


def told_tags(context):
    """Return the numbers of the events that a context recorded."""
    return {msgspec.msgpack.decode(record.event)[0] for record in context.events}


TestCredit = CreditMachine.TestCase
TestCredit.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
