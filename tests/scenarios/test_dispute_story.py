"""A claim that is disputed in part, as a banker would tell it, with the balances after each step.

Roles: core owes; supplier1 is owed; bank finances; the court decides.

Each line is a step, then what is true after it.  ``money`` counts from the beginning of the story,
``claim`` and ``interest`` are balances, ``occupied`` and ``over`` are of the invoice, which is over
1,130,000.  Amounts are yuan.
"""

from collections.abc import Callable, Mapping

import pytest

from support.court import Court
from support.told import tell
from xinlian.apps.supply_chain.credit_note_messages import LowerInvoice
from xinlian.apps.supply_chain.credit_note_types import LoweringKind
from xinlian.apps.supply_chain.dispute_messages import (
    AgreeOutcome,
    JudgeDispute,
    OpenDispute,
    ProposeOutcome,
    WithdrawDispute,
)
from xinlian.apps.supply_chain.dispute_types import Ground
from xinlian.apps.supply_chain.keeper import claim_account
from xinlian.apps.supply_chain.types import INVOICES
from xinlian.modules.accounts.types import ACCOUNTS, AssetKind, account_id, asset_id
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms
from xinlian.testing.trade import EVENING_MS

AGREED = """
core promises supplier1 1,000,000     | claim supplier1 1000000, occupied invoice 1000000
core disputes 300,000 of it           | claim supplier1 1000000, money core 0
the due day comes                     | money core -700000, money supplier1 700000
                                      | claim supplier1 300000, claim core -300000
core offers that 200,000 is not owed  | claim supplier1 300000, money core -700000
supplier1 agrees                      | claim supplier1 0, claim core 0, occupied invoice 0
                                      | money core -800000, money supplier1 800000
"""
WITHDRAWN = """
core promises supplier1 1,000,000     | claim supplier1 1000000
core disputes 300,000 of it           | money core 0
the due day comes                     | money core -700000, money supplier1 700000
core gives the dispute up             | money core -1000000, money supplier1 1000000
                                      | claim supplier1 0, interest supplier1 0
"""
JUDGED = """
core promises supplier1 1,000,000     | claim supplier1 1000000
core disputes 300,000 of it           | money core 0
the due day comes                     | money core -700000, money supplier1 700000
the court finds all of it not owed    | claim supplier1 0, claim core 0
                                      | money core -700000, money supplier1 700000
                                      | occupied invoice 300000
"""
SILENCE = """
core promises supplier1 1,000,000     | claim supplier1 1000000
core disputes 300,000 of it           | money core 0
the due day comes                     | money core -700000, money supplier1 700000
31 days pass and nobody says a word   | money core -1000000, money supplier1 1000000
                                      | claim supplier1 0, interest supplier1 0
"""
FINANCED = """
core promises supplier1 1,000,000     | claim supplier1 1000000
bank buys it for 900,000              | claim bank 1000000, money bank -900000
core sues over 300,000 of it          | claim bank 1000000
the due day comes                     | money core -700000, money bank -200000, claim bank 300000
the court finds all of it owed        | money core -1000000, money bank 100000, claim bank 0
"""
CREDIT_NOTE = """
core promises supplier1 1,000,000     | occupied invoice 1000000, over invoice 0
supplier1 credits core with 230,000   | occupied invoice 1000000, over invoice 100000
core disputes 300,000 of it           | claim supplier1 1000000, over invoice 100000
core offers that 200,000 is not owed  | over invoice 100000
supplier1 agrees                      | claim supplier1 800000, over invoice 0
                                      | occupied invoice 800000
the due day comes                     | money core -800000, money supplier1 800000
"""


