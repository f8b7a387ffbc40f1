"""SC-T9 and SC-T21: a leaf goes to another financier, or back to its seller, at a price."""

import msgspec

from unit.apps.supply_chain.looking import leaf_of, obligation_of, try_out
from xinlian.apps.supply_chain.keeper import claim_account
from xinlian.apps.supply_chain.messages import AcceptAssignment, OfferAssignment, OfferTransfer
from xinlian.apps.supply_chain.types import ENCUMBRANCES, Finance, Life
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
from xinlian.testing.trade import EVENING_MS, FACE_MINOR, SUCCEEDED, Trade

replace = msgspec.structs.replace
PRICE_MINOR = 300_00
ADVANCE_MINOR = 100_00


def assigned(trade, **terms) -> bytes:
    leaf: bytes = trade.certify()[1]
    trade.request_on_terms(leaf, **terms)
    trade.step("bank", trade.verdict(), trade.advance(leaf, ADVANCE_MINOR))
    return leaf


def offer(trade, leaf: bytes, to: str, price_minor: int = PRICE_MINOR) -> OfferAssignment:
    c = trade.consortium
    later_ms = c.now_ms() + MS_PER_DAY
    return OfferAssignment(leaf, c[to].party, price_minor, c.account("bank"), later_ms)


def acceptance(trade, leaf: bytes, by: str, price_minor: int = PRICE_MINOR) -> AcceptAssignment:
    root = trade.root("register change")
    return AcceptAssignment(leaf, price_minor, root, trade.consortium.account(by))


def claim_minor(trade, leaf: bytes, name: str) -> int:
    c = trade.consortium
    account = claim_account(leaf_of(c, leaf).certificate, c[name].party)
    with c.engine.application.store.snapshot() as snapshot:
        return ACCOUNTS.require(snapshot, account).balance_minor


def encumbrance_of(trade, leaf: bytes):
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        return ENCUMBRANCES.get(snapshot, leaf)


def fund(trade, name: str, amount_minor: int) -> None:
    entry = trade.booking(amount_minor, is_credit=True, reference=f"fund {name}", account=name)
    trade.step("settle", entry)


def test_a_leaf_goes_back_to_its_seller_at_the_price_that_both_signed(trade):
    c = trade.consortium
    leaf = assigned(trade)
    trade.step("bank", offer(trade, leaf, "supplier1"))
    fund(trade, "supplier1", 1_000_00)
    bank, supplier = c.balance_minor("bank"), c.balance_minor("supplier1")
    trade.step("supplier1", acceptance(trade, leaf, "supplier1"))
    found = leaf_of(c, leaf)
    assert (found.holder, found.finance) == (c["supplier1"].party, Finance.NONE)
    assert (found.financier, encumbrance_of(trade, leaf)) == (b"", None)
    assert c.balance_minor("bank") == bank + PRICE_MINOR
    assert c.balance_minor("supplier1") == supplier - PRICE_MINOR
    assert claim_minor(trade, leaf, "supplier1") == FACE_MINOR
    assert claim_minor(trade, leaf, "bank") == 0


def test_a_leaf_that_was_bought_back_is_financed_anew(trade):
    leaf = assigned(trade)
    trade.step("bank", offer(trade, leaf, "supplier1", 1_00))
    trade.step("supplier1", acceptance(trade, leaf, "supplier1", 1_00))
    trade.finance(leaf)
    assert leaf_of(trade.consortium, leaf).finance == Finance.ASSIGNED


def test_another_financier_takes_the_leaf_without_a_signature_of_the_seller():
    c = Consortium(more_members=["bank2"], with_accounts=["bank2"])
    trade = Trade(c)
    trade.register()
    leaf = assigned(trade, with_recourse=True)
    message = offer(trade, leaf, "bank2")
    assert try_out(c, "supplier1", message).reference == "supply_chain/not_holder"
    trade.step("bank", message)
    accept = acceptance(trade, leaf, "bank2")
    assert try_out(c, "supplier1", accept).reference == "supply_chain/not_transferee"
    foreign = replace(accept, from_account=c.account("bank"))
    assert try_out(c, "bank2", foreign).reference == "supply_chain/account_mismatch"
    bank, other = c.balance_minor("bank"), c.balance_minor("bank2")
    trade.step("bank2", accept)
    found = leaf_of(c, leaf)
    assert (found.holder, found.financier) == (c["bank2"].party, c["bank2"].party)
    assert (found.life, found.finance) == (Life.ACTIVE, Finance.ASSIGNED)
    encumbrance = encumbrance_of(trade, leaf)
    assert encumbrance.seller == c["supplier1"].party
    assert encumbrance.register_no == accept.register_no
    assert c.balance_minor("bank") == bank + PRICE_MINOR
    assert c.balance_minor("bank2") == other - PRICE_MINOR
    assert (claim_minor(trade, leaf, "bank"), claim_minor(trade, leaf, "bank2")) == (0, FACE_MINOR)
    trade.to_due_day()
    assert c.balance_minor("bank2") == other - PRICE_MINOR + FACE_MINOR
    assert c.broken_invariants() == []
    c.close()


