"""SC-T10: who guarantees, with what, and who lets a guarantee go."""

import msgspec
import pytest

from support.guarantor import Guaranteed
from unit.apps.supply_chain.looking import try_out
from unit.apps.supply_chain.states import cancel
from xinlian.apps.supply_chain.guarantee_messages import ReleaseGuarantee
from xinlian.apps.supply_chain.guarantee_records import GuaranteeStatus
from xinlian.apps.supply_chain.messages import DeclineCertificate
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.trade import FACE_MINOR, SUCCEEDED

replace = msgspec.structs.replace


@pytest.fixture
def guaranteed():
    """A trade, and organisations that guarantee for its obligor."""
    made = Guaranteed()
    yield made
    made.close()


def refused(guaranteed, message, by: str = "parent") -> str:
    tried = try_out(guaranteed.c, by, message)
    assert tried.changes_nothing or tried.reference == SUCCEEDED
    return tried.reference


def test_a_guarantee_is_given_in_a_draft_at_its_issue_or_later(guaranteed):
    trade = guaranteed.trade
    certificate = trade.propose()
    assert refused(guaranteed, guaranteed.giving(certificate)) == SUCCEEDED
    trade.issue(certificate)
    assert refused(guaranteed, guaranteed.giving(certificate)) == SUCCEEDED
    trade.accept(certificate)
    guaranteed.give(certificate, cap_minor=400_000_00)
    found = guaranteed.guarantee(certificate)
    assert (found.guarantor, found.cap_minor) == (guaranteed.c["parent"].party, 400_000_00)
    assert found.status == GuaranteeStatus.IN_FORCE


def test_nobody_guarantees_when_the_due_day_has_opened(guaranteed):
    certificate, _ = guaranteed.trade.certify()
    message = guaranteed.giving(certificate)
    guaranteed.trade.drain()
    guaranteed.trade.to_due_day()
    assert refused(guaranteed, message) == "supply_chain/wrong_state"


def test_neither_obligor_nor_first_supplier_guarantees(guaranteed):
    certificate, _ = guaranteed.trade.certify()
    for name in ("core", "supplier1"):
        message = guaranteed.giving(certificate, name)
        assert refused(guaranteed, message, name) == "supply_chain/parties_invalid"


def test_a_place_is_taken_once_and_a_guarantor_has_one(guaranteed):
    certificate, _ = guaranteed.trade.certify()
    guaranteed.give(certificate)
    again = guaranteed.giving(certificate, order_no=2)
    same_place = guaranteed.giving(certificate, "insurer")
    assert refused(guaranteed, again) == "supply_chain/guarantee_exists"
    assert refused(guaranteed, same_place, "insurer") == "supply_chain/guarantee_exists"
    guaranteed.give(certificate, "insurer", order_no=2)


@pytest.mark.parametrize("order_no", [0, 5])
def test_a_place_is_one_of_four(guaranteed, order_no):
    certificate, _ = guaranteed.trade.certify()
    message = guaranteed.giving(certificate, order_no=order_no)
    assert refused(guaranteed, message) == "supply_chain/place_invalid"


def test_the_letter_is_the_guarantors_own(guaranteed):
    certificate, _ = guaranteed.trade.certify()
    borrowed = guaranteed.giving(certificate, deed_root=guaranteed.letter("insurer"))
    assert refused(guaranteed, borrowed) == "supply_chain/deed_invalid"
    unknown = replace(borrowed, deed_root=bytes(32))
    assert refused(guaranteed, unknown) == "documents/unknown_document"


def test_the_cap_is_within_the_face(guaranteed):
    certificate, _ = guaranteed.trade.certify()
    message = guaranteed.giving(certificate, cap_minor=FACE_MINOR + 1)
    assert refused(guaranteed, message) == "supply_chain/amount_invalid"


def test_its_account_is_its_own_and_reaches_beyond_the_cutoff(guaranteed):
    certificate, _ = guaranteed.trade.certify()
    foreign = guaranteed.giving(certificate, account="insurer")
    assert refused(guaranteed, foreign) == "supply_chain/authority_invalid"
    short = guaranteed.giving(certificate, until_ms=guaranteed.c.now_ms() + MS_PER_DAY)
    assert refused(guaranteed, short) == "supply_chain/authority_invalid"


