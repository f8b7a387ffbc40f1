"""The world that the transfer workloads run in: a bank, its customers, their deposit accounts.

Rules this file keeps:
 1. The genesis file is small and ordinary; the accounts are written below it, in bulk, through the
    same records and the same state tree, so that a million of them take seconds.
 2. Accounts are mirrored ones, as the product has them: a credit asks what waits for it.
 3. Every key and every draw comes from the seed.
"""

import dataclasses
import hashlib
import random
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.client import Organisation, SignedTransaction
from xinlian.crypto.ed25519 import SUITE_ED25519, SigningKey
from xinlian.engines.embedded import EmbeddedEngine, WatchedClock
from xinlian.ledger.application import Application
from xinlian.ledger.clock import CLOCK_SIMULATED
from xinlian.ledger.genesis import (
    GENESIS_FORMAT,
    Genesis,
    Operator,
    encode_genesis,
    genesis_hash,
    parse_genesis,
)
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.state_tree import update_tree
from xinlian.modules.accounts.keeper import create_asset, new_account
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import (
    ACCOUNTS,
    AccountClass,
    AssetKind,
    account_id,
    asset_id,
    bank_account_commitment,
)
from xinlian.storage import LmdbStore
from xinlian.testing.consortium import GENESIS_TIME_MS, demo_uscc, policy_rows

CHAIN_ID: Final = "test-bench"
COMPANIES: Final = 100
OPENING_MINOR: Final = 1_000_000_000_00
AMOUNT_MINOR_MAX: Final = 10_000
CAP_MINOR: Final = 1_000_000_000_00
FILL_CHUNK: Final = 500_000
VALIDITY_MS: Final = 20 * 3_600_000
HOT_ACCOUNTS: Final = 8


class FillableStore(LmdbStore):
    """The default store, with a way to put entries below height 0."""

    def fill(
        self,
        state: Mapping[bytes, bytes | None],
        nodes: Mapping[bytes, bytes | None],
    ) -> None:
        """Write entries and nodes of an empty chain; nothing is removed while it is filled."""
        prefixed = {b"/" + path: node for path, node in nodes.items()}
        with self.environment.begin(write=True) as transaction:
            for table, entries in (("state", state), ("nodes", prefixed)):
                for key, value in sorted((k, v) for k, v in entries.items() if v is not None):
                    transaction.put(key, value, db=self.tables[table])