def test_a_price_other_than_the_offered_one_buys_nothing(trade):
    c = trade.consortium
    leaf = assigned(trade)
    fund(trade, "supplier1", 1_000_00)
    good = acceptance(trade, leaf, "supplier1")
    assert try_out(c, "supplier1", good).reference == "supply_chain/unknown_offer"
    trade.step("bank", offer(trade, leaf, "supplier1"))
    cheaper = replace(good, price_minor=PRICE_MINOR - 1)
    assert try_out(c, "supplier1", cheaper).reference == "supply_chain/unknown_offer"
    assert try_out(c, "supplier1", good).reference == SUCCEEDED
    c.advance_to(c.now_ms() + 2 * MS_PER_DAY)
    assert try_out(c, "supplier1", good).reference == "supply_chain/offer_expired"


def test_an_offer_is_checked_in_its_order(trade):
    c = trade.consortium
    leaf = assigned(trade)
    good = offer(trade, leaf, "supplier1")
    rows = [
        ("supplier1", replace(good, leaf=bytes(20)), "supply_chain/unknown_leaf"),
        ("supplier1", replace(good, to=bytes(20)), "supply_chain/not_holder"),
        ("bank", replace(good, to=bytes(20), expires_at_ms=0), "members/unknown_party"),
        ("bank", replace(good, to=c["core"].party), "supply_chain/parties_invalid"),
        ("bank", replace(good, to=c["bank"].party), "supply_chain/parties_invalid"),
        ("bank", replace(good, expires_at_ms=c.now_ms()), "supply_chain/offer_expired"),
        ("bank", good, SUCCEEDED),
    ]
    for name, message, expected in rows:
        assert try_out(c, name, message).reference == expected, message
    free = trade.certify(100_000_00)[1]
    mine = replace(good, leaf=free, to=c["bank"].party)
    assert try_out(c, "supplier1", mine).reference == "supply_chain/wrong_state"


def test_an_overdue_leaf_goes_back_to_its_seller_and_to_nobody_else(trade):
    c = trade.consortium
    leaf = assigned(trade)
    trade.drain()
    trade.to_due_day(EVENING_MS)
    assert leaf_of(c, leaf).life == Life.OVERDUE
    elsewhere = offer(trade, leaf, "supplier2")
    assert try_out(c, "bank", elsewhere).reference == "supply_chain/wrong_state"
    trade.step("bank", offer(trade, leaf, "supplier1", 1_00))
    trade.step("supplier1", acceptance(trade, leaf, "supplier1", 1_00))
    found = leaf_of(c, leaf)
    assert (found.life, found.holder) == (Life.OVERDUE, c["supplier1"].party)


def test_a_retained_part_is_owed_when_the_leaf_is_paid(trade):
    c = trade.consortium
    leaf = assigned(trade, keeps_rest=True)
    retained = encumbrance_of(trade, leaf).retained_obligation
    found = obligation_of(c, retained)
    assert (found.debtor, found.status) == (c["bank"].party, ObligationStatus.OPEN)
    assert found.amount_minor == FACE_MINOR - ADVANCE_MINOR
    supplier = c.balance_minor("supplier1")
    trade.to_due_day()
    c.settle_due_work()
    assert c.balance_minor("supplier1") == supplier + FACE_MINOR - ADVANCE_MINOR
    assert obligation_of(c, retained).status == ObligationStatus.PERFORMED


def test_a_retained_part_keeps_the_leaf_with_its_debtor_and_ends_with_a_buy_back(trade):
    c = trade.consortium
    leaf = assigned(trade, keeps_rest=True)
    retained = encumbrance_of(trade, leaf).retained_obligation
    elsewhere = offer(trade, leaf, "supplier2")
    assert try_out(c, "bank", elsewhere).reference == "supply_chain/terms_mismatch"
    trade.step("bank", offer(trade, leaf, "supplier1", 1_00))
    trade.step("supplier1", acceptance(trade, leaf, "supplier1", 1_00))
    assert obligation_of(c, retained).status == ObligationStatus.CANCELLED


def test_an_offer_that_the_holder_makes_to_split_is_refused_all_the_same(trade):
    c = trade.consortium
    leaf = assigned(trade)
    later_ms = c.now_ms() + MS_PER_DAY
    other = c["supplier2"].party
    message = OfferTransfer(leaf, other, 1_000_00, trade.root("order"), later_ms)
    assert try_out(c, "bank", message).reference == "supply_chain/occupied"
