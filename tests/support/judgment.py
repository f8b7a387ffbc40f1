"""A promise that comes before a court."""

import hashlib

from xinlian.ledger.ports import Store
from xinlian.modules.obligations.court_messages import (
    DecideDispute,
    LiftEnforcement,
    OrderEnforcement,
)
from xinlian.modules.obligations.types import ENFORCEMENTS, Enforcement
from xinlian.testing import Consortium
from xinlian.testing.agreements import Agreement

OPENING_MINOR = 5_000_000_00
OFFICIAL_ROLES = {"court": ("court",), "arbitrator": ("court",)}


def with_courts(store: Store | None = None, *, opening_minor: int = OPENING_MINOR) -> Consortium:
    """Return a consortium with two courts."""
    return Consortium(
        store,
        more_members=["court", "arbitrator"],
        official_roles=OFFICIAL_ROLES,
        opening_minor=opening_minor,
    )


class Judgment:
    """What a court says about one promise."""

    def __init__(self, promise: Agreement, case: str = "2026-1") -> None:
        self.promise = promise
        self.case = case

    def root(self, words: str) -> bytes:
        """Return a commitment to some words."""
        return hashlib.sha256(words.encode()).digest()

    def party(self, name: str) -> bytes:
        """Return the id of an organisation."""
        return self.promise.consortium[name].party

    def deciding(self, *, owed_minor: int = 0, released_minor: int = 0) -> DecideDispute:
        """Return the decision of what is disputed."""
        return DecideDispute(
            self.promise.id,
            self.party(self.promise.debtor),
            self.party(self.promise.creditor),
            owed_minor,
            released_minor,
            self.root(f"case {self.case}"),
            self.root(f"judgment {self.case}"),
        )

    def decide(self, *, owed_minor: int = 0, released_minor: int = 0) -> None:
        """Have the court decide it."""
        decision = self.deciding(owed_minor=owed_minor, released_minor=released_minor)
        self.promise.step("court", decision)
        self.promise.consortium.settle_due_work()

    def enforcing(
        self,
        amount_minor: int,
        *accounts: bytes,
        from_ms: int = 0,
        obligation: bytes = b"",
        debtor: str = "",
        creditor: str = "",
    ) -> OrderEnforcement:
        """Return the order to execute the promise, by default from its debtor's account."""
        owing = debtor or self.promise.debtor
        return OrderEnforcement(
            obligation or self.promise.id,
            self.party(owing),
            self.party(creditor or self.promise.creditor),
            accounts or (self.promise.account_of(owing),),
            amount_minor,
            from_ms,
            self.root(f"case {self.case}"),
            self.root(f"order {self.case}"),
        )

    def enforce(self, amount_minor: int, *accounts: bytes, from_ms: int = 0) -> None:
        """Have the court order it, and let the ledger execute it."""
        self.promise.step("court", self.enforcing(amount_minor, *accounts, from_ms=from_ms))
        self.promise.consortium.settle_due_work()

    def lifting(self) -> LiftEnforcement:
        """Return the decision to lift the order."""
        return LiftEnforcement(self.promise.id, self.root(f"lifting {self.case}"))

    def order(self) -> Enforcement:
        """Return the latest order on the promise."""
        with self.promise.consortium.engine.application.store.snapshot() as snapshot:
            return ENFORCEMENTS.require(snapshot, self.promise.id)
