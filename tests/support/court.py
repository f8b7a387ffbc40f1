"""A consortium with a court, a keeper of frozen money and a member that confirms freezes."""

from collections.abc import Mapping
from types import MappingProxyType

from xinlian.apps.supply_chain.freeze_messages import ConfirmFreeze, LiftFreeze, OrderFreeze
from xinlian.ledger.ports import Store
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
from xinlian.testing.trade import Trade

OFFICIAL_ROLES = {"court": ("court",), "keeper": ("frozen_money_keeper",)}


class Court:
    """One trade, and a court that acts on it."""

    def __init__(
        self,
        store: Store | None = None,
        policy: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.c = Consortium(
            store,
            policy=policy,
            more_members=["court", "keeper", "officer"],
            with_accounts=["keeper"],
            official_roles=OFFICIAL_ROLES,
        )
        self.trade = Trade(self.c)
        self.trade.register()
        self.documents = 0

    def document(self, by: str = "court") -> bytes:
        """Return the root of a new document of the court, or of another party."""
        self.documents += 1
        root = self.trade.root(f"paper {self.documents} of {by}")
        self.trade.step(by, RegisterDocument(root, "court_order", 1))
        return root

    def ordering(
        self,
        certificate: bytes,
        *,
        leaf: bytes = b"",
        holder: str = "",
        days: int = 90,
        account: str = "keeper",
        order_root: bytes = b"",
    ) -> OrderFreeze:
        """Return the order to freeze a leaf, or what a holder has of a certificate."""
        return OrderFreeze(
            certificate,
            leaf,
            self.c[holder].party if holder else b"",
            self.trade.root("case 2026-1"),
            order_root or self.document(),
            self.c.account(account),
            self.c.now_ms() + days * MS_PER_DAY,
        )

    def confirming(self, freeze: bytes, order: OrderFreeze) -> ConfirmFreeze:
        """Return the second signature."""
        return ConfirmFreeze(freeze, order.order_root)

    def freeze(
        self,
        certificate: bytes,
        *,
        leaf: bytes = b"",
        holder: str = "",
        days: int = 90,
    ) -> bytes:
        """Freeze by court and officer; return the order."""
        order = self.ordering(certificate, leaf=leaf, holder=holder, days=days)
        freeze = self.trade.step("court", order).created_id("freeze")
        self.trade.step("officer", self.confirming(freeze, order))
        return freeze

    def lift(self, freeze: bytes) -> None:
        """Lift a freeze by the court."""
        self.trade.step("court", LiftFreeze(freeze, self.document()))

    def kept_minor(self) -> int:
        """Return what the keeper holds beyond what it began with."""
        return self.c.balance_minor("keeper") - 5_000_000_00

    def close(self) -> None:
        """Stop it."""
        assert self.c.broken_invariants() == []
        self.c.close()
