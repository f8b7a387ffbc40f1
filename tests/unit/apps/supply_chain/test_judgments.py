"""SC-T22: a court decides a dispute; who was right to withhold has a credit fact of it."""

import msgspec
import pytest

from support.court import Court
from unit.apps.supply_chain.looking import certificate_of, leaf_of, obligation_of, try_out
from unit.apps.supply_chain.test_disputes import (
    PART_MINOR,
    REST_MINOR,
    books,
    dispute,
    near_due,
    record,
    refused,
)
from xinlian.apps.supply_chain.dispute_messages import (
    JudgeDispute,
    OpenDispute,
    WithdrawDispute,
)
from xinlian.apps.supply_chain.dispute_types import DisputeStatus, Ground
from xinlian.apps.supply_chain.messages import RepayPledge
from xinlian.apps.supply_chain.types import Finance, Life
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.modules.standing.types import CREDIT_FACTS, STANDINGS, CreditFactKind
from xinlian.testing.trade import EVENING_MS, FACE_MINOR, SUCCEEDED


@pytest.fixture
def court():
    made = Court()
    yield made
    made.close()


def judging(court: Court, opened: bytes, upheld_minor: int, amount_minor=PART_MINOR):
    return JudgeDispute(opened, amount_minor, upheld_minor, False, court.document())


def facts(court: Court) -> list[tuple[CreditFactKind, int]]:
    party = court.c["core"].party
    with court.c.engine.application.store.snapshot() as snapshot:
        found = [fact for _, fact in CREDIT_FACTS.scan(snapshot, party)]
    return [(CreditFactKind(fact.kind), fact.amount_minor) for fact in found]


def test_what_a_court_upholds_is_not_owed_and_what_it_rejects_is_paid_at_once(court):
    certificate, leaf = near_due(court.trade)
    opened = dispute(court.trade, leaf)
    court.trade.to_due_day(EVENING_MS)
    court.trade.step("court", judging(court, opened, 100_000_00))
    court.c.settle_due_work()
    ended = record(court.trade, opened)
    assert (ended.status, ended.upheld_minor) == (DisputeStatus.DECIDED, 100_000_00)
    assert ended.ended_by == court.c["court"].party
    assert books(court.trade, certificate)[3] == FACE_MINOR - 100_000_00
    assert certificate_of(court.c, certificate).life == Life.DISCHARGED
    assert obligation_of(court.c, certificate).status == ObligationStatus.PERFORMED
    assert facts(court) == [
        (CreditFactKind.DISPUTE_UPHELD, 100_000_00),
        (CreditFactKind.ON_TIME, FACE_MINOR - 100_000_00),
    ]


def test_a_default_on_the_undisputed_part_stays_one_although_the_rest_was_not_owed(court):
    certificate, leaf = near_due(court.trade)
    opened = dispute(court.trade, leaf)
    court.trade.drain()
    court.trade.to_due_day(EVENING_MS)
    court.trade.credit(REST_MINOR)
    assert obligation_of(court.c, certificate).status == ObligationStatus.DISPUTED
    court.trade.step("court", judging(court, opened, PART_MINOR))
    assert obligation_of(court.c, certificate).status == ObligationStatus.CURED
    assert certificate_of(court.c, certificate).life == Life.DISCHARGED
    assert [kind for kind, _ in facts(court)] == [
        CreditFactKind.DEFAULTED,
        CreditFactKind.DISPUTE_UPHELD,
        CreditFactKind.CURED,
    ]
    with court.c.engine.application.store.snapshot() as snapshot:
        standing = STANDINGS.require(snapshot, court.c["core"].party)
    assert (standing.defaulted, standing.open_defaults, standing.cured) == (1, 0, 1)


def test_a_court_that_is_no_party_decides_about_the_whole_dispute_by_its_own_document(court):
    leaf = court.trade.certify()[1]
    opened = dispute(court.trade, leaf)
    judgment = judging(court, opened, 1)
    assert refused(court.trade, "officer", judgment) == "members/not_in_role"
    foreign = msgspec.structs.replace(judgment, decision_root=court.document("core"))
    assert refused(court.trade, "court", foreign) == "supply_chain/court_document_invalid"
    unseen = msgspec.structs.replace(judgment, amount_minor=1)
    assert refused(court.trade, "court", unseen) == "supply_chain/dispute_too_large"
    beyond = msgspec.structs.replace(judgment, upheld_minor=PART_MINOR + 1)
    assert refused(court.trade, "court", beyond) == "supply_chain/dispute_too_large"
    unknown = msgspec.structs.replace(judgment, dispute=bytes(20))
    assert refused(court.trade, "court", unknown) == "supply_chain/unknown_dispute"
    court.trade.step("core", WithdrawDispute(opened))
    assert refused(court.trade, "court", judgment) == "supply_chain/wrong_state"


def test_a_court_decides_on_a_held_leaf_when_the_order_has_ended(court):
    certificate, leaf = court.trade.certify()
    opened = dispute(court.trade, leaf)
    freeze = court.freeze(certificate, leaf=leaf, days=10)
    judgment = judging(court, opened, 1)
    assert refused(court.trade, "court", judgment) == "supply_chain/leaf_frozen"
    court.lift(freeze)
    assert try_out(court.c, "court", judgment).reference == SUCCEEDED


def test_on_a_courts_document_a_side_disputes_again_and_who_financed_waits_too(court):
    leaf = court.trade.certify()[1]
    court.trade.step("core", WithdrawDispute(dispute(court.trade, leaf, 1)))
    court.trade.finance(leaf)
    again = OpenDispute(leaf, PART_MINOR, Ground.COURT, court.document())
    opened = court.trade.step("core", again).created_id("dispute")
    assert leaf_of(court.c, leaf).disputed_minor == PART_MINOR
    assert record(court.trade, opened).raised_by == court.c["core"].party


def test_below_what_a_pledge_secures_the_loan_stays_owed_by_who_took_it(court):
    trade = court.trade
    leaf = trade.certify()[1]
    trade.pledge(leaf, advance_minor=PART_MINOR)
    suit = OpenDispute(leaf, FACE_MINOR, Ground.COURT, court.document())
    opened = trade.step("core", suit).created_id("dispute")
    trade.step("court", judging(court, opened, FACE_MINOR, FACE_MINOR))
    found = leaf_of(court.c, leaf)
    assert (found.life, found.finance) == (Life.VOID, Finance.PLEDGED)
    top_up = trade.booking(1_00, is_credit=True, reference="discount", account="supplier1")
    trade.step("settle", top_up)
    accounts = (court.c.account("supplier1"), court.c.account("bank"))
    trade.step("supplier1", RepayPledge(leaf, PART_MINOR, *accounts))
    assert leaf_of(court.c, leaf).finance == Finance.NONE
