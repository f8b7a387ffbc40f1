"""A small consortium in memory: five organisations, their keys, their accounts, one engine.

::

    core (member, obligor)        mirrored account at settle
    bank (member, financier)      mirrored account at settle
    settle (member, settlement bank)
    supplier1 (participant of bank)   mirrored account at settle
    supplier2 (participant of bank)   unmirrored account at settle
"""

import dataclasses
import hashlib
import itertools
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from xinlian.apps.supply_chain.genesis import GenesisLine
from xinlian.bootstrap import broken_invariants, build_registry, open_embedded
from xinlian.client import Organisation, SignedTransaction
from xinlian.client.genesis_plan import (
    GenesisPlan,
    PlannedOperator,
    PlannedParty,
    PolicyPack,
    build_genesis,
    default_policy,
)
from xinlian.client.keyring import PublicRoleKey
from xinlian.contracts.message import Message, type_name
from xinlian.crypto.ed25519 import SUITE_ED25519, SigningKey
from xinlian.engines.embedded import EmbeddedEngine, EmbeddedNode, WatchedClock
from xinlian.ledger.clock import CLOCK_LIVE, CLOCK_SIMULATED
from xinlian.ledger.node import Committed
from xinlian.ledger.ports import Store
from xinlian.ledger.transaction import IDEMPOTENCY_KEY_BYTES
from xinlian.modules.accounts.genesis import GenesisAccount
from xinlian.modules.accounts.types import (
    ACCOUNTS,
    AssetKind,
    account_id,
    asset_id,
    bank_account_commitment,
)
from xinlian.modules.members.genesis import GenesisMandate
from xinlian.modules.members.uscc import check_character
from xinlian.modules.policy.genesis import GenesisRow, GenesisVersion
from xinlian.modules.policy.types import AppliesBy
from xinlian.modules.quotas.types import CEILINGS as QUOTA_CEILINGS
from xinlian.modules.quotas.types import REQUIRED_ROWS as QUOTA_ROWS
from xinlian.modules.schedule.messages import AdvanceClock
from xinlian.primitives.time import MS_PER_HOUR, china_midnight_ms, day_of_iso
from xinlian.storage import MemoryStore

GENESIS_TIME_MS: Final = china_midnight_ms(day_of_iso("2026-11-30")) + 9 * MS_PER_HOUR
CAP_MINOR: Final = 1_000_000_000_00
LINE_MINOR: Final = "1000000000"
ROLES: Final = ("finance-1", "finance-2", "operations")
NAMES: Final = {
    "core": "演示核心企业",
    "bank": "演示融资银行",
    "settle": "演示清算银行",
    "supplier1": "演示一级供应商",
    "supplier2": "演示二级供应商",
}
POLICY: Final = {
    **{row.name: (row.versions[-1].value, row.unit) for row in default_policy().rows},
    "banking.opening_minute": (9 * 60, "minute-of-day"),
    # The ceilings: a simulated clock makes all of a test, or a benchmark, one window.
    **{name: (ceiling, "count") for name, ceiling in zip(QUOTA_ROWS, QUOTA_CEILINGS, strict=True)},
}
"""Row → (value, unit): the pack that the package ships, but for an hour that is easy to read."""


def demo_uscc(number: int) -> str:
    """Return a well-formed code that belongs to nobody: its area is 99."""
    body = f"91990000MA{number:07d}"
    return body + check_character(body)


