"""A told ledger with its read model, served over HTTP on loopback; shared by the API's tests."""

import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from unit.api.callers import Caller, Clock
from unit.readmodels.stories import NEWCOMER, Told, open_model, sqlite_address, tell_paid
from xinlian.api import BackgroundServer, create_app
from xinlian.apps.credit.inquiry_messages import InquireRecords
from xinlian.apps.credit.messages import PublishRecord
from xinlian.crypto.ed25519 import SigningKey
from xinlian.modules.consent.messages import GrantConsent, RecordRead
from xinlian.modules.devices.messages import RegisterDevice
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.governance.messages import ProposeSuspension, Vote
from xinlian.modules.members.messages import ReinstateParticipant, SuspendParticipant
from xinlian.primitives.time import MS_PER_DAY, china_day
from xinlian.readmodels import Projector, ReadModel
from xinlian.testing import Consortium

CALLERS = ("nobody", "outsider", "suspended", "party")


@dataclasses.dataclass
class Served:
    """A ledger, its read model and its server."""

    told: Told
    model: ReadModel
    projector: Projector
    server: BackgroundServer
    clock: Clock

    @property
    def consortium(self) -> Consortium:
        return self.told.consortium

    def caller(self, name: str, role: str = "finance-1") -> Caller:
        """Return who calls in an organisation's name."""
        return Caller(self.server.url, self.told.party(name), self.key(name, role), self.clock)

    def key(self, name: str, role: str = "finance-1") -> SigningKey:
        if name == NEWCOMER:
            return SigningKey(hashlib.sha256(b"newcomer").digest())
        return self.consortium[name].keys[role]

    def catch_up(self) -> None:
        """Wait until the read model is at the head."""
        head = self.consortium.node.head().header.height
        assert self.projector.wait_for(head, 30)


def serve(told: Told, folder: Path) -> Iterator[Served]:
    """Serve a ledger until the test ends."""
    consortium = told.consortium
    model = open_model(sqlite_address(folder), consortium)
    projector = Projector(model, told.store)
    consortium.engine.on_commit(projector.notify)
    projector.notify(consortium.node.head().header.height)
    clock = Clock()
    app = create_app(
        consortium.node,
        model,
        projector,
        clock=clock,
        public_authorities=["node.example"],
    )
    with BackgroundServer(app) as server:
        served = Served(told, model, projector, server, clock)
        served.catch_up()
        yield served
    projector.close()
    model.close()
    consortium.close()


@pytest.fixture(scope="package")
def served(tmp_path_factory) -> Iterator[Served]:
    """The paid story: supplier2, who holds a leaf, is suspended; the newcomer is a stranger to it.

    Core proposes to suspend settle and votes for it, and lets bank read of what it promised.

    Tests that send transactions use ``fresh`` instead.
    """
    told = tell_paid()
    told.send("bank", ReinstateParticipant(told.party(NEWCOMER)))
    told.send("bank", SuspendParticipant(told.party("supplier2")))
    published = told.send("core", ProposeSuspension(told.party("settle")))
    told.ids["proposal"] = published.created_id("proposal")
    told.send("core", Vote(told.ids["proposal"], 1, in_favour=True))
    let_in(told)
    praise(told)
    put_up(told)
    yield from serve(told, tmp_path_factory.mktemp("served"))


def put_up(told: Told) -> None:
    """Let core own a scale that serves bank."""
    until_ms = told.consortium.now_ms() + 30 * MS_PER_DAY
    terms = ("weight", 1_000, 60_000, 0, 1, 0, 0, b"", until_ms)
    device = RegisterDevice(told.party("bank"), bytes(32), *terms)
    told.ids["device"] = told.send("core", device).created_id("device")


def praise(told: Told) -> None:
    """Let bank say something good of core, and core ask what is said of it."""
    root, party, today = bytes(31) + b"p", told.party("core"), china_day(told.consortium.now_ms())
    told.send("bank", RegisterDocument(root, "credit.positive_conduct", 1))
    said = ("positive_conduct", 1, "positive", today, today, today, 0)
    basis = ("public_by_law", b"", "cn.credit_regulation.art13")
    record = PublishRecord(party, *said, *basis, root, b"")
    told.ids["record"] = told.send("bank", record).created_id("record")
    asked = InquireRecords(party, "self", ("positive_conduct",), b"", "", bytes(32))
    told.ids["inquiry"] = told.send("core", asked).created_id("inquiry")


def let_in(told: Told) -> None:
    """Let bank read core's own promises for a month, and record a read."""
    until_ms = told.consortium.now_ms() + 30 * MS_PER_DAY
    kinds = ("own_promises",)
    given = GrantConsent(told.party("bank"), "post_loan", kinds, 0, until_ms, 9, 0, b"")
    told.ids["consent"] = told.send("core", given).created_id("consent")
    told.send("bank", RecordRead(told.ids["consent"], "post_loan", kinds, bytes(32)))


@pytest.fixture
def fresh(tmp_path) -> Iterator[Served]:
    """An empty ledger of the test's own."""
    yield from serve(Told(Consortium()), tmp_path)
