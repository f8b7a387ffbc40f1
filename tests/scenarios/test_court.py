"""A debtor that disputes what it owes, loses, does not pay, and is made to pay.

core owes supplier1 100 000 yuan on 14 December. It disputes 40 000 of them; its account is empty.
"""

from support.happened import happened
from support.judgment import Judgment, with_courts
from xinlian.modules.obligations.types import ObligationStatus, SourceKind
from xinlian.modules.standing.events import CreditFactRecorded
from xinlian.modules.standing.keeper import standing_of
from xinlian.modules.standing.types import CreditFactKind
from xinlian.testing.agreements import EVENING_MS, PROMISED_MINOR, Agreement

S = ObligationStatus


def test_who_disputes_without_reason_pays_all_of_it_with_interest_by_order_of_the_court():
    consortium = with_courts()
    promise = Agreement(consortium)
    promise.agree()
    promise.dispute(40_000_00)
    promise.drain()

    # 14 December, the cut-off: the undisputed part is in default, the disputed part is not.
    promise.to_due_day(EVENING_MS)
    assert promise.status() == S.DEFAULTED
    assert promise.terms().late_base_minor == 60_000_00

    # 16 December: the court finds 35 000 owed, and 5 000 not.
    promise.to_due_day(days_later=2)
    Judgment(promise, "civil 1").decide(owed_minor=35_000_00, released_minor=5_000_00)
    assert promise.terms().late_base_minor == 95_000_00

    # 21 December: nothing was paid. The court orders the debtor's account to be executed.
    promise.to_due_day(days_later=7)
    execution = Judgment(promise, "execution 1")
    execution.enforce(95_000_00)
    promise.credit(20_000_00, "a customer pays")
    promise.credit(90_000_00, "another one pays")
    found = promise.found()
    assert promise.status() == S.ENFORCED
    assert (found.performed_minor, found.released_minor) == (95_000_00, 5_000_00)
    assert found.performed_minor + found.open_minor + found.released_minor == PROMISED_MINOR

    # Seven days of interest on both parts; the authority reaches beyond the amount and pays it.
    rate_e9 = promise.terms().late_rate_e9_per_day
    interest_minor = sum(
        interest.performed_minor for _, interest in promise.following(SourceKind.AGREED_INTEREST)
    )
    assert interest_minor == 95_000_00 * rate_e9 * 7 // 10**9
    assert consortium.balance_minor("supplier1") == 95_000_00 + interest_minor
    assert consortium.balance_minor("core") == 15_000_00 - interest_minor

    # Everybody who asks about core reads how the default ended.
    facts = [fact.kind for fact in happened(consortium, CreditFactRecorded)]
    assert CreditFactKind.DISPUTE_UPHELD in facts
    assert CreditFactKind.ENFORCED in facts
    assert CreditFactKind.CURED not in facts
    with consortium.engine.application.store.snapshot() as snapshot:
        standing = standing_of(snapshot, consortium["core"].party)
    assert (standing.defaulted, standing.enforced, standing.open_defaults) == (1, 1, 0)
    assert consortium.broken_invariants() == []
    consortium.close()