class Consortium:
    """A running embedded ledger with known keys."""

    def __init__(  # noqa: PLR0913 - named one by one: each is one difference of a test consortium
        self,
        store: Store | None = None,
        *,
        opening_minor: int = 5_000_000_00,
        suspended: Sequence[str] = (),
        more_members: Sequence[str] = (),
        with_accounts: Sequence[str] = (),
        block_interval_seconds: float = 0,
        clock: WatchedClock | None = None,
        policy: Mapping[str, int] = MappingProxyType({}),
        official_roles: Mapping[str, Sequence[str]] = MappingProxyType({}),
        genesis_time_ms: int = GENESIS_TIME_MS,
        dated_rows: Sequence[GenesisRow] = (),
    ) -> None:
        """Start it.

        Args:
            store: where it lives; in memory without one.
            opening_minor: what core and bank hold at the beginning.
            suspended: who is suspended from genesis on.
            more_members: names of further members, without accounts.
            with_accounts: which of these have mirrored accounts all the same, filled like core's.
            block_interval_seconds: how long the first transaction of a block waits for company.
            clock: makes the chain live, on this clock; without one its clock is simulated.
            policy: values of policy rows that differ from ``POLICY``.
            official_roles: by an organisation's name, what it is from genesis on: ``court`` and so
                on.
            genesis_time_ms: when it begins.
            dated_rows: policy rows with all their versions, in place of one value.
        """
        self._policy = policy
        self._genesis_time_ms = genesis_time_ms
        self._dated_rows = dated_rows
        self._official_roles = official_roles
        self._clock = clock
        self.chain_id = "test-consortium" if clock is None else "consortium"
        self.organisations = {
            name: Organisation(
                self.chain_id,
                demo_uscc(number),
                title,
                {role: _key(name, role) for role in (*ROLES, *(["operator"] * (name == "core")))},
            )
            for number, (name, title) in enumerate(
                [*NAMES.items(), *((name, f"演示{name}") for name in more_members)],
                1,
            )
        }
        self.genesis_bytes = self._genesis(opening_minor, suspended, with_accounts)
        self.engine: EmbeddedEngine = open_embedded(
            MemoryStore() if store is None else store,
            self.genesis_bytes,
            self["core"].keys["operator"],
            clock or WatchedClock(None),
            block_interval_seconds=block_interval_seconds,
        )
        self.node: EmbeddedNode = EmbeddedNode(self.engine, self.genesis_bytes)
        self._first_height = self.engine.height()
        self._intents = itertools.count()

    def __getitem__(self, name: str) -> Organisation:
        return self.organisations[name]

    @property
    def deposit(self) -> bytes:
        """The asset that all money is in."""
        return asset_id(AssetKind.DEPOSIT, self["settle"].party, "CNY", 2)

    def account(self, name: str) -> bytes:
        """Return the id of an organisation's mirrored account."""
        return account_id(self[name].party, self.deposit, 1)

    def bank_account(self, name: str) -> bytes:
        """Return the commitment to an organisation's account number."""
        return bank_account_commitment(self["settle"].party, account_number(name))

    def balance_minor(self, name: str) -> int:
        """Return an organisation's deposit."""
        with self.engine.application.store.snapshot() as snapshot:
            return ACCOUNTS.require(snapshot, self.account(name)).balance_minor

    def now_ms(self) -> int:
        """Return consensus time."""
        return self.engine.application.environment().time_ms

    def sign(
        self,
        name: str,
        *messages: Message,
        roles: Sequence[str] = ("finance-1", "finance-2"),
    ) -> SignedTransaction:
        """Return a transaction of an organisation, valid for ten minutes."""
        organisation = self[name]
        intent = organisation.intend(*messages, valid_until_ms=self.now_ms() + 600_000)
        repeatable = dataclasses.replace(intent, idempotency_key=self._next_idempotency_key())
        return repeatable.sign(organisation.keys_of(*roles))

    def send(
        self,
        name: str,
        *messages: Message,
        roles: Sequence[str] = ("finance-1", "finance-2"),
    ) -> tuple[SignedTransaction, Committed]:
        """Submit a transaction and wait for its outcome."""
        signed = self.sign(name, *messages, roles=roles)
        return signed, self.engine.submit(signed.raw).result(timeout=60)

    def advance_to(self, target_ms: int) -> None:
        """Move the simulated clock; due work runs on the way."""
        self.send("core", AdvanceClock(target_ms), roles=("operator",))
        self.engine.wait_until(lambda: self.now_ms() >= target_ms)

    def settle_due_work(self) -> None:
        """Wait until nothing is due any more."""
        self.engine.wait_until(self.engine.is_idle)

    def broken_invariants(self) -> list[str]:
        """Return what does not hold in the committed state."""
        with self.engine.application.store.snapshot() as snapshot:
            return broken_invariants(snapshot)

    def close(self) -> None:
        """Stop the engine."""
        self.engine.close()

    def _next_idempotency_key(self) -> bytes:
        """Return a key that is the same in every run, and new after every reopening."""
        intent = f"xinlian test intent {self._first_height} {next(self._intents)}"
        return hashlib.sha256(intent.encode()).digest()[:IDEMPOTENCY_KEY_BYTES]

    def _rows(self) -> tuple[GenesisRow, ...]:
        rows = {row.name: row for row in policy_rows(self._policy)}
        return tuple((rows | {row.name: row for row in self._dated_rows}).values())

    def _genesis(
        self,
        opening_minor: int,
        suspended: Sequence[str],
        with_accounts: Sequence[str],
    ) -> bytes:
        everything = tuple(type_name(message) for message in build_registry().messages.values())
        plan = GenesisPlan(
            chain_id=self.chain_id,
            clock=CLOCK_SIMULATED if self._clock is None else CLOCK_LIVE,
            genesis_time_ms=self._genesis_time_ms,
            operators=(PlannedOperator(self["core"].uscc, "operator"),),
            parties=tuple(
                _party(
                    organisation,
                    name,
                    everything,
                    self["bank"].uscc,
                    is_suspended=name in suspended,
                    official_roles=tuple(self._official_roles.get(name, ())),
                )
                for name, organisation in self.organisations.items()
            ),
            accounts=tuple(
                GenesisAccount(
                    bank_uscc=self["settle"].uscc,
                    owner_uscc=self[name].uscc,
                    account_number=account_number(name),
                    mirrored=name != "supplier2",
                    opening_minor=str(0 if name.startswith("supplier") else opening_minor),
                )
                for name in ("core", "bank", "supplier1", "supplier2", *with_accounts)
            ),
            lines=(GenesisLine(self["core"].uscc, LINE_MINOR),),
            policy=PolicyPack("test", self._rows()),
        )
        return build_genesis(plan)


