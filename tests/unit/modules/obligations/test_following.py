"""What follows from an obligation: due at once; and what was paid too much goes back."""

from xinlian.modules.obligations.messages import DischargeByReceipt
from xinlian.modules.obligations.types import ObligationStatus, SourceKind
from xinlian.testing.agreements import EVENING_MS, PROMISED_MINOR, Agreement

S = ObligationStatus


def overpaid(consortium) -> Agreement:
    """A promise of supplier2 to core that was paid outside, and 20,000.00 again."""
    promise = Agreement(consortium, debtor="supplier2", creditor="core")
    promise.agree_unsecured()
    for reference, amount_minor in (("1", PROMISED_MINOR), ("2", 20_000_00)):
        entry = promise.entry(
            amount_minor, on="core", is_credit=True, named=promise.id, reference=reference
        )
        promise.step("settle", entry)
    return promise


def test_what_the_creditor_received_too_much_it_owes_to_who_paid_it(consortium):
    promise = overpaid(consortium)
    ((_, back),) = promise.following(SourceKind.RETURN)
    assert (back.debtor, back.amount_minor) == (consortium["core"].party, 20_000_00)
    assert (back.status, back.account) == (S.DUE, b""), "nobody gave an authority for it"
    assert promise.terms().surplus_minor == 20_000_00


def test_the_debt_is_discharged_by_the_receipt_of_who_is_owed_it(consortium):
    promise = overpaid(consortium)
    ((back_id, _),) = promise.following(SourceKind.RETURN)
    promise.step("supplier2", DischargeByReceipt(back_id, 20_000_00, bytes(32)))
    assert promise.found(back_id).status == S.PERFORMED


def test_a_creditor_that_keeps_it_is_in_default_after_the_cutoff(consortium):
    promise = overpaid(consortium)
    ((back_id, _),) = promise.following(SourceKind.RETURN)
    promise.to_due_day(EVENING_MS)
    assert promise.found(back_id).status == S.DEFAULTED
