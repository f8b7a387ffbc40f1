"""What a watcher learns, one fact after the other.

Rules this file keeps:
 1. A fact has the day on which it became known, not the day that a document claims: nothing is
    judged by what came later.
 2. Parties, numbers and lots are opaque: they are compared, never parsed.
 3. Amounts are minor units of one currency; days are counted from any fixed day.
"""

import dataclasses
import enum


class LinkKind(enum.Enum):
    """Why two parties may not be strangers."""

    OWNERSHIP = "ownership"
    OFFICER = "officer"
    ADDRESS = "address"
    PHONE = "phone"
    ACCOUNT = "account"

    @property
    def is_strong(self) -> bool:
        """True where one link of this kind is enough: control, not a shared building."""
        return self in (LinkKind.OWNERSHIP, LinkKind.OFFICER)


@dataclasses.dataclass(frozen=True, slots=True)
class _Known:
    name: str
    """Names the fact among all others."""
    day: int
    """When the watcher learnt of it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Invoice(_Known):
    """A seller's invoice."""

    seller: str
    buyer: str
    number: str
    gross_minor: int
    term_days: int
    lots: tuple[str, ...] = ()
    """The lots or serial shipping codes that it is for."""


@dataclasses.dataclass(frozen=True, slots=True)
class Credit(_Known):
    """A credit note (红字发票) that takes a whole invoice back."""

    invoice: str


@dataclasses.dataclass(frozen=True, slots=True)
class Delivery(_Known):
    """Goods that the receiver took in, at the value at which they were ordered."""

    sender: str
    receiver: str
    value_minor: int
    invoice: str = ""
    lots: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Payment(_Known):
    """Money between two parties, as their bank booked it."""

    payer: str
    payee: str
    amount_minor: int


@dataclasses.dataclass(frozen=True, slots=True)
class Confirmation(_Known):
    """A debtor's confirmation of an invoice."""

    invoice: str
    by_own_key: bool
    """Whether the debtor's registered key signed it; a letter with a seal is not that."""


@dataclasses.dataclass(frozen=True, slots=True)
class Link(_Known):
    """Two parties share an owner, an officer, an address, a telephone or an account."""

    one: str
    other: str
    kind: LinkKind


@dataclasses.dataclass(frozen=True, slots=True)
class Advance(_Known):
    """A financier paid out against an invoice."""

    invoice: str
    financier: str
    amount_minor: int


@dataclasses.dataclass(frozen=True, slots=True)
class Pledge(_Known):
    """A lot in a warehouse was pledged, or was released again."""

    lot: str
    receipt: str
    financier: str
    is_release: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class FinanceAsk(_Known):
    """A holder asks for an advance on an invoice: the moment at which the watch judges."""

    invoice: str
    amount_minor: int


Fact = Invoice | Credit | Delivery | Payment | Confirmation | Link | Advance | Pledge | FinanceAsk