def account_number(name: str) -> str:
    """Return an organisation's account number at the settlement bank."""
    if name not in NAMES:
        return f"99-0002-{name}"
    return f"99-0001-{sorted(NAMES).index(name):04d}"


def policy_rows(changes: Mapping[str, int] = MappingProxyType({})) -> tuple[GenesisRow, ...]:
    """Return the policy rows of a test genesis, some of them with other values."""
    return tuple(
        GenesisRow(name, unit, (_version(changes.get(name, value)),))
        for name, (value, unit) in POLICY.items()
    )


def _version(value: int) -> GenesisVersion:
    return GenesisVersion(0, value, AppliesBy.ISSUE, "test", verified=False)


def _party(
    organisation: Organisation,
    name: str,
    everything: tuple[str, ...],
    sponsor_uscc: str,
    *,
    is_suspended: bool,
    official_roles: tuple[str, ...],
) -> PlannedParty:
    is_participant = name.startswith("supplier")
    clock = ("schedule.AdvanceClock", "schedule.ConfirmClock")
    return PlannedParty(
        kind="participant" if is_participant else "member",
        uscc=organisation.uscc,
        name=organisation.name,
        keys=tuple(
            PublicRoleKey(role, SUITE_ED25519, key.public_key.hex())
            for role, key in organisation.keys.items()
        ),
        mandates=(
            GenesisMandate(everything, ("finance-1", "finance-2"), 1, str(CAP_MINOR)),
            GenesisMandate(clock, tuple(organisation.keys), 1, "0"),
        ),
        sponsor_uscc=sponsor_uscc if is_participant else "",
        suspended=is_suspended,
        official_roles=official_roles,
    )


def _key(name: str, role: str) -> SigningKey:
    """Return a key that is the same in every run: tests repeat to the byte."""
    return SigningKey(hashlib.sha256(f"xinlian test key {name} {role}".encode()).digest())
