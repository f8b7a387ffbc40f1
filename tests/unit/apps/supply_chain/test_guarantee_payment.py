"""SC-T10: a call is paid by hand too, by its guarantor, for no more than can be paid."""

import pytest

from support.guarantor import Guaranteed
from unit.apps.supply_chain.looking import leaf_of, try_out
from xinlian.apps.supply_chain.guarantee_messages import PayGuarantee
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.trade import FACE_MINOR, SUCCEEDED


@pytest.fixture
def guaranteed():
    """A trade, and organisations that guarantee for its obligor."""
    made = Guaranteed()
    yield made
    made.close()


def called_by_hand(guaranteed) -> tuple[bytes, bytes]:
    """Return (certificate, call) of a guarantor whose authority has ended, with its money back."""
    certificate, _ = guaranteed.trade.certify()
    guaranteed.give(certificate, until_ms=guaranteed.cutoff_ms() + MS_PER_DAY)
    guaranteed.keep("parent", 0)
    guaranteed.default()
    guaranteed.trade.to_due_day(days_later=3)
    guaranteed.credit("parent", 2 * FACE_MINOR)
    return certificate, guaranteed.claim_ids(certificate)[0]


def test_after_its_end_nothing_is_taken_from_the_account_and_the_guarantor_pays_by_hand(guaranteed):
    c = guaranteed.c
    certificate, claim = called_by_hand(guaranteed)
    assert c.balance_minor("parent") == 2 * FACE_MINOR
    supplier = c.balance_minor("supplier1")
    guaranteed.trade.step("parent", PayGuarantee(claim, 300_000_00, c.account("parent")))
    assert c.balance_minor("supplier1") == supplier + 300_000_00
    mine = leaf_of(c, guaranteed.leaf_of(certificate, "parent"))
    assert mine.taken_over_minor == 300_000_00
    guaranteed.trade.step("parent", PayGuarantee(claim, 700_000_00, c.account("parent")))
    assert guaranteed.calls(certificate)[0].status == ObligationStatus.CURED
    assert guaranteed.standing("parent").cured == 1


def test_only_the_guarantor_pays_and_not_more_than_it_owes(guaranteed):
    c = guaranteed.c
    _, claim = called_by_hand(guaranteed)
    mine = c.account("parent")
    for by, message, refusal in (
        ("insurer", PayGuarantee(claim, 1_000_00, mine), "supply_chain/not_guarantor"),
        ("parent", PayGuarantee(bytes(20), 1, mine), "supply_chain/unknown_call_of_guarantee"),
        ("parent", PayGuarantee(claim, FACE_MINOR + 1, mine), "supply_chain/amount_not_owed"),
        (
            "parent",
            PayGuarantee(claim, 1_000_00, c.account("core")),
            "supply_chain/account_mismatch",
        ),
        ("parent", PayGuarantee(claim, 1_000_00, bytes(20)), "accounts/unknown_account"),
        ("parent", PayGuarantee(claim, 99_99, mine), "supply_chain/amount_not_owed"),
    ):
        tried = try_out(c, by, message)
        assert (tried.reference, tried.changes_nothing) == (refusal, True), message
    assert try_out(c, "parent", PayGuarantee(claim, 1_000_00, mine)).reference == SUCCEEDED


def test_too_little_for_a_part_waits_on_the_account(guaranteed):
    c = guaranteed.c
    certificate, _ = guaranteed.trade.certify()
    guaranteed.give(certificate)
    guaranteed.keep("parent", 999_99)  # a thousandth of the face is 1,000.00
    guaranteed.default()
    assert c.balance_minor("parent") == 999_99
    guaranteed.credit("parent", 1)
    assert c.balance_minor("parent") == 0
