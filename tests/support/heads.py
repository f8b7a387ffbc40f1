"""A node's heads without HTTP, and two histories of one operator."""

from xinlian.api.routes.public import header_answer
from xinlian.client.wire import CountersignedAnswer, HeaderAnswer, HeadersAnswer
from xinlian.ledger.countersignature import decode_countersignature
from xinlian.modules.accounts.messages import Transfer
from xinlian.testing import Consortium


class Heads:
    """What a client sees of a consortium's node, up to a height."""

    def __init__(self, consortium: Consortium, up_to: int | None = None) -> None:
        self.node = consortium.node
        self.up_to = up_to

    def head(self) -> HeaderAnswer:
        return self.header(self.height())

    def height(self) -> int:
        head = self.node.head().header.height
        return head if self.up_to is None else min(head, self.up_to)

    def header(self, height: int) -> HeaderAnswer:
        signed = self.node.header(height)
        assert signed is not None
        return header_answer(signed)

    def headers(self, first: int, limit: int) -> HeadersAnswer:
        last = min(self.height(), first + min(limit, 3) - 1)  # short pages: there are several
        return HeadersAnswer(
            self.height(), tuple(self.header(height) for height in range(first, last + 1))
        )

    def countersign(self, countersignature: bytes) -> CountersignedAnswer:
        entry = decode_countersignature(countersignature)
        self.node.countersignatures.add(entry)
        return CountersignedAnswer(entry.height, self.header(entry.height).hash)

    def attested_header(self, height: int | None = None) -> bytes:
        signed = self.node.header(self.height() if height is None else height)
        assert signed is not None
        return self.node.attested_header(signed)


def pay(consortium: Consortium, times: int = 1, amount_minor: int = 5) -> bytes:
    """Make blocks of one payment each; return the last transaction's id."""
    transaction_id = b""
    for _ in range(times):
        payment = Transfer(consortium.account("core"), consortium.account("bank"), amount_minor)
        transaction_id = consortium.send("core", payment)[0].transaction_id
    return transaction_id


def two_histories(common: int, own: int) -> tuple[Consortium, Consortium]:
    """Return two chains of one operator that part after the genesis block, as long as each other.

    The test's ledgers draw the same keys, so ``common`` blocks are the same in both.
    """
    one, other = Consortium(), Consortium()
    for consortium in (one, other):
        pay(consortium, common)
    pay(one, own, amount_minor=6)
    pay(other, own, amount_minor=7)
    return one, other
