"""A claim that a court holds, as a banker would tell it, with the balances after each step.

Roles: core owes; supplier1 and supplier2 are owed; bank finances; the court orders; officer is the
member that confirms; keeper is licensed to keep frozen money.

Each line is a step, then what is true after it.  ``money`` counts from the beginning of the story,
``claim`` and ``loan`` are balances.  Amounts are yuan.
"""

from collections.abc import Callable, Mapping

import pytest

from support.court import Court
from support.told import tell
from xinlian.apps.supply_chain.keeper import claim_account
from xinlian.apps.supply_chain.messages import DischargeEarly, RepayPledge
from xinlian.modules.accounts.types import ACCOUNTS, AssetKind, account_id, asset_id
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.trade import EVENING_MS, FACE_MINOR

HELD_AND_PAID = """
core promises supplier1 1,000,000   | claim supplier1 1000000, claim core -1000000
the court orders a freeze           | claim supplier1 1000000, money keeper 0
officer confirms it                 | claim supplier1 1000000, money keeper 0
the due day comes                   | money core -1000000, money keeper 1000000, money supplier1 0
                                    | claim supplier1 0, claim core 0
"""
LIFTED_IN_TIME = """
core promises supplier1 1,000,000   | claim supplier1 1000000
the court orders a freeze           | money keeper 0
officer confirms it                 | money keeper 0
the court lifts it                  | claim supplier1 1000000
the due day comes                   | money core -1000000, money keeper 0, money supplier1 1000000
                                    | claim supplier1 0, claim core 0
"""
NEVER_CONFIRMED = """
core promises supplier1 1,000,000   | claim supplier1 1000000
the court orders a freeze           | money keeper 0
the due day comes                   | money core -1000000, money keeper 0, money supplier1 1000000
"""
PAID_EARLY = """
core promises supplier1 1,000,000   | claim supplier1 1000000
the court orders a freeze           | money keeper 0
officer confirms it                 | money keeper 0
core pays early                     | money core -1000000, money keeper 1000000, money supplier1 0
                                    | claim supplier1 0, claim core 0
"""
PLEDGED = """
core promises supplier1 1,000,000   | claim supplier1 1000000
bank lends 600,000 less 6,000       | money supplier1 594000, money bank -594000, loan bank 600000
the court orders a freeze           | claim supplier1 1000000
officer confirms it                 | claim supplier1 1000000
the due day comes                   | money core -1000000, money keeper 1000000, claim core 0
                                    | loan bank 600000, loan supplier1 -600000, claim supplier1 0
supplier1 earns 6,000 elsewhere     | money supplier1 600000
supplier1 repays                    | money supplier1 0, money bank 6000, loan bank 0
"""
SHORT_AND_LATE = """
core promises supplier1 1,000,000   | claim supplier1 1000000
the court orders a freeze           | money keeper 0
officer confirms it                 | money keeper 0
core has 400,000 on the due day     | money keeper 400000, claim supplier1 600000
                                    | claim core -600000, interest supplier1 0
core earns 700,000 three days later | money keeper 1000900, claim supplier1 0, claim core 0
                                    | money supplier1 0, interest supplier1 0, interest core 0
"""


class Freezing:
    """One certificate and the steps of its story."""

    def __init__(self) -> None:
        self.court = Court()
        self.c, self.trade = self.court.c, self.court.trade
        self.certificate = self.leaf = self.freeze = b""
        self.given_minor = self.earned_minor = 0
        names = ("core", "supplier1", "bank", "keeper")
        self.before = {name: self.c.balance_minor(name) for name in names}

    def promise(self) -> None:
        self.certificate, self.leaf = self.trade.certify()

    def order(self) -> None:
        self.ordered = self.court.ordering(self.certificate, leaf=self.leaf, days=200)
        self.freeze = self.trade.step("court", self.ordered).created_id("freeze")

    def confirm(self) -> None:
        self.trade.step("officer", self.court.confirming(self.freeze, self.ordered))

    def lend(self) -> None:
        self.trade.request_on_terms(self.leaf, as_pledge=True)
        loan = self.trade.pledging(self.leaf, 600_000_00, 6_000_00)
        self.trade.step("bank", self.trade.verdict(), loan)

    def pay_early(self) -> None:
        account = self.c.account("core")
        self.trade.step("core", DischargeEarly(self.leaf, FACE_MINOR, 0, account))

    def earn(self, name: str, amount_minor: int) -> None:
        entry = self.trade.booking(amount_minor, is_credit=True, account=name)
        self.trade.step("settle", entry)
        self.c.settle_due_work()

    def repay(self) -> None:
        accounts = (self.c.account("supplier1"), self.c.account("bank"))
        self.trade.step("supplier1", RepayPledge(self.leaf, 600_000_00, *accounts))

    def run_short(self) -> None:
        self.trade.drain(400_000_00)
        self.trade.to_due_day(EVENING_MS)

    def earn_late(self) -> None:
        self.c.advance_to(self.c.now_ms() + 3 * MS_PER_DAY)
        self.earn("core", 700_000_00)

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


STEPS: Mapping[str, Callable[[Freezing], object]] = {
    "core promises supplier1 1,000,000": Freezing.promise,
    "the court orders a freeze": Freezing.order,
    "officer confirms it": Freezing.confirm,
    "the court lifts it": lambda story: story.court.lift(story.freeze),
    "the due day comes": lambda story: story.trade.to_due_day(),
    "core pays early": Freezing.pay_early,
    "bank lends 600,000 less 6,000": Freezing.lend,
    "supplier1 earns 6,000 elsewhere": lambda story: story.earn("supplier1", 6_000_00),
    "supplier1 repays": Freezing.repay,
    "core has 400,000 on the due day": Freezing.run_short,
    "core earns 700,000 three days later": Freezing.earn_late,
}
STORIES = {
    "held and paid": HELD_AND_PAID,
    "lifted in time": LIFTED_IN_TIME,
    "never confirmed": NEVER_CONFIRMED,
    "paid early": PAID_EARLY,
    "pledged": PLEDGED,
    "short and late": SHORT_AND_LATE,
}


@pytest.mark.parametrize("told", STORIES.values(), ids=STORIES)
def test_the_books_are_as_the_story_says(told):
    story = Freezing()
    tell(told, story, STEPS, story.balance_minor)
    story.court.close()
