"""Half a year of a small firm: several certificates, a late payment and its cure, debts of its own.

Core and bank promise to pay supplier1; supplier1 promises to pay supplier2 and settle.

::

    first     core    400 000.00  kept on 14 December
    second    core    200 000.00  in default on 21 December, cured on the 24th, with interest
    third     core     50 000.00  open until March
    fourth    bank    100 000.00  an agreement, kept on 14 December
    own       supplier1 owes settle 10 000.00, kept; and core 70 000.00, in default since January
    loose     an invoice with one document: nothing supports it

In January core's verifier blocks the invoice of the third as a copy.
"""

import dataclasses

import msgspec

from xinlian.ledger.ports import Store
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.evidence.types import VerdictOutcome
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.primitives.time import china_midnight_ms, day_of_iso
from xinlian.storage import MemoryStore
from xinlian.testing import Consortium
from xinlian.testing.agreements import Agreement
from xinlian.testing.trade import EVENING_MS, OPENING_MS, Trade

SUBJECT = "supplier1"
FIRST_DUE = day_of_iso("2026-12-14")
SECOND_DUE = day_of_iso("2026-12-21")
CURED_ON = day_of_iso("2026-12-24")
OWN_DUE = day_of_iso("2027-01-11")


@dataclasses.dataclass
class Story:
    """A told ledger, and the heights at which something was just so."""

    c: Consortium
    heights: dict[str, int]

    @property
    def store(self) -> Store:
        return self.c.engine.application.store


def tell() -> Story:
    """Tell the story on a ledger that keeps every state."""
    c = Consortium(MemoryStore(history_heights=100_000), opening_minor=2_000_000_00)
    story = Story(c, {})
    trades = [
        Trade(c, "first", due_day=FIRST_DUE),
        Trade(c, "second", due_day=SECOND_DUE),
        Trade(c, "third"),
    ]
    for trade, face_minor in zip(trades, (400_000_00, 200_000_00, 50_000_00), strict=True):
        trade.register()
        trade.certify(face_minor)
    Agreement(c, "fourth", debtor="bank", creditor=SUBJECT).agree()
    loose = RegisterDocument(trades[0].root("loose"), "invoice", 1)
    c.send(SUBJECT, loose)
    mark(story, "promised")
    trades[0].to_due_day(EVENING_MS)
    mark(story, "first paid")
    own = Agreement(
        c, "own", debtor=SUBJECT, creditor="core", due_day=OWN_DUE, amount_minor=70_000_00
    )
    small = Agreement(
        c, "small", debtor=SUBJECT, creditor="bank", due_day=SECOND_DUE, amount_minor=10_000_00
    )
    for agreement in (own, small):
        agreement.agree()
    trades[1].drain()
    trades[1].to_due_day(EVENING_MS)
    mark(story, "second in default")
    c.advance_to(china_midnight_ms(CURED_ON) + OPENING_MS)
    trades[1].credit(300_000_00)
    mark(story, "second cured")
    own.drain(SUBJECT)
    own.to_due_day(EVENING_MS)
    assert own.status() == ObligationStatus.DEFAULTED
    verdict = trades[2].verdict()
    blocking = msgspec.structs.replace(
        verdict, outcome=VerdictOutcome.BLOCK, failures=("copy.exact",)
    )
    trades[2].step("core", blocking)
    mark(story, "own in default")
    return story


def mark(story: Story, name: str) -> None:
    """Remember the present height by a name."""
    story.c.settle_due_work()
    story.heights[name] = story.c.engine.height()
