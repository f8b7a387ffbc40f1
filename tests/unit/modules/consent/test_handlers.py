"""Only the subject lets in; every read is within what it gave, and stays to be seen."""

import pytest

from unit.apps.supply_chain.looking import try_out
from unit.modules.consent.consenting import KINDS, READER, REQUEST, SUBJECT, Consenting, read_of
from xinlian.contracts.context import Context
from xinlian.contracts.ports import Ports
from xinlian.ledger.overlay import Overlay
from xinlian.modules.consent.errors import SubjectUnfit
from xinlian.modules.consent.handlers import grant_consent
from xinlian.modules.consent.messages import GrantConsent, RevokeConsent
from xinlian.modules.consent.types import ConsentStatus
from xinlian.modules.members.types import PARTIES, Party, PartyKind, PartyStatus
from xinlian.primitives import PartyId
from xinlian.primitives.time import MS_PER_DAY
from xinlian.storage import MemoryStore
from xinlian.testing import Consortium
from xinlian.testing.trade import SUCCEEDED


@pytest.fixture
def case():
    consortium = Consortium(suspended=("core",))
    yield Consenting(consortium)
    assert consortium.broken_invariants() == []
    consortium.close()


def test_participant_and_member_give_consents_alike(case):
    of_participant = case.given()
    of_member = case.given(subject="settle")
    assert case.consent(of_participant).subject == case.c[SUBJECT].party
    assert case.consent(of_member).subject == case.c["settle"].party
    assert case.consent(of_member).status == ConsentStatus.GIVEN


def test_a_consent_that_begins_at_once_begins_in_its_own_block(case):
    consent = case.consent(case.given())
    assert consent.from_ms == consent.given_at_ms


def test_a_read_is_written_with_who_what_for_and_when(case):
    consent = case.given()
    assert case.send(READER, read_of(consent)) == SUCCEEDED
    (read,) = case.reads(consent)
    assert (read.reader, read.subject) == (case.c[READER].party, case.c[SUBJECT].party)
    assert (read.purpose, read.data_kinds, read.request_root) == ("loan_approval", KINDS, REQUEST)
    assert read.read_at_ms == case.c.now_ms()


def test_nobody_gives_a_consent_for_somebody_else_or_to_nobody(case):
    def tried(**changes):
        return try_out(case.c, SUBJECT, case.grant(**changes)).reference

    assert tried(reader=SUBJECT) == "consent/reader_unfit"
    assert tried(reader="core") == "consent/reader_unfit"  # suspended
    unknown = GrantConsent(b"?" * 20, "loan_approval", KINDS, 0, case.c.now_ms() + 9, 1, 0, b"")
    assert try_out(case.c, SUBJECT, unknown).reference == "consent/reader_unfit"


def test_a_suspended_firm_still_shows_its_own_data(case):
    assert try_out(case.c, "core", case.grant()).reference == SUCCEEDED


@pytest.mark.parametrize(("days", "expected"), [(366, SUCCEEDED), (367, "consent/period_unfit")])
def test_a_consent_lasts_as_long_as_policy_allows(case, days, expected):
    assert try_out(case.c, SUBJECT, case.grant(days)).reference == expected


def test_a_consent_that_would_be_over_already_is_refused(case):
    over = case.grant(until_ms=1)
    assert try_out(case.c, SUBJECT, over).reference == "consent/period_unfit"


def test_a_read_outside_the_consent_is_refused_with_its_own_code(case):
    consent = case.given()
    own = case.c[READER]
    assert own.party == case.consent(consent).reader
    tried = {
        "consent/no_consent": (READER, read_of(b"?" * 20)),
        "consent/purpose_outside": (READER, read_of(consent, purpose="post_loan")),
        "consent/data_outside": (READER, read_of(consent, kinds=("activity", "own_promises"))),
        SUCCEEDED: (READER, read_of(consent, kinds=("buyers",))),
    }
    found = {try_out(case.c, name, message).reference for name, message in tried.values()}
    assert found == set(tried)
    for other in ("settle", SUBJECT):
        assert try_out(case.c, other, read_of(consent)).reference == "consent/no_consent"


def test_a_read_before_the_beginning_is_refused_and_accepted_from_it_on(case):
    consent = case.given(from_day=3)
    assert case.send(READER, read_of(consent)) == "consent/not_begun"
    case.c.advance_to(case.consent(consent).from_ms)
    assert case.send(READER, read_of(consent)) == SUCCEEDED


def test_a_period_allows_so_many_reads_and_the_next_one_has_new_ones(case):
    consent = case.given()
    begins_ms = case.consent(consent).from_ms
    assert [case.send(READER, read_of(consent)) for _ in range(3)] == [
        SUCCEEDED,
        SUCCEEDED,
        "consent/reads_used_up",
    ]
    case.c.advance_to(begins_ms + 7 * MS_PER_DAY)
    assert case.send(READER, read_of(consent)) == SUCCEEDED
    assert case.consent(consent).read_count == 3


def test_without_periods_the_whole_life_of_a_consent_is_one(case):
    consent = case.given(300, reads_max=1, period_days=0)
    assert case.send(READER, read_of(consent)) == SUCCEEDED
    case.c.advance_to(case.c.now_ms() + 200 * MS_PER_DAY)
    assert case.send(READER, read_of(consent)) == "consent/reads_used_up"


def test_only_the_subject_revokes_and_no_read_is_accepted_from_then_on(case):
    consent = case.given()
    assert case.send(READER, read_of(consent)) == SUCCEEDED
    for other in (READER, "settle"):
        assert case.send(other, RevokeConsent(consent)) == "consent/no_consent"
    assert case.send(SUBJECT, RevokeConsent(consent)) == SUCCEEDED
    assert case.send(READER, read_of(consent)) == "consent/revoked"
    assert case.send(SUBJECT, RevokeConsent(consent)) == "consent/revoked"
    assert len(case.reads(consent)) == 1  # what was read stays recorded


def test_a_consent_ends_by_the_clock_and_a_read_at_its_last_moment_counts(case):
    consent = case.given(2)
    last_ms = case.consent(consent).until_ms
    case.c.advance_to(last_ms - 1_000)
    assert case.send(READER, read_of(consent)) == SUCCEEDED
    case.c.advance_to(last_ms + 1)
    case.c.settle_due_work()
    assert case.consent(consent).status == ConsentStatus.ENDED
    assert case.send(READER, read_of(consent)) == "consent/over"
    assert case.send(SUBJECT, RevokeConsent(consent)) == "consent/over"


def test_a_revoked_consent_leaves_nothing_in_the_queue(case):
    consent = case.given(2)
    assert case.send(SUBJECT, RevokeConsent(consent)) == SUCCEEDED
    case.c.advance_to(case.consent(consent).until_ms + 1)
    case.c.settle_due_work()
    assert case.consent(consent).status == ConsentStatus.REVOKED


def test_a_person_gives_no_consent_in_this_version():
    with MemoryStore().snapshot() as empty:
        state = Overlay(empty)
    person = b"p" * 20
    record = Party(PartyKind.PERSON, PartyStatus.ACTIVE, b"", 1, "9" * 18, "?")
    PARTIES.put(state, record, person)
    context = Context(
        state=state,
        chain_id="test",
        height=1,
        time_ms=1,
        acting_for=PartyId(person),
        payer=PartyId(person),
        signers=(),
        idempotency_key=b"",
        call_index=0,
        work_left=9,
        ports=Ports(),
    )
    with pytest.raises(SubjectUnfit):
        grant_consent(context, GrantConsent(b"r" * 20, "loan_approval", KINDS, 0, 9, 1, 0, b""))
