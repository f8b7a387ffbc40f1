"""SC-T5: splitting and transferring, guard by guard and in their order."""

import msgspec

from unit.apps.supply_chain.looking import certificate_of, leaf_of, try_out
from xinlian.apps.supply_chain.keeper import claim_account
from xinlian.apps.supply_chain.messages import AcceptTransfer, OfferTransfer
from xinlian.apps.supply_chain.types import HOPS_MAX, LEAVES_OF, OFFERS, Life
from xinlian.ledger import limits
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms
from xinlian.testing.trade import FACE_MINOR, SUCCEEDED

replace = msgspec.structs.replace
SMALLEST = FACE_MINOR // 1_000


def test_an_offer_is_checked_in_its_order(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    to = c["supplier2"].party
    good = OfferTransfer(leaf, to, 1_000_00, trade.root("order"), c.now_ms() + MS_PER_DAY)
    rows = [
        ("core", replace(good, leaf=bytes(20)), "supply_chain/unknown_leaf"),
        ("core", replace(good, to=bytes(20)), "supply_chain/not_holder"),
        (
            "supplier1",
            replace(good, to=bytes(20), evidence_root=bytes(32)),
            "members/unknown_party",
        ),
        (
            "supplier1",
            replace(good, to=c["supplier1"].party, evidence_root=bytes(32)),
            "documents/unknown_document",
        ),
        (
            "supplier1",
            replace(good, to=c["supplier1"].party, amount_minor=10**10),
            "supply_chain/parties_invalid",
        ),
        (
            "supplier1",
            replace(good, to=c["core"].party, amount_minor=10**10),
            "supply_chain/parties_invalid",
        ),
        (
            "supplier1",
            replace(good, amount_minor=FACE_MINOR + 1, expires_at_ms=0),
            "supply_chain/amount_invalid",
        ),
        (
            "supplier1",
            replace(good, amount_minor=SMALLEST - 1, expires_at_ms=0),
            "supply_chain/split_too_small",
        ),
        ("supplier1", replace(good, expires_at_ms=c.now_ms()), "supply_chain/offer_expired"),
        ("supplier1", good, SUCCEEDED),
        ("supplier1", replace(good, amount_minor=SMALLEST), SUCCEEDED),
        ("supplier1", replace(good, amount_minor=FACE_MINOR - SMALLEST), SUCCEEDED),
        (
            "supplier1",
            replace(good, amount_minor=FACE_MINOR - SMALLEST + 1),
            "supply_chain/split_too_small",
        ),
        ("supplier1", replace(good, amount_minor=FACE_MINOR), SUCCEEDED),
    ]
    for name, message, expected in rows:
        tried = try_out(c, name, message)
        assert tried.reference == expected, message
        assert tried.changes_nothing == (expected != SUCCEEDED)


def test_a_split_spends_the_leaf_and_creates_two_that_add_up(trade):
    c = trade.consortium
    certificate, leaf = trade.certify()
    theirs, rest = trade.split(leaf, 226_000_00)
    assert leaf_of(c, leaf).life == Life.SPENT
    for child, holder, amount_minor, hops in (
        (theirs, "supplier2", 226_000_00, 1),
        (rest, "supplier1", FACE_MINOR - 226_000_00, 0),
    ):
        found = leaf_of(c, child)
        assert (found.holder, found.amount_minor, found.hops) == (
            c[holder].party,
            amount_minor,
            hops,
        )
        assert (found.parent, found.certificate, found.life) == (leaf, certificate, Life.ACTIVE)
        with c.engine.application.store.snapshot() as snapshot:
            claim = ACCOUNTS.require(snapshot, claim_account(certificate, c[holder].party))
            assert claim.balance_minor == amount_minor
            live = {parts[1] for parts, _ in LEAVES_OF.scan(snapshot, certificate)}
        assert live == {theirs, rest}
    assert certificate_of(c, certificate).live_leaves == 2


def test_a_whole_transfer_leaves_no_rest(trade):
    c = trade.consortium
    certificate, leaf = trade.certify()
    theirs, _ = trade.split(leaf, FACE_MINOR)
    assert leaf_of(c, theirs).amount_minor == FACE_MINOR
    assert certificate_of(c, certificate).live_leaves == 1


def test_only_the_transferee_accepts_and_only_once_and_in_time(trade, monkeypatch):
    c = trade.consortium
    leaf = trade.certify()[1]
    offer = trade.offer(leaf, 1_000_00)
    other = trade.offer(leaf, 2_000_00, to="bank")
    assert (
        try_out(c, "supplier2", AcceptTransfer(bytes(20))).reference == "supply_chain/unknown_offer"
    )
    assert try_out(c, "bank", AcceptTransfer(offer)).reference == "supply_chain/not_transferee"
    soon = OfferTransfer(
        leaf, c["supplier2"].party, 1_000_00, trade.root("order"), c.now_ms() + 1_000
    )
    short = trade.step("supplier1", soon).created_id("offer")
    with monkeypatch.context() as without_due_work:
        without_due_work.setattr(limits, "SCHEDULE_WORK_MAX", 0)
        c.advance_to(c.now_ms() + 2_000)
        late = try_out(c, "supplier2", AcceptTransfer(short))
        assert late.reference == "supply_chain/offer_expired"
    trade.step("supplier2", AcceptTransfer(offer))
    for name, stale in (("supplier2", offer), ("bank", other)):
        assert try_out(c, name, AcceptTransfer(stale)).reference == "supply_chain/unknown_offer", (
            name
        )


def offers_of(c):
    with c.engine.application.store.snapshot() as snapshot:
        return {offer for (offer,), _ in OFFERS.scan(snapshot)}


def test_offers_that_nobody_can_accept_any_more_are_deleted_by_themselves(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    soon = OfferTransfer(leaf, c["bank"].party, 1_000_00, trade.root("order"), c.now_ms() + 60_000)
    short = trade.step("supplier1", soon).created_id("offer")
    lasting = trade.offer(leaf, 1_000_00)
    assert offers_of(c) == {short, lasting}
    c.advance_to(c.now_ms() + 120_000)
    c.settle_due_work()
    assert offers_of(c) == {lasting}
    trade.step("supplier2", AcceptTransfer(lasting))
    assert offers_of(c) == set()


def test_an_offer_that_outlasts_the_due_day_is_deleted_when_that_begins(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    offer = trade.offer(leaf, 1_000_00)
    midnight_ms = china_midnight_ms(trade.due_day)
    c.advance_to(midnight_ms - 1_000)
    assert try_out(c, "supplier2", AcceptTransfer(offer)).reference == "supply_chain/too_near_due"
    assert offers_of(c) == {offer}
    c.advance_to(midnight_ms + 1_000)
    c.settle_due_work()
    assert offers_of(c) == set()


def test_a_leaf_is_handed_on_thirty_two_times_and_may_then_still_be_financed(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    holders = ["supplier1", "supplier2"]
    for hop in range(HOPS_MAX):
        giver, taker = holders[hop % 2], holders[(hop + 1) % 2]
        offer = trade.offer(leaf, FACE_MINOR, to=taker, by=giver)
        leaf = trade.step(taker, AcceptTransfer(offer)).created_id("leaf")
    assert leaf_of(c, leaf).hops == HOPS_MAX
    message = OfferTransfer(
        leaf, c["supplier2"].party, FACE_MINOR, trade.root("order"), c.now_ms() + MS_PER_DAY
    )
    assert try_out(c, "supplier1", message).reference == "supply_chain/too_many_hops"
    trade.finance(leaf)
