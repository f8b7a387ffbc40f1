"""The payees of record: nothing is lost, nobody is named twice, a pledge is paid first."""

import hypothesis.strategies as st
import msgspec
from hypothesis import given

from xinlian.apps.supply_chain.keeper import payout_account
from xinlian.apps.supply_chain.payees import payees_of_record
from xinlian.apps.supply_chain.types import Certificate, Encumbrance, Finance, Leaf, Life

HOLDER, FINANCIER, DEPOSIT = b"h" * 20, b"f" * 20, b"d" * 20
CERTIFICATE = Certificate(
    obligor=b"o" * 20,
    first_holder=HOLDER,
    proposer=HOLDER,
    deposit=DEPOSIT,
    face_minor=10**9,
    invoice_root=bytes(32),
    contract_root=bytes(32),
    promise_root=b"",
    life=Life.DUE,
    proposed_at_ms=0,
    issued_at_ms=0,
    window_ends_at_ms=0,
    due_day=0,
    outstanding_minor=10**9,
    discharged_minor=0,
    account=b"",
    authority_cap_minor=0,
    authority_until_ms=0,
    late_rate_e9_per_day=0,
    interest_fixed_minor=0,
    live_leaves=1,
)
LEAF = Leaf(
    certificate=b"c" * 20,
    parent=b"",
    holder=HOLDER,
    amount_minor=10**9,
    discharged_minor=0,
    awaiting_minor=0,
    life=Life.DUE,
    finance=Finance.PLEDGED,
    hops=0,
    sequence_no=0,
    financier=FINANCIER,
    lock_expires_at_ms=0,
)
ENCUMBRANCE = Encumbrance(FINANCIER, HOLDER, 1, 0, bytes(32), 0)
amounts = st.integers(1, 10**9)


@given(amounts, amounts, st.integers(0, 10**9))
def test_under_a_pledge_the_financier_is_first_and_the_shares_add_up(paid, secured, awaiting):
    awaiting = min(awaiting, secured)
    pledge = msgspec.structs.replace(ENCUMBRANCE, secured_minor=secured, awaiting_minor=awaiting)
    payees = payees_of_record(CERTIFICATE, LEAF, pledge, paid)
    shares = {payee.party: payee.amount_minor for payee in payees}
    assert len(shares) == len(payees)
    assert sum(shares.values()) == paid
    assert min(shares.values()) > 0
    assert shares.get(FINANCIER, 0) == min(paid, secured - awaiting)
    assert [payee.party for payee in payees] == sorted(shares, key=[FINANCIER, HOLDER].index)


@given(amounts, st.sampled_from((Finance.NONE, Finance.LOCKED, Finance.ASSIGNED)))
def test_without_a_pledge_the_holder_is_paid_everything(paid, finance):
    leaf = msgspec.structs.replace(LEAF, finance=finance)
    for encumbrance in (None, ENCUMBRANCE):
        (payee,) = payees_of_record(CERTIFICATE, leaf, encumbrance, paid)
        assert (payee.party, payee.amount_minor) == (HOLDER, paid)
        assert payee.account == payout_account(DEPOSIT, HOLDER)
