"""A certificate with guarantors, as a banker would tell it, with the balances after each step.

Roles: core owes; supplier1 is owed; parent and insurer guarantee, in this order; bank lends.

Each line is a step, then what is true after it.  ``money`` counts from the beginning of the story,
``claim``, ``loan`` and ``interest`` are balances.  Amounts are yuan; late interest is 0.05 % a day.
"""

from collections.abc import Callable, Mapping

import pytest

from support.guarantor import Guaranteed
from support.told import tell
from xinlian.apps.supply_chain.keeper import claim_account
from xinlian.modules.accounts.types import ACCOUNTS, AssetKind, account_id, asset_id
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.trade import FACE_MINOR

PAID_AND_PAID_BACK = """
core promises supplier1 1,000,000     | claim supplier1 1000000, claim core -1000000
parent guarantees 1,000,000           | claim parent 0, money parent 0
core has nothing on the due day       | money supplier1 1000000, money parent -1000000
                                      | claim supplier1 0, claim parent 1000000, claim core -1000000
core earns 1,003,000 six days later   | money parent 3000, claim parent 0, claim core 0
                                      | interest parent 0, interest core 0
"""
NEVER_CALLED = """
core promises supplier1 1,000,000     | claim supplier1 1000000
parent guarantees 1,000,000           | money parent 0
core pays on the due day              | money supplier1 1000000, money core -1000000
                                      | money parent 0, claim parent 0
"""
IN_THEIR_ORDER = """
core promises supplier1 1,000,000     | claim supplier1 1000000
parent guarantees 300,000             | money parent 0
insurer guarantees 500,000            | money insurer 0
core has 100,000 on the due day       | money supplier1 900000, money parent -300000
                                      | money insurer -500000, claim supplier1 100000
                                      | claim parent 300000, claim insurer 500000
                                      | claim core -900000
core earns 90,000 two days later      | money supplier1 910000, money parent -270000
                                      | money insurer -450000, claim supplier1 90000
                                      | claim parent 270000, claim insurer 450000
                                      | interest supplier1 10, interest parent 30
                                      | interest insurer 50, claim core -810000
"""
A_GUARANTOR_IN_DEFAULT = """
core promises supplier1 1,000,000     | claim supplier1 1000000
parent guarantees 1,000,000           | money parent 0
insurer guarantees 500,000            | money insurer 0
parent spends all but 200,000         | money parent -4800000
core has nothing on the due day       | money supplier1 200000, claim parent 200000
                                      | claim supplier1 800000, money insurer 0
a banking day passes                  | money supplier1 700000, money insurer -500000
                                      | claim supplier1 300000, claim insurer 500000
parent earns 300,000                  | money supplier1 1000000, claim supplier1 0
                                      | claim parent 500000, claim core -1000000
"""
A_PLEDGE_IS_PAID_FIRST = """
core promises supplier1 1,000,000     | claim supplier1 1000000
bank lends 600,000 less 6,000         | money supplier1 594000, money bank -594000, loan bank 600000
parent guarantees 400,000             | claim parent 0
core has nothing on the due day       | money bank -194000, money parent -400000, loan bank 200000
                                      | loan supplier1 -200000, claim supplier1 600000
                                      | claim parent 400000, money supplier1 594000
core earns 1,002,000 four days later  | money bank 6000, loan bank 0, loan supplier1 0
                                      | money supplier1 995200, money parent 800
                                      | claim supplier1 0, claim parent 0, claim core 0
"""
LET_GO = """
core promises supplier1 1,000,000     | claim supplier1 1000000
parent guarantees 1,000,000           | money parent 0
supplier1 lets the guarantee go       | money parent 0
core has nothing on the due day       | money supplier1 0, money parent 0, claim supplier1 1000000
"""


class Story:
    """One certificate and the steps of its story."""

    def __init__(self) -> None:
        self.guaranteed = Guaranteed()
        self.c, self.trade = self.guaranteed.c, self.guaranteed.trade
        self.certificate = self.leaf = b""
        names = ("core", "supplier1", "bank", "parent", "insurer")
        self.before = {name: self.c.balance_minor(name) for name in names}

    def promise(self) -> None:
        self.certificate, self.leaf = self.trade.certify()

    def give(self, name: str, order_no: int, cap_minor: int) -> None:
        self.guaranteed.give(self.certificate, name, order_no=order_no, cap_minor=cap_minor)

    def lend(self) -> None:
        self.trade.request_on_terms(self.leaf, as_pledge=True)
        loan = self.trade.pledging(self.leaf, 600_000_00, 6_000_00)
        self.trade.step("bank", self.trade.verdict(), loan)

    def earn_late(self, days: int, amount_minor: int) -> None:
        self.c.advance_to(self.c.now_ms() + days * MS_PER_DAY)
        self.guaranteed.credit("core", amount_minor)

    def wait_a_day(self) -> None:
        self.c.advance_to(self.c.now_ms() + MS_PER_DAY)
        self.c.settle_due_work()

    def balance_minor(self, asset: str, name: str) -> int:
        if asset == "money":
            return self.c.balance_minor(name) - self.before[name]
        party = self.c[name].party
        accounts = {
            "claim": claim_account(self.certificate, party),
            "loan": account_id(party, asset_id(AssetKind.LOAN, self.leaf, "CNY", 2)),
            "interest": account_id(party, asset_id(AssetKind.INTEREST, self.certificate, "CNY", 2)),
        }
        with self.c.engine.application.store.snapshot() as snapshot:
            found = ACCOUNTS.get(snapshot, accounts[asset])
        return 0 if found is None else found.balance_minor


STEPS: Mapping[str, Callable[[Story], object]] = {
    "core promises supplier1 1,000,000": Story.promise,
    "parent guarantees 1,000,000": lambda story: story.give("parent", 1, FACE_MINOR),
    "parent guarantees 300,000": lambda story: story.give("parent", 1, 300_000_00),
    "parent guarantees 400,000": lambda story: story.give("parent", 1, 400_000_00),
    "insurer guarantees 500,000": lambda story: story.give("insurer", 2, 500_000_00),
    "supplier1 lets the guarantee go": lambda s: s.guaranteed.release(s.certificate, "supplier1"),
    "bank lends 600,000 less 6,000": Story.lend,
    "parent spends all but 200,000": lambda story: story.guaranteed.keep("parent", 200_000_00),
    "parent earns 300,000": lambda story: story.guaranteed.credit("parent", 300_000_00),
    "core pays on the due day": lambda story: story.trade.to_due_day(),
    "core has nothing on the due day": lambda story: story.guaranteed.default(),
    "core has 100,000 on the due day": lambda story: story.guaranteed.default(100_000_00),
    "a banking day passes": Story.wait_a_day,
    "core earns 1,003,000 six days later": lambda story: story.earn_late(6, 1_003_000_00),
    "core earns 90,000 two days later": lambda story: story.earn_late(2, 90_000_00),
    "core earns 1,002,000 four days later": lambda story: story.earn_late(4, 1_002_000_00),
}
STORIES = {
    "paid and paid back": PAID_AND_PAID_BACK,
    "never called": NEVER_CALLED,
    "in their order": IN_THEIR_ORDER,
    "a guarantor in default": A_GUARANTOR_IN_DEFAULT,
    "a pledge is paid first": A_PLEDGE_IS_PAID_FIRST,
    "let go": LET_GO,
}


@pytest.mark.parametrize("told", STORIES.values(), ids=STORIES)
def test_the_books_are_as_the_story_says(told):
    story = Story()
    tell(told, story, STEPS, story.balance_minor)
    story.guaranteed.close()
