"""Three banks bid for a claim, as a banker would tell it, with the balances after each step.

Roles: core owes; supplier1 holds a claim of one million on it; bank, bank2 and bank3 are asked.

Each line is a step, then what is true after it.  ``money`` counts from the beginning of the story,
``claim`` and ``loan`` are balances.  Amounts are yuan.
"""

from collections.abc import Callable, Mapping

import pytest

from support.bidding import BANKS, TERMS, Bidding
from support.told import tell
from unit.apps.supply_chain.looking import leaf_of
from xinlian.apps.supply_chain.keeper import claim_account
from xinlian.apps.supply_chain.offer_types import CALLS, CallStatus
from xinlian.apps.supply_chain.types import Finance
from xinlian.modules.accounts.types import ACCOUNTS, AssetKind, account_id, asset_id

SOLD = """
supplier1 asks three banks, and keeps the rest  | claim supplier1 1000000, claim bank2 0
bank offers 900,000 less 9,000 and 500          | money bank 0
bank2 offers 950,000 less 9,500                 | money bank2 0
bank3 offers 800,000 less 6,000 and 100         | money bank3 0
the call closes and supplier1 opens all three   | claim supplier1 1000000
supplier1 accepts bank2                         | money supplier1 0, claim supplier1 1000000
bank2 pays                                      | money supplier1 940500, money bank2 -940500
                                                | claim supplier1 0, claim bank2 1000000
core pays on the due day                        | money core -1000000, money bank2 9500
                                                | money supplier1 990500, claim bank2 0
                                                | money bank 0, money bank3 0
"""
LENT = """
supplier1 asks three banks for a loan           | claim supplier1 1000000
bank3 offers 800,000 less 6,000 and 100         | money bank3 0
the call closes and supplier1 opens all three   | loan bank3 0
supplier1 accepts bank3                         | loan bank3 0
bank3 lends                                     | money supplier1 793900, money bank3 -793900
                                                | loan bank3 800000, claim supplier1 1000000
core pays on the due day                        | money core -1000000, money bank3 6100
                                                | money supplier1 993900, loan bank3 0
"""
NEVER_OPENED = """
supplier1 asks three banks, and keeps the rest  | claim supplier1 1000000
bank offers 900,000 less 9,000 and 500          | money bank 0
bank2 offers 950,000 less 9,500                 | money bank2 0
nothing is opened in time                       | money supplier1 0, claim supplier1 1000000
core pays on the due day                        | money core -1000000, money supplier1 1000000
                                                | money bank 0, money bank2 0
"""
NOT_PAID_BY_THE_BANK = """
supplier1 asks three banks, and keeps the rest  | claim supplier1 1000000
bank offers 900,000 less 9,000 and 500          | money bank 0
the call closes and supplier1 opens all three   | claim supplier1 1000000
supplier1 accepts bank                          | claim supplier1 1000000
bank lets the lock run out                      | money supplier1 0, claim supplier1 1000000
core pays on the due day                        | money supplier1 1000000, money bank 0
"""


class Story:
    """One call and the steps of its story."""

    def __init__(self) -> None:
        self.bidding = Bidding()
        self.c, self.trade = self.bidding.c, self.bidding.trade
        names = ("core", "supplier1", *BANKS)
        self.before = {name: self.c.balance_minor(name) for name in names}

    def offer(self, name: str) -> None:
        self.bidding.offer(name)

    def open_all(self) -> None:
        self.bidding.close_call()
        self.trade.step("supplier1", self.bidding.opening())
        assert self.status() == CallStatus.OPENED

    def accept(self, name: str) -> None:
        self.trade.step("supplier1", self.bidding.accepting(name))
        locked = leaf_of(self.c, self.bidding.leaf)
        assert (locked.finance, locked.financier) == (Finance.LOCKED, self.c[name].party)

    def pay(self, name: str) -> None:
        self.trade.step(name, self.trade.verdict(), self.bidding.disbursing(name))

    def lend(self, name: str) -> None:
        self.trade.step(name, self.trade.verdict(), self.bidding.lending(name))

    def lapse(self) -> None:
        self.c.advance_to(self.bidding.decides_by_ms + 2)
        assert self.status() == CallStatus.LAPSED

    def run_out(self) -> None:
        self.c.advance_to(leaf_of(self.c, self.bidding.leaf).lock_expires_at_ms + 2)
        assert leaf_of(self.c, self.bidding.leaf).finance == Finance.NONE

    def status(self) -> int:
        with self.c.engine.application.store.snapshot() as snapshot:
            return CALLS.require(snapshot, self.bidding.call).status

    def balance_minor(self, asset: str, name: str) -> int:
        if asset == "money":
            return self.c.balance_minor(name) - self.before[name]
        party, leaf = self.c[name].party, self.bidding.leaf
        accounts = {
            "claim": claim_account(self.bidding.certificate, party),
            "loan": account_id(party, asset_id(AssetKind.LOAN, leaf, "CNY", 2)),
        }
        with self.c.engine.application.store.snapshot() as snapshot:
            found = ACCOUNTS.get(snapshot, accounts[asset])
        return 0 if found is None else found.balance_minor


STEPS: Mapping[str, Callable[[Story], object]] = {
    "supplier1 asks three banks, and keeps the rest": lambda s: s.bidding.ask(keeps_rest=True),
    "supplier1 asks three banks for a loan": lambda s: s.bidding.ask(as_pledge=True),
    "bank offers 900,000 less 9,000 and 500": lambda s: s.offer("bank"),
    "bank2 offers 950,000 less 9,500": lambda s: s.offer("bank2"),
    "bank3 offers 800,000 less 6,000 and 100": lambda s: s.offer("bank3"),
    "the call closes and supplier1 opens all three": Story.open_all,
    "supplier1 accepts bank": lambda s: s.accept("bank"),
    "supplier1 accepts bank2": lambda s: s.accept("bank2"),
    "supplier1 accepts bank3": lambda s: s.accept("bank3"),
    "bank2 pays": lambda s: s.pay("bank2"),
    "bank3 lends": lambda s: s.lend("bank3"),
    "nothing is opened in time": Story.lapse,
    "bank lets the lock run out": Story.run_out,
    "core pays on the due day": lambda s: s.trade.to_due_day(),
}
STORIES = {
    "sold": SOLD,
    "lent": LENT,
    "never opened": NEVER_OPENED,
    "not paid by the bank": NOT_PAID_BY_THE_BANK,
}


@pytest.mark.parametrize("told", STORIES.values(), ids=STORIES)
def test_the_books_are_as_the_story_says(told):
    assert TERMS["bank2"].net_minor == 940_500_00
    story = Story()
    tell(told, story, STEPS, story.balance_minor)
    story.bidding.close()
