"""Financings of a certificate, as a banker would tell them, with the balances after each step.

Roles: core owes; supplier1 is owed; bank and bank2 finance; settle keeps the money.

Each line is a step, then what is true after it.  ``money`` counts from the beginning of the story,
``claim`` and ``loan`` are balances.  Amounts are yuan.
"""

from collections.abc import Callable, Mapping

import pytest

from support.told import tell
from xinlian.apps.supply_chain.keeper import claim_account
from xinlian.apps.supply_chain.messages import (
    AcceptAssignment,
    DischargeEarly,
    OfferAssignment,
    PayRecourse,
    RepayPledge,
    StartRecourse,
)
from xinlian.modules.accounts.types import ACCOUNTS, AssetKind, account_id, asset_id
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
from xinlian.testing.trade import EVENING_MS, FACE_MINOR, Trade

PLEDGE = """
core promises supplier1 1,000,000   | claim supplier1 1000000, claim core -1000000
bank lends 600,000 less 6,000       | money supplier1 594000, money bank -594000, loan bank 600000
                                    | loan supplier1 -600000, claim supplier1 1000000, claim bank 0
the due day comes                   | money core -1000000, money bank 6000, money supplier1 994000
                                    | loan bank 0, loan supplier1 0, claim supplier1 0, claim core 0
"""
REPAID = """
core promises supplier1 1,000,000   | claim supplier1 1000000
bank lends 600,000 less 6,000       | money supplier1 594000, loan bank 600000
supplier1 earns 6,000 elsewhere     | money supplier1 600000
supplier1 repays                    | money supplier1 0, money bank 6000, loan bank 0
core pays early                     | money supplier1 1000000, money core -1000000, claim core 0
"""
PASSED_ON = """
core promises supplier1 1,000,000   | claim supplier1 1000000
bank buys for 800,000 less 8,000    | money supplier1 792000, money bank -792000
                                    | claim bank 1000000, claim supplier1 0
bank2 buys it for 810,000           | money bank 18000, money bank2 -810000, money supplier1 792000
                                    | claim bank2 1000000, claim bank 0
the due day comes                   | money bank2 190000, money core -1000000, claim bank2 0
"""
RECOURSE = """
core promises supplier1 1,000,000   | claim supplier1 1000000
bank buys for 800,000 less 8,000    | money supplier1 792000, claim bank 1000000
core misses the due day             | money supplier1 792000, claim bank 1000000
bank asks its money back            | money supplier1 792000, claim bank 1000000
supplier1 earns 8,000 elsewhere     | money supplier1 800000
supplier1 takes the claim back      | money supplier1 0, money bank 8000
                                    | claim bank 0, claim supplier1 1000000
"""


class Financing:
    """One certificate and the steps of its story."""

    def __init__(self) -> None:
        self.c = Consortium(more_members=["bank2"], with_accounts=["bank2"])
        self.trade = Trade(self.c)
        self.trade.register()
        self.certificate = self.leaf = b""
        self.emptied_minor = 0
        names = ("core", "supplier1", "bank", "bank2")
        self.before = {name: self.c.balance_minor(name) for name in names}

    def promise(self) -> None:
        self.certificate, self.leaf = self.trade.certify()

    def lend(self) -> None:
        self.trade.request_on_terms(self.leaf, as_pledge=True)
        loan = self.trade.pledging(self.leaf, 600_000_00, 6_000_00)
        self.trade.step("bank", self.trade.verdict(), loan)

    def buy(self) -> None:
        self.trade.request_on_terms(self.leaf, with_recourse=True)
        advance = self.trade.advance(self.leaf, 800_000_00, 8_000_00)
        self.trade.step("bank", self.trade.verdict(), advance)

    def earn(self, amount_minor: int) -> None:
        entry = self.trade.booking(amount_minor, is_credit=True, account="supplier1")
        self.trade.step("settle", entry)

    def repay(self) -> None:
        accounts = (self.c.account("supplier1"), self.c.account("bank"))
        self.trade.step("supplier1", RepayPledge(self.leaf, 600_000_00, *accounts))

    def pay_early(self) -> None:
        account = self.c.account("core")
        self.trade.step("core", DischargeEarly(self.leaf, FACE_MINOR, 0, account))

    def pass_on(self) -> None:
        later_ms, to = self.c.now_ms() + MS_PER_DAY, self.c["bank2"].party
        price_minor, account = 810_000_00, self.c.account("bank")
        self.trade.step("bank", OfferAssignment(self.leaf, to, price_minor, account, later_ms))
        register = self.trade.root("register change")
        paying = self.c.account("bank2")
        self.trade.step("bank2", AcceptAssignment(self.leaf, price_minor, register, paying))

    def miss(self) -> None:
        self.emptied_minor = self.c.balance_minor("core")
        self.trade.drain()
        self.trade.to_due_day(EVENING_MS)

    def ask_back(self) -> None:
        self.trade.step("bank", StartRecourse(self.leaf))

    def take_back(self) -> None:
        accounts = (self.c.account("supplier1"), self.c.account("bank"))
        self.trade.step("supplier1", PayRecourse(self.leaf, 800_000_00, *accounts))

    def balance_minor(self, asset: str, name: str) -> int:
        if asset == "money":
            given_minor = self.emptied_minor if name == "bank" else 0
            return self.c.balance_minor(name) - self.before[name] - given_minor
        party = self.c[name].party
        loan = asset_id(AssetKind.LOAN, self.leaf, "CNY", 2)
        claim = claim_account(self.certificate, party)
        with self.c.engine.application.store.snapshot() as snapshot:
            account = claim if asset == "claim" else account_id(party, loan)
            found = ACCOUNTS.get(snapshot, account)
        return 0 if found is None else found.balance_minor


STEPS: Mapping[str, Callable[[Financing], object]] = {
    "core promises supplier1 1,000,000": Financing.promise,
    "bank lends 600,000 less 6,000": Financing.lend,
    "bank buys for 800,000 less 8,000": Financing.buy,
    "the due day comes": lambda story: story.trade.to_due_day(),
    "supplier1 earns 6,000 elsewhere": lambda story: story.earn(6_000_00),
    "supplier1 earns 8,000 elsewhere": lambda story: story.earn(8_000_00),
    "supplier1 repays": Financing.repay,
    "core pays early": Financing.pay_early,
    "bank2 buys it for 810,000": Financing.pass_on,
    "core misses the due day": Financing.miss,
    "bank asks its money back": Financing.ask_back,
    "supplier1 takes the claim back": Financing.take_back,
}


@pytest.mark.parametrize(
    "told",
    [PLEDGE, REPAID, PASSED_ON, RECOURSE],
    ids=["pledge", "repaid", "passed_on", "recourse"],
)
def test_the_books_are_as_the_story_says(told):
    story = Financing()
    tell(told, story, STEPS, story.balance_minor)
    assert story.c.broken_invariants() == []
    story.c.close()
