"""A running ledger with five parties, each with its own home folder, keys and connection.

Rules this file keeps:
 1. Everything is real: encrypted keyrings, a durable store, the HTTP API on loopback; parties
    speak to the ledger through the API alone.
 2. Each party holds its own documents; it gets another's only as a file that was shared with it.
 3. The story is the same whichever engine orders: one node alone, or four validators.
"""

import contextlib
import secrets
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from xinlian.api import BackgroundServer, HttpApp, ServerRefused
from xinlian.bootstrap import RunningNode, broken_invariants, run_node
from xinlian.cli.demo.network import DemoNetwork
from xinlian.cli.demo.plan import (
    OPERATOR_OF,
    OPERATOR_ROLE,
    CastMember,
    plan_consortium,
    roles_of,
)
from xinlian.client import Organisation
from xinlian.client.document_store import DocumentStore
from xinlian.client.files import write_private
from xinlian.client.genesis_plan import build_genesis
from xinlian.client.keyring import create_keys
from xinlian.client.profile import create_profile
from xinlian.client.session import Session
from xinlian.client.trade import Trade
from xinlian.crypto.ed25519 import SigningKey
from xinlian.modules.accounts.types import AssetKind, account_id, asset_id
from xinlian.modules.schedule.messages import AdvanceClock
from xinlian.primitives import format_id

Keys = dict[str, SigningKey]
DEMO_PASSPHRASE_BYTES = 16


def draw_keyrings(folder: Path, parties: Mapping[str, CastMember]) -> dict[str, Keys]:
    """Draw an encrypted keyring for each party; return the opened keys.

    The passphrase is drawn too and kept in ``folder/passphrase``: these keys are of a rehearsal.
    """
    passphrase = secrets.token_hex(DEMO_PASSPHRASE_BYTES)
    write_private(folder / "passphrase", passphrase.encode("ascii"))
    return {
        name: create_keys(folder / name / "keyring.json", roles_of(name), passphrase)
        for name in parties
    }


def _server(app: HttpApp, port: int) -> BackgroundServer:
    """Return a server on a port, or on any other where that one is taken."""
    try:
        return BackgroundServer(app, port=port)
    except ServerRefused:
        return BackgroundServer(app)


class World:
    """One ledger and its parties; use it in a ``with`` block."""

    def __init__(
        self,
        folder: Path,
        chain_id: str,
        cast: Mapping[str, CastMember],
        keyrings: Mapping[str, Keys],
        genesis_time_ms: int,
        openings_minor: Mapping[str, int],
        port: int = 0,
        *,
        is_network: bool = False,
    ) -> None:
        self.cast = cast
        self.homes = {name: folder / name for name in cast}
        self.organisations = {
            name: Organisation(chain_id, member.uscc, member.name, keyrings[name])
            for name, member in cast.items()
        }
        plan = plan_consortium(
            chain_id,
            genesis_time_ms,
            cast,
            self.organisations,
            openings_minor,
        )
        self.genesis_bytes = build_genesis(plan)
        self._operator_key = self.organisations[OPERATOR_OF].keys[OPERATOR_ROLE]
        self._data = folder / "node"
        self.network: DemoNetwork | None = None
        if is_network:
            bank = cast[OPERATOR_OF]
            self.network = DemoNetwork(folder / "network", self.genesis_bytes, bank.uscc, bank.name)
            self.genesis_bytes = self.network.genesis_bytes
            self._operator_key, self._data = self.network.operator_key, self.network.data
        self.genesis_file = folder / "genesis.json"
        write_private(self.genesis_file, self.genesis_bytes)
        self._port = port
        self._stack = contextlib.ExitStack()
        self.sessions: dict[str, Session] = {}
        self.stores = {name: DocumentStore(home / "documents") for name, home in self.homes.items()}

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            settings = None
            if self.network is not None:
                settings = self.network.settings()
                stack.enter_context(self.network.others())
            running = run_node(
                self._data, self.genesis_bytes, self._operator_key, settings=settings
            )
            self.running: RunningNode = stack.enter_context(running)
            self.server = stack.enter_context(_server(running.app, self._port))
            if self.network is not None:
                self.network.serve_first_at(self.server.port)
            for name, organisation in self.organisations.items():
                create_profile(
                    self.homes[name],
                    self.genesis_bytes,
                    organisation.uscc,
                    organisation.name,
                    (self.server.url,),
                )
                session = Session.connect(organisation, [self.server.url])
                self.sessions[name] = stack.enter_context(session)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def deposit(self) -> bytes:
        """The asset that all money is in: deposits at the settlement bank."""
        return asset_id(AssetKind.DEPOSIT, self.party("settle"), "CNY", 2)

    def party(self, name: str) -> bytes:
        """Return a party's id."""
        return self.organisations[name].party

    def party_text(self, name: str) -> str:
        """Return a party's id in text form."""
        return format_id("party", self.party(name))

    def account(self, name: str) -> bytes:
        """Return the id of a party's mirrored account."""
        return account_id(self.party(name), self.deposit, 1)

    def trade(self, name: str) -> Trade:
        """Return a party's verifier over its own documents."""
        return Trade(self.sessions[name], self.stores[name])

    def rows(self, name: str, path: str) -> list[dict[str, Any]]:
        """Return all rows of a list as a party sees them."""
        return list(self.sessions[name].node.iterate(path, dict[str, Any]))

    def item(self, name: str, path: str) -> dict[str, Any]:
        """Return one object as a party sees it."""
        item: dict[str, Any] = self.sessions[name].node.get(path)["item"]
        return item

    def balance_minor(self, name: str) -> int:
        """Return what a party's mirrored account holds, as the party sees it."""
        for row in self.rows(name, "/v1/accounts"):
            if row["mirrored"] and row["asset_kind"] == "deposit":
                return int(row["balance_minor"])
        raise LookupError(f"{name} has no mirrored account")

    def now_ms(self) -> int:
        """Return the ledger's time."""
        return self.sessions[OPERATOR_OF].now_ms()

    def broken_invariants(self) -> list[str]:
        """Return what does not hold in the committed state; empty when all is well."""
        with self.running.node.store.snapshot() as snapshot:
            return broken_invariants(snapshot)

    def advance_to(self, target_ms: int) -> None:
        """Move the simulated clock; whatever falls due on the way happens on the way."""
        self.sessions[OPERATOR_OF].submit(AdvanceClock(target_ms), roles=(OPERATOR_ROLE,))
        self.running.engine.wait_until(lambda: self.now_ms() >= target_ms)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is due any more and the lists show it."""
        self.running.engine.wait_until(self.running.engine.is_idle)
        height = self.running.engine.height()
        self.running.projector.wait_for(height, timeout_seconds=60)
