"""The only place that knows every concrete class.

Rules this file keeps:
 1. Modules are registered in the order of their layers.
 2. A genesis file names every section that a module asks for, and no other.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Self, TypeVar

import msgspec

from xinlian.api import HttpApp, create_app
from xinlian.apps.credit import handlers as credit
from xinlian.apps.supply_chain import genesis as supply_chain_genesis
from xinlian.apps.supply_chain import handlers as supply_chain
from xinlian.apps.supply_chain import invariants as supply_chain_invariants
from xinlian.apps.supply_chain.policy import REQUIRED_ROWS
from xinlian.client.files import private_folder
from xinlian.contracts.registry import Registry
from xinlian.contracts.runtime import Contracts
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft import (
    CometEngine,
    CometNode,
    EngineSettings,
    SnapshotShelf,
    join,
    validators_of,
)
from xinlian.engines.cometbft.network import SECTION as VALIDATORS_SECTION
from xinlian.engines.cometbft.network import first_validators
from xinlian.engines.embedded import (
    BLOCK_INTERVAL_SECONDS,
    EmbeddedEngine,
    EmbeddedNode,
    WatchedClock,
)
from xinlian.engines.port import Engine
from xinlian.ledger.application import Application
from xinlian.ledger.clock import CLOCK_SIMULATED, META, ChainMeta
from xinlian.ledger.genesis import (
    Genesis,
    GenesisInvalid,
    genesis_hash,
    parse_genesis,
    section,
    unknown_sections,
)
from xinlian.ledger.kept import header_at
from xinlian.ledger.outcomes import MARKER_EXPIRIES, MARKERS
from xinlian.ledger.overlay import COLLECTION_PREFIX_BYTES, Overlay
from xinlian.ledger.ports import StateView, Store, StoreError
from xinlian.ledger.records import integer_part
from xinlian.ledger.soundness import check_head, require_sound_state
from xinlian.ledger.upgrade import MIGRATION, PLANNED
from xinlian.modules.accounts import genesis as accounts_genesis
from xinlian.modules.accounts import handlers as accounts
from xinlian.modules.accounts import invariants as accounts_invariants
from xinlian.modules.accounts import policy as accounts_policy
from xinlian.modules.conditions import handlers as conditions
from xinlian.modules.conditions import invariants as conditions_invariants
from xinlian.modules.conditions.types import REQUIRED_ROWS as CONDITION_ROWS
from xinlian.modules.consent import handlers as consent
from xinlian.modules.consent import invariants as consent_invariants
from xinlian.modules.consent.types import REQUIRED_ROWS as CONSENT_ROWS
from xinlian.modules.devices import handlers as devices
from xinlian.modules.devices import invariants as devices_invariants
from xinlian.modules.devices.types import REQUIRED_ROWS as DEVICE_ROWS
from xinlian.modules.documents import handlers as documents
from xinlian.modules.evidence import handlers as evidence
from xinlian.modules.evidence import policy as evidence_policy
from xinlian.modules.governance import genesis as governance_genesis
from xinlian.modules.governance import handlers as governance
from xinlian.modules.governance.rules import GovernedLimits
from xinlian.modules.members import genesis as members_genesis
from xinlian.modules.members import handlers as members
from xinlian.modules.members import relations
from xinlian.modules.members.keeper import MembersAuthority
from xinlian.modules.members.ports import ONLY, MemberLimits
from xinlian.modules.obligations import handlers as obligations
from xinlian.modules.obligations import invariants as obligations_invariants
from xinlian.modules.obligations import policy as obligations_policy
from xinlian.modules.policy import genesis as policy_genesis
from xinlian.modules.policy.archive import ARCHIVE_MEMBERS_MIN, archive_members
from xinlian.modules.policy.types import CALENDAR, ROWS
from xinlian.modules.quotas import handlers as quotas
from xinlian.modules.quotas import invariants as quotas_invariants
from xinlian.modules.quotas.keeper import QuotaBook
from xinlian.modules.quotas.types import REQUIRED_ROWS as QUOTA_ROWS
from xinlian.modules.schedule import handlers as schedule
from xinlian.modules.schedule import invariants as schedule_invariants
from xinlian.modules.schedule.keeper import ScheduleQueue
from xinlian.modules.schedule.types import OPERATORS, Operator
from xinlian.modules.standing import handlers as standing
from xinlian.modules.standing import invariants as standing_invariants
from xinlian.modules.validators import genesis as validators_genesis
from xinlian.modules.validators import handlers as validators
from xinlian.modules.validators import invariants as validators_invariants
from xinlian.readmodels import Projector, ReadModel
from xinlian.storage import (
    LmdbCountersignatures,
    LmdbStore,
    MemoryStore,
    Pruner,
    RestoringFolder,
    SnapshotKeeper,
)
from xinlian.storage.snapshot_folder import STORE_FILE

APP_VERSION: Final = 1
HISTORY_HEIGHTS_DEFAULT: Final = 128

SECTIONS: Final = {
    "members": members_genesis.MembersSection,
    "policy": policy_genesis.PolicySection,
    "accounts": accounts_genesis.AccountsSection,
    "supply_chain": supply_chain_genesis.SupplyChainSection,
}

INVARIANTS: Final[tuple[Callable[[StateView], Iterator[str]], ...]] = (
    *accounts_invariants.INVARIANTS,
    *obligations_invariants.INVARIANTS,
    *supply_chain_invariants.INVARIANTS,
    *credit.INVARIANTS,
    *quotas_invariants.INVARIANTS,
    *conditions_invariants.INVARIANTS,
    *consent_invariants.INVARIANTS,
    *devices_invariants.INVARIANTS,
    *standing_invariants.INVARIANTS,
    *schedule_invariants.INVARIANTS,
    *validators_invariants.INVARIANTS,
)

SectionT = TypeVar("SectionT", bound=msgspec.Struct)


def build_registry() -> Registry:
    """Return everything that exists at this application version."""
    registry = Registry()
    registry.add_collections(MARKERS, MARKER_EXPIRIES, META, PLANNED, MIGRATION)
    members.register(registry)
    relations.register(registry)
    registry.add_collections(ROWS, CALENDAR)
    quotas.register(registry)
    schedule.register(registry)
    validators.register(registry)
    governance.register(registry)
    registry.ports.provide(MemberLimits, ONLY, GovernedLimits())
    accounts.register(registry)
    obligations.register(registry)
    standing.register(registry)
    documents.register(registry)
    devices.register(registry)
    evidence.register(registry)
    conditions.register(registry)
    consent.register(registry)
    supply_chain.register(registry)
    credit.register(registry)
    return registry


def build_contracts() -> Contracts:
    """Return the executor of this application version."""
    return Contracts(build_registry(), MembersAuthority(), ScheduleQueue(), QuotaBook())


class GenesisState:
    """Writes the state that a genesis file describes."""

    def __init__(self, genesis: Genesis, contracts: Contracts) -> None:
        unknown = unknown_sections(genesis, {**SECTIONS, VALIDATORS_SECTION: validators_of})
        if unknown:
            raise GenesisInvalid(f"unknown sections: {', '.join(unknown)}")
        self._validators = first_validators(genesis)
        if genesis.app_version != APP_VERSION:
            raise GenesisInvalid(f"application version {genesis.app_version} is not known here")
        self._genesis = genesis
        self._collections = contracts.registry.collections
        self._message_numbers = contracts.registry.message_numbers()

    def __call__(self, state: Overlay) -> None:
        """Fill an empty state; raises GenesisInvalid."""
        try:
            self._load(state)
        except msgspec.ValidationError as error:  # a loader read back what another wrote
            raise GenesisInvalid(f"a value is out of bounds: {error}") from None
        self._check_records(state)

    def _load(self, state: Overlay) -> None:
        genesis = self._genesis
        META.put(
            state,
            ChainMeta(
                chain_id=genesis.chain_id,
                clock=genesis.clock,
                app_version=genesis.app_version,
                height=0,
                time_ms=genesis.genesis_time_ms,
                clock_offset_ms=0,
                clock_target_ms=0,
            ),
        )
        for number, operator in enumerate(genesis.operators):
            key = bytes.fromhex(operator.public_key)
            OPERATORS.put(state, Operator(key), integer_part(number))
        parties = self._section("members", members_genesis.MembersSection)
        begun = (genesis.chain_id, genesis.genesis_time_ms)
        members_genesis.load(state, parties, *begun, self._message_numbers)
        policy_genesis.load(
            state,
            self._section("policy", policy_genesis.PolicySection),
            (
                *accounts_policy.REQUIRED_ROWS,
                *obligations_policy.REQUIRED_ROWS,
                *evidence_policy.REQUIRED_ROWS,
                *REQUIRED_ROWS,
                *QUOTA_ROWS,
                *CONDITION_ROWS,
                *CONSENT_ROWS,
                *DEVICE_ROWS,
                *credit.REQUIRED_ROWS,
            ),
            genesis.genesis_time_ms,
        )
        governance_genesis.load(state, genesis.genesis_time_ms)
        is_live = genesis.clock != CLOCK_SIMULATED
        validators_genesis.load(state, self._validators, is_live=is_live)
        accounts_section = self._section("accounts", accounts_genesis.AccountsSection)
        accounts_genesis.load(state, accounts_section, genesis.chain_id)
        lines = self._section("supply_chain", supply_chain_genesis.SupplyChainSection)
        supply_chain_genesis.load(state, lines, genesis.chain_id)

    def _check_records(self, state: Overlay) -> None:
        """Refuse values that break the bounds of their fields: nobody could read them again."""
        for key, value in state.writes().items():
            collection = self._collections[key[:COLLECTION_PREFIX_BYTES]]
            try:
                collection.decode(value or b"")
            except msgspec.ValidationError as error:
                name = collection.record_type.__name__
                raise GenesisInvalid(f"{name} out of bounds: {error}") from None

    def _section(self, name: str, section_type: type[SectionT]) -> SectionT:
        return section(self._genesis, name, section_type)


def check_genesis(genesis_bytes: bytes) -> None:
    """Refuse a genesis file from which a ledger cannot start; raises GenesisInvalid."""
    state = GenesisState(parse_genesis(genesis_bytes), build_contracts())
    with MemoryStore().snapshot() as empty:
        state(Overlay(empty))


def open_embedded(
    store: Store,
    genesis_bytes: bytes,
    operator_key: SigningKey,
    clock: WatchedClock,
    *,
    block_interval_seconds: float = BLOCK_INTERVAL_SECONDS,
) -> EmbeddedEngine:
    """Return a running embedded engine over a store.

    Raises:
        GenesisInvalid: the genesis file breaks a rule, or its operators do not include the key.
    """
    genesis = parse_genesis(genesis_bytes)
    _check_operator(genesis, operator_key)
    if validators_of(genesis) is not None:
        raise GenesisInvalid("this chain is of a network of validators: no node orders it alone")
    contracts = build_contracts()
    application = Application(store, contracts)
    engine = EmbeddedEngine(
        application,
        genesis,
        genesis_hash(genesis_bytes),
        operator_key,
        clock,
        block_interval_seconds=block_interval_seconds,
    )
    engine.start(GenesisState(genesis, contracts))
    return engine


def open_cometbft(
    store: Store,
    genesis_bytes: bytes,
    operator_key: SigningKey,
    settings: EngineSettings,
    shelf: SnapshotShelf | None = None,
) -> CometEngine:
    """Return a running CometBFT engine over a store, with the snapshots it keeps for others.

    Raises:
        GenesisInvalid: the genesis file breaks a rule, has no validators, or its operators do not
            include the key.
    """
    genesis = parse_genesis(genesis_bytes)
    _check_operator(genesis, operator_key)
    contracts = build_contracts()
    application = Application(store, contracts)
    engine = CometEngine(application, genesis_bytes, operator_key, settings, shelf)
    engine.start(GenesisState(genesis, contracts))
    return engine


def _check_operator(genesis: Genesis, operator_key: SigningKey) -> None:
    if operator_key.public_key.hex() not in {entry.public_key for entry in genesis.operators}:
        raise GenesisInvalid("the operator key is not one of the genesis file")


@dataclasses.dataclass(frozen=True, slots=True)
class Keeping:
    """How much of the past a node keeps beside headers, results and the last state."""

    history_heights: int = HISTORY_HEIGHTS_DEFAULT
    """How many heights below the head can be read and proven."""
    bodies: int = 0
    """Of how many heights the bodies stay; 0 for all of them, as an archive node has."""
    snapshots_every: int = 0
    """Of each height that is a multiple of it a node of a network keeps a snapshot for others, the
    newest two; a multiple of 100, or 0 for none."""


@dataclasses.dataclass(frozen=True, slots=True)
class RunningNode:
    """A node with everything that serves it; close it, or leave its ``with`` block."""

    node: EmbeddedNode
    engine: Engine
    read_model: ReadModel
    projector: Projector
    app: HttpApp
    pruner: Pruner | None = None
    snapshots: SnapshotKeeper | None = None

    def close(self) -> None:
        """Stop making blocks, then pruning, then projecting, then release the store."""
        self.engine.close()
        if self.pruner is not None:
            self.pruner.close()
        if self.snapshots is not None:
            self.snapshots.close()
        self.projector.close()
        self.read_model.close()
        self.node.countersignatures.close()
        self.engine.application.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


def run_node(
    folder: Path,
    genesis_bytes: bytes,
    operator_key: SigningKey,
    *,
    database: str = "",
    public_authorities: Sequence[str] = (),
    block_interval_seconds: float = BLOCK_INTERVAL_SECONDS,
    settings: EngineSettings | None = None,
    keeping: Keeping | None = None,
) -> RunningNode:
    """Return a running node in a folder, embedded unless it is given an engine's settings.

    Args:
        folder: where its chain, its heartbeat and, by default, its read model live.
        genesis_bytes: the genesis file; a folder holds one chain.
        operator_key: signs headers; one of the genesis file's operators.
        database: address of the read model; SQLite in the folder by default.
        public_authorities: names by which clients know the node beside its own address.
        block_interval_seconds: how long the first transaction of a block waits for company, on an
            embedded node.
        settings: where and how the CometBFT engine runs, for a chain of validators.
        keeping: how much of the past stays.

    Raises:
        GenesisInvalid, StoreError, ReadModelBroken: with what to do.
    """
    keeping = keeping or Keeping()
    if settings is not None and settings.sync is not None:
        begin_from_snapshot(folder, genesis_bytes, operator_key, settings)
    with contextlib.ExitStack() as undo:
        store = open_store(private_folder(folder), history_heights=keeping.history_heights)
        undo.callback(store.close)
        check_same_genesis(store, genesis_bytes)
        countersignatures = LmdbCountersignatures(folder)
        undo.callback(countersignatures.close)
        engine: Engine
        snapshots = None
        if settings is not None:
            snapshots = SnapshotKeeper(folder, genesis_hash(genesis_bytes), keeping.snapshots_every)
            engine = open_cometbft(store, genesis_bytes, operator_key, settings, snapshots)
            snapshots.start(store)
            undo.callback(snapshots.close)
            engine.on_commit(snapshots.notify)
            node: EmbeddedNode = CometNode(engine, genesis_bytes, countersignatures)
        else:
            engine = open_embedded(
                store,
                genesis_bytes,
                operator_key,
                WatchedClock(folder / "heartbeat"),
                block_interval_seconds=block_interval_seconds,
            )
            node = EmbeddedNode(engine, genesis_bytes, countersignatures)
        undo.callback(engine.close)
        read_model = open_read_model(folder, genesis_bytes, database)
        undo.callback(read_model.close)
        projector = Projector(read_model, store)
        undo.callback(projector.close)
        engine.on_commit(projector.notify)
        projector.notify(engine.height())
        pruner = None
        if keeping.bodies:
            pruner = Pruner(store, keeping.bodies, lambda: prunable_before(store, projector.height))
            undo.callback(pruner.close)
            engine.on_commit(pruner.notify)
            pruner.notify(engine.height())
        app = create_app(node, read_model, projector, public_authorities=public_authorities)
        undo.pop_all()
    return RunningNode(node, engine, read_model, projector, app, pruner, snapshots)


def begin_from_snapshot(
    folder: Path,
    genesis_bytes: bytes,
    operator_key: SigningKey,
    settings: EngineSettings,
) -> None:
    """Fill a node's folder from the others' newest snapshot, unless it has a chain.

    Raises:
        GenesisInvalid, StoreError, JoiningFailed: with what to do.
    """
    check_genesis(genesis_bytes)
    _check_operator(parse_genesis(genesis_bytes), operator_key)
    if (private_folder(folder) / STORE_FILE).exists():
        return
    with contextlib.closing(RestoringFolder(folder)) as restoring:
        join(restoring, genesis_bytes, operator_key, settings)


def prunable_before(store: Store, projected_height: int) -> int:
    """Return below which height bodies may go: others keep them, and the rows have them."""
    with store.snapshot() as snapshot:
        is_archived = len(archive_members(snapshot)) >= ARCHIVE_MEMBERS_MIN
    return projected_height + 1 if is_archived else 0


def open_read_model(folder: Path, genesis_bytes: bytes, database: str = "") -> ReadModel:
    """Return the read model of a node's folder; raises ReadModelBroken."""
    address = database or f"sqlite:///{folder.resolve() / 'readmodel.sqlite'}"
    contracts = build_contracts()
    genesis = GenesisState(parse_genesis(genesis_bytes), contracts)
    with MemoryStore().snapshot() as empty:
        state = Overlay(empty)
        genesis(state)
    return ReadModel(address, contracts, state)


def check_same_genesis(store: Store, genesis_bytes: bytes) -> None:
    """Refuse a store that was begun from another genesis file; raises GenesisInvalid."""
    first = header_at(store, store.extent().begins_at)
    if first is None:
        return
    begun_from = store.origin() or first.header.previous_hash
    if begun_from != genesis_hash(genesis_bytes):
        raise GenesisInvalid("this folder holds a chain of another genesis file; use its own")


def open_store(folder: Path, *, history_heights: int = 0) -> LmdbStore:
    """Return the durable store of a folder; raises StoreError, also when it is damaged.

    ``history_heights`` matters for what is committed; without a commit nothing is forgotten.
    """
    store = LmdbStore(folder, history_heights=history_heights)
    try:
        if store.was_closed_cleanly:
            check_head(store)
        else:
            require_sound_state(store)
    except StoreError:
        store.distrust()
        store.close()
        raise
    return store


def broken_invariants(state: StateView) -> list[str]:
    """Return everything that does not hold in a state; empty when all is well."""
    return [broken for invariant in INVARIANTS for broken in invariant(state)]