class Disputing:
    """One certificate and the steps of its story."""

    def __init__(self) -> None:
        self.court = Court()
        self.c, self.trade = self.court.c, self.court.trade
        self.certificate = self.leaf = self.dispute = b""
        self.before = {name: self.c.balance_minor(name) for name in ("core", "supplier1", "bank")}

    def promise(self) -> None:
        self.certificate, self.leaf = self.trade.certify()
        self.c.advance_to(china_midnight_ms(self.trade.due_day) - 10 * MS_PER_DAY)

    def document(self, name: str, kind: str) -> bytes:
        root = self.trade.root(f"{kind} of {name}")
        self.trade.step(name, RegisterDocument(root, kind, 1))
        return root

    def object_to(self, ground: Ground, grounds: bytes) -> None:
        message = OpenDispute(self.leaf, 300_000_00, ground, grounds)
        self.dispute = self.trade.step("core", message).created_id("dispute")

    def buy(self) -> None:
        self.trade.request(self.leaf)
        self.trade.step("bank", self.trade.verdict(), self.trade.advance(self.leaf, 900_000_00, 0))

    def credit(self) -> None:
        note = self.document("supplier1", "credit_note")
        invoice, kind = self.trade.root("invoice"), LoweringKind.CREDIT_NOTE
        self.trade.step("supplier1", LowerInvoice(invoice, note, kind, 230_000_00))

    def settle(self, name: str, kind: type[ProposeOutcome | AgreeOutcome]) -> None:
        self.trade.step(name, kind(self.dispute, 200_000_00, frees_invoice=True))
        self.c.settle_due_work()

    def judge(self, upheld_minor: int) -> None:
        decision = self.court.document()
        judgment = JudgeDispute(self.dispute, 300_000_00, upheld_minor, False, decision)
        self.trade.step("court", judgment)
        self.c.settle_due_work()

    def withdraw(self) -> None:
        self.trade.step("core", WithdrawDispute(self.dispute))
        self.c.settle_due_work()

    def wait(self) -> None:
        self.c.advance_to(self.c.now_ms() + 31 * MS_PER_DAY)
        self.c.settle_due_work()

    def amount_minor(self, what: str, name: str) -> int:
        if what == "money":
            return self.c.balance_minor(name) - self.before[name]
        with self.c.engine.application.store.snapshot() as snapshot:
            if name == "invoice":
                invoice = INVOICES.require(snapshot, self.trade.root("invoice"))
                return invoice.occupied_minor if what == "occupied" else invoice.over_minor
            party = self.c[name].party
            interest = asset_id(AssetKind.INTEREST, self.certificate, "CNY", 2)
            accounts = {
                "claim": claim_account(self.certificate, party),
                "interest": account_id(party, interest),
            }
            found = ACCOUNTS.get(snapshot, accounts[what])
        return 0 if found is None else found.balance_minor


STEPS: Mapping[str, Callable[[Disputing], object]] = {
    "core promises supplier1 1,000,000": Disputing.promise,
    "core disputes 300,000 of it": lambda story: story.object_to(
        Ground.FRAUD, story.document("core", "dispute_grounds")
    ),
    "core sues over 300,000 of it": lambda story: story.object_to(
        Ground.COURT, story.court.document()
    ),
    "bank buys it for 900,000": Disputing.buy,
    "supplier1 credits core with 230,000": Disputing.credit,
    "the due day comes": lambda story: story.trade.to_due_day(EVENING_MS),
    "core offers that 200,000 is not owed": lambda story: story.settle("core", ProposeOutcome),
    "supplier1 agrees": lambda story: story.settle("supplier1", AgreeOutcome),
    "core gives the dispute up": Disputing.withdraw,
    "the court finds all of it not owed": lambda story: story.judge(300_000_00),
    "the court finds all of it owed": lambda story: story.judge(0),
    "31 days pass and nobody says a word": Disputing.wait,
}
STORIES = {
    "agreed": AGREED,
    "withdrawn": WITHDRAWN,
    "judged": JUDGED,
    "silence": SILENCE,
    "financed": FINANCED,
    "credit note": CREDIT_NOTE,
}


@pytest.mark.parametrize("told", STORIES.values(), ids=STORIES)
def test_the_books_are_as_the_story_says(told):
    story = Disputing()
    tell(told, story, STEPS, story.amount_minor)
    story.court.close()