def test_a_guarantee_of_an_unknown_certificate_or_place_is_none(guaranteed):
    certificate, _ = guaranteed.trade.certify()
    message = guaranteed.giving(bytes(20))
    assert refused(guaranteed, message) == "supply_chain/unknown_certificate"
    release = ReleaseGuarantee(certificate, 1)
    assert refused(guaranteed, release, "supplier1") == "supply_chain/unknown_guarantee"


def test_every_holder_lets_a_guarantee_go_and_no_other(guaranteed):
    certificate, leaf = guaranteed.trade.certify()
    guaranteed.give(certificate)
    guaranteed.trade.split(leaf, 300_000_00)  # supplier2 holds a part
    for name in ("parent", "core", "bank"):
        message = ReleaseGuarantee(certificate, 1)
        assert refused(guaranteed, message, name) == "supply_chain/not_covered"
    guaranteed.release(certificate, "supplier1")
    assert guaranteed.guarantee(certificate).status == GuaranteeStatus.IN_FORCE
    guaranteed.release(certificate, "supplier2")
    assert guaranteed.guarantee(certificate).status == GuaranteeStatus.RELEASED
    again = ReleaseGuarantee(certificate, 1)
    assert refused(guaranteed, again, "supplier1") == "supply_chain/wrong_state"


def test_who_comes_to_hold_a_leaf_agrees_anew(guaranteed):
    certificate, leaf = guaranteed.trade.certify()
    guaranteed.give(certificate)
    guaranteed.trade.split(leaf, 300_000_00)
    guaranteed.release(certificate, "supplier1")
    guaranteed.trade.split(guaranteed.leaf_of(certificate, "supplier1"), 1_000_00, "insurer")
    guaranteed.release(certificate, "supplier2")
    assert guaranteed.guarantee(certificate).status == GuaranteeStatus.IN_FORCE
    guaranteed.release(certificate, "insurer")
    assert guaranteed.guarantee(certificate).status == GuaranteeStatus.RELEASED


def test_the_financier_of_a_pledge_agrees_too(guaranteed):
    certificate, leaf = guaranteed.trade.certify()
    guaranteed.give(certificate)
    guaranteed.trade.pledge(leaf)
    guaranteed.release(certificate, "supplier1")
    assert guaranteed.guarantee(certificate).status == GuaranteeStatus.IN_FORCE
    guaranteed.release(certificate, "bank")
    assert guaranteed.guarantee(certificate).status == GuaranteeStatus.RELEASED


def test_before_there_are_leaves_the_first_supplier_lets_it_go(guaranteed):
    certificate = guaranteed.trade.propose()
    guaranteed.give(certificate)
    guaranteed.release(certificate, "supplier1")
    assert guaranteed.guarantee(certificate).status == GuaranteeStatus.RELEASED


def test_the_guarantee_of_a_held_leaf_stays(guaranteed):
    certificate, leaf = guaranteed.trade.certify()
    guaranteed.give(certificate)
    guaranteed.freeze(certificate, leaf=leaf)
    message = ReleaseGuarantee(certificate, 1)
    assert refused(guaranteed, message, "supplier1") == "supply_chain/leaf_frozen"


@pytest.mark.parametrize("end", ["paid", "cancelled", "declined"])
def test_a_guarantee_ends_with_its_certificate(guaranteed, end):
    trade = guaranteed.trade
    if end == "declined":
        certificate = trade.propose()
        trade.issue(certificate)
        guaranteed.give(certificate)
        trade.step("supplier1", DeclineCertificate(certificate))
    else:
        certificate, leaf = trade.certify()
        guaranteed.give(certificate)
        if end == "paid":
            trade.to_due_day()
        else:
            cancel(trade, leaf)
    assert guaranteed.guarantee(certificate).status == GuaranteeStatus.ENDED
