"""A consortium with guarantors, and the letters that they register."""

from support.court import OFFICIAL_ROLES, Court
from xinlian.apps.supply_chain.guarantee_messages import GiveGuarantee, ReleaseGuarantee
from xinlian.apps.supply_chain.guarantee_records import GUARANTEES, Guarantee, calls_of
from xinlian.apps.supply_chain.keeper import live_leaves
from xinlian.ledger.ports import Store
from xinlian.ledger.records import integer_part
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.obligations.types import Obligation
from xinlian.modules.standing.keeper import standing_of
from xinlian.modules.standing.types import Standing
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, china_midnight_ms
from xinlian.testing import Consortium
from xinlian.testing.trade import EVENING_MS, FACE_MINOR, Trade

GUARANTORS = ("parent", "insurer")
ALSO_PAID = ("dealer",)
"""Holders with mirrored accounts, besides supplier1."""
UNTIL_DAYS = 180
"""How long after the due day the guarantees of these tests reach."""
CUTOFF_MS = 17 * MS_PER_HOUR


class Guaranteed(Court):
    """One trade, organisations that guarantee for its obligor, and a court."""

    def __init__(self, store: Store | None = None) -> None:
        self.c = Consortium(
            store,
            more_members=[*GUARANTORS, *ALSO_PAID, "court", "keeper", "officer", "sink"],
            with_accounts=[*GUARANTORS, *ALSO_PAID, "keeper", "sink"],
            official_roles=OFFICIAL_ROLES,
        )
        self.trade = Trade(self.c)
        self.trade.register()
        self.documents = 0

    def letter(self, by: str) -> bytes:
        """Return the root of a new letter of guarantee."""
        self.documents += 1
        root = self.trade.root(f"letter {self.documents} of {by}")
        self.trade.step(by, RegisterDocument(root, "guarantee", 1))
        return root

    def giving(
        self,
        certificate: bytes,
        by: str = "parent",
        *,
        order_no: int = 1,
        cap_minor: int = FACE_MINOR,
        account: str = "",
        until_ms: int = 0,
        deed_root: bytes = b"",
    ) -> GiveGuarantee:
        """Return the guarantee of an organisation, of the whole face and beyond the due day."""
        end_ms = china_midnight_ms(self.trade.due_day) + UNTIL_DAYS * MS_PER_DAY
        return GiveGuarantee(
            certificate,
            order_no,
            cap_minor,
            self.c.account(account or by),
            until_ms or end_ms,
            deed_root or self.letter(by),
        )

    def give(
        self,
        certificate: bytes,
        by: str = "parent",
        *,
        order_no: int = 1,
        cap_minor: int = FACE_MINOR,
        until_ms: int = 0,
    ) -> None:
        """Guarantee a certificate."""
        message = self.giving(
            certificate,
            by,
            order_no=order_no,
            cap_minor=cap_minor,
            until_ms=until_ms,
        )
        self.trade.step(by, message)

    def cutoff_ms(self) -> int:
        """Return the cut-off of the due day."""
        return china_midnight_ms(self.trade.due_day) + CUTOFF_MS

    def keep(self, name: str, keep_minor: int) -> None:
        """Leave an organisation with an amount on its account."""
        amount_minor = self.c.balance_minor(name) - keep_minor
        accounts = (self.c.account(name), self.c.account("sink"))
        if amount_minor:
            self.trade.step(name, Transfer(*accounts, amount_minor))

    def credit(self, name: str, amount_minor: int) -> None:
        """Credit an organisation's account from outside, and let what waits be performed."""
        self.documents += 1
        reference = f"credit {self.documents}"
        entry = self.trade.booking(
            amount_minor,
            is_credit=True,
            reference=reference,
            account=name,
        )
        self.trade.step("settle", entry)
        self.c.settle_due_work()

    def default(self, keep_minor: int = 0, *, days_later: int = 0) -> None:
        """Let the due day pass with an amount on the obligor's account."""
        self.keep("core", keep_minor)
        self.trade.to_due_day(EVENING_MS, days_later)

    def standing(self, name: str) -> Standing:
        """Return an organisation's standing."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return standing_of(snapshot, self.c[name].party)

    def release(self, certificate: bytes, by: str, order_no: int = 1) -> None:
        """Give a guarantee up, as one whom it covers."""
        self.trade.step(by, ReleaseGuarantee(certificate, order_no))

    def guarantee(self, certificate: bytes, order_no: int = 1) -> Guarantee:
        """Return a guarantee of the committed state."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return GUARANTEES.require(snapshot, certificate, integer_part(order_no))

    def calls(self, certificate: bytes) -> list[Obligation]:
        """Return what guarantors owe or owed, the first to be called first."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return [claim for _, _, claim in calls_of(snapshot, certificate)]

    def claim_ids(self, certificate: bytes) -> list[bytes]:
        """Return the ids of these obligations."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return [claim_id for _, claim_id, _ in calls_of(snapshot, certificate)]

    def leaf_of(self, certificate: bytes, holder: str) -> bytes:
        """Return the first live leaf that an organisation holds of a certificate."""
        with self.c.engine.application.store.snapshot() as snapshot:
            found = live_leaves(snapshot, certificate)
        return next(leaf_id for leaf_id, leaf in found if leaf.holder == self.c[holder].party)