@dataclasses.dataclass(frozen=True, slots=True)
class World:
    """Companies with accounts at one bank; account i belongs to company i modulo their number."""

    seed: int
    accounts: int
    companies: tuple[Organisation, ...]
    parties: tuple[bytes, ...]
    bank: Organisation
    deposit: bytes
    """The asset of all accounts."""
    operator: SigningKey

    def account(self, number: int) -> bytes:
        """Return the id of account ``number``."""
        owner = self.parties[number % COMPANIES]
        return account_id(owner, self.deposit, 1 + number // COMPANIES)

    def genesis_bytes(self) -> bytes:
        """Return the genesis file."""
        parties = [_party(company, self.bank) for company in self.companies]
        sections: dict[str, object] = {
            "members": {"parties": [_party(self.bank, None), *parties]},
            "policy": {"rows": policy_rows(), "calendar": []},
            "accounts": {"accounts": []},
            "supply_chain": {"lines": []},
        }
        genesis = Genesis(
            format=GENESIS_FORMAT,
            chain_id=CHAIN_ID,
            clock=CLOCK_SIMULATED,
            genesis_time_ms=GENESIS_TIME_MS,
            app_version=1,
            operators=(Operator(SUITE_ED25519, self.operator.public_key.hex()),),
            sections={name: msgspec.Raw(msgspec.json.encode(s)) for name, s in sections.items()},
        )
        return encode_genesis(genesis)


def new_world(seed: int, accounts: int) -> World:
    """Return a world of so many accounts; nothing is written yet."""
    companies = tuple(_organisation(seed, number) for number in range(1, COMPANIES + 1))
    bank = _organisation(seed, COMPANIES + 1)
    return World(
        seed=seed,
        accounts=accounts,
        companies=companies,
        parties=tuple(company.party for company in companies),
        bank=bank,
        deposit=asset_id(AssetKind.DEPOSIT, bank.party, "CNY", 2),
        operator=_key(seed, "operator"),
    )


def create_store(world: World, folder: Path) -> None:
    """Write the accounts of a world below an empty chain in a new folder."""
    store = FillableStore(folder, durable=False)
    for start in range(0, world.accounts, FILL_CHUNK):
        with store.snapshot() as snapshot:
            overlay = Overlay(snapshot)
            if start == 0:
                _write_issue(world, overlay)
            for number in range(start, min(start + FILL_CHUNK, world.accounts)):
                _write_account(world, overlay, number)
            nodes = update_tree(snapshot, overlay.writes()).node_writes
        store.fill(overlay.writes(), nodes)
    store.environment.sync(True)  # noqa: FBT003 - LMDB names it "force"
    store.close()


def copy_store(source: Path, target: Path) -> None:
    """Copy a closed store."""
    target.mkdir(parents=True)
    shutil.copy(source / "chain.lmdb", target / "chain.lmdb")


def open_engine(
    world: World,
    folder: Path,
    application_class: type[Application] = Application,
) -> EmbeddedEngine:
    """Return a running embedded engine over a store, as ``bootstrap.open_embedded`` does.

    Only the class of the application may differ: what is left out is left out here, so that the
    product has no switch for it.
    """
    genesis_bytes = world.genesis_bytes()
    genesis = parse_genesis(genesis_bytes)
    contracts = build_contracts()
    engine = EmbeddedEngine(
        application_class(LmdbStore(folder), contracts),
        genesis,
        genesis_hash(genesis_bytes),
        world.operator,
        WatchedClock(None),
    )
    engine.start(GenesisState(genesis, contracts))
    return engine


def close_engine(engine: EmbeddedEngine) -> None:
    """Stop an engine and release its store."""
    engine.close()
    engine.application.store.close()


class TransferSource:
    """Draws transfers and signs transactions, as the clients would on their own machines."""

    def __init__(self, world: World, active: int, *, hot: bool = False) -> None:
        """Begin to draw.

        Args:
            world: whose accounts.
            active: only the first so many accounts take part.
            hot: only a handful of accounts give and receive.
        """
        self._world = world
        self._per_company = active // COMPANIES
        self._hot = hot
        self._random = random.Random(f"{world.seed} {active} {hot}")

    def take(self, transactions: int, transfers_each: int) -> list[SignedTransaction]:
        """Return signed transactions, each of one company."""
        return [self._signed(transfers_each) for _ in range(transactions)]

    def _signed(self, transfers: int) -> SignedTransaction:
        draw = self._random
        number = draw.randrange(COMPANIES)
        company = self._world.companies[number]
        messages = tuple(self._transfers(number, transfers))
        intent = company.intend(*messages, valid_until_ms=GENESIS_TIME_MS + VALIDITY_MS)
        seeded = dataclasses.replace(intent, idempotency_key=draw.randbytes(16))
        return seeded.sign(company.keys_of("finance-1"))

    def _transfers(self, company: int, count: int) -> Iterator[Transfer]:
        draw, account = self._random, self._world.account
        of_own = min(HOT_ACCOUNTS, self._per_company) if self._hot else self._per_company
        of_all = HOT_ACCOUNTS if self._hot else self._per_company * COMPANIES
        while count:
            giving = company + COMPANIES * draw.randrange(of_own)
            receiving = draw.randrange(of_all)
            if giving != receiving:
                count -= 1
                amount_minor = draw.randint(1, AMOUNT_MINOR_MAX)
                yield Transfer(account(giving), account(receiving), amount_minor)


def _write_issue(world: World, overlay: Overlay) -> None:
    asset = create_asset(overlay, AssetKind.DEPOSIT, world.bank.party, "CNY", 2)
    issue = new_account(world.bank.party, asset, AccountClass.ISSUE)
    circulating_minor = OPENING_MINOR * world.accounts
    ACCOUNTS.put(
        overlay,
        msgspec.structs.replace(issue, credits_minor=circulating_minor),
        account_id(world.bank.party, asset),
    )


def _write_account(world: World, overlay: Overlay, number: int) -> None:
    account = new_account(
        world.parties[number % COMPANIES],
        world.deposit,
        AccountClass.HOLDER,
        number=1 + number // COMPANIES,
        mirrored=True,
        bank_account=bank_account_commitment(world.bank.party, str(number)),
    )
    ACCOUNTS.put(
        overlay,
        msgspec.structs.replace(account, debits_minor=OPENING_MINOR),
        world.account(number),
    )


def _organisation(seed: int, number: int) -> Organisation:
    keys = {"finance-1": _key(seed, f"company {number}")}
    return Organisation(CHAIN_ID, demo_uscc(number), f"测量企业 {number}", keys)


def _key(seed: int, name: str) -> SigningKey:
    return SigningKey(hashlib.sha256(f"xinlian bench {seed} {name}".encode()).digest())


def _party(organisation: Organisation, sponsor: Organisation | None) -> dict[str, object]:
    key = organisation.keys["finance-1"]
    return {
        "kind": "participant" if sponsor else "member",
        "uscc": organisation.uscc,
        "name": organisation.name,
        "sponsor_uscc": sponsor.uscc if sponsor else "",
        "keys": [
            {"role": "finance-1", "suite": SUITE_ED25519, "public_key": key.public_key.hex()},
        ],
        "mandates": [
            {
                "messages": ["accounts.Transfer"],
                "roles": ["finance-1"],
                "threshold": 1,
                "cap_minor": str(CAP_MINOR),
            },
        ],
    }
