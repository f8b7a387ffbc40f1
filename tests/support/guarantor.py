"""A consortium with guarantors, and the letters that they register."""

from support.court import OFFICIAL_ROLES, Court
from xinlian.apps.supply_chain.guarantee_messages import GiveGuarantee, ReleaseGuarantee
from xinlian.apps.supply_chain.guarantee_records import GUARANTEES, Guarantee
from xinlian.apps.supply_chain.keeper import live_leaves
from xinlian.ledger.ports import Store
from xinlian.ledger.records import integer_part
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms
from xinlian.testing import Consortium
from xinlian.testing.trade import FACE_MINOR, Trade

GUARANTORS = ("parent", "insurer")
UNTIL_DAYS = 180
"""How long after the due day the guarantees of these tests reach."""


class Guaranteed(Court):
    """One trade, organisations that guarantee for its obligor, and a court."""

    def __init__(self, store: Store | None = None) -> None:
        self.c = Consortium(
            store,
            more_members=[*GUARANTORS, "court", "keeper", "officer"],
            with_accounts=[*GUARANTORS, "keeper"],
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
    ) -> None:
        """Guarantee a certificate."""
        message = self.giving(certificate, by, order_no=order_no, cap_minor=cap_minor)
        self.trade.step(by, message)

    def release(self, certificate: bytes, by: str, order_no: int = 1) -> None:
        """Give a guarantee up, as one whom it covers."""
        self.trade.step(by, ReleaseGuarantee(certificate, order_no))

    def guarantee(self, certificate: bytes, order_no: int = 1) -> Guarantee:
        """Return a guarantee of the committed state."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return GUARANTEES.require(snapshot, certificate, integer_part(order_no))

    def leaf_of(self, certificate: bytes, holder: str) -> bytes:
        """Return the first live leaf that an organisation holds of a certificate."""
        with self.c.engine.application.store.snapshot() as snapshot:
            found = live_leaves(snapshot, certificate)
        return next(leaf_id for leaf_id, leaf in found if leaf.holder == self.c[holder].party)
