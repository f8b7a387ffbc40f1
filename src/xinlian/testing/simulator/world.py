"""The world in which simulated chains begin: one consortium, its genesis written once.

Rules this file keeps:
 1. Genesis is applied once a process; every simulated chain starts from a copy of its disk.
 2. One world has a simulated clock, the other a live one: both ways for time to pass are run.
"""

import dataclasses
import functools
import operator
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import inspect

from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.client import Organisation
from xinlian.contracts.message import Event, Message, type_no
from xinlian.contracts.runtime import Contracts
from xinlian.engines.embedded import WatchedClock
from xinlian.ledger.application import Application, FinalizedBlock
from xinlian.ledger.block import Block
from xinlian.ledger.genesis import TEST_CHAIN_PREFIX, genesis_hash, parse_genesis
from xinlian.ledger.header import (
    HEADER_VERSION,
    Header,
    SignedHeader,
    StoredBlock,
    decode_head,
    encode_block,
    encode_head,
    header_hash,
)
from xinlian.modules.accounts.types import account_id
from xinlian.modules.members.types import key_id_of, organisation_id
from xinlian.modules.schedule.messages import AdvanceClock, ConfirmClock
from xinlian.testing.consortium import CAP_MINOR, GENESIS_TIME_MS, NAMES, POLICY, Consortium
from xinlian.testing.simulator.records import Beginning, Rule
from xinlian.testing.virtual_disk import VirtualDisk
from xinlian.testing.virtual_disk_store import VirtualDiskStore

OPENING_MINOR = 1_500_000_00
TIGHT_QUOTAS = {
    "quotas.window_seconds": 3_600,
    "quotas.bytes_per_window": 6_000,
    "quotas.markers_max": 16,
}
"""Of chains with a live clock: so little that parties now and then have to wait."""
OPENED = ("core", "bank")
MEMBERS = ("core", "bank", "settle")
SPONSORED = ("supplier1", "supplier2")
_WITHOUT_MIRROR = ("settle", "supplier2")


@dataclasses.dataclass(frozen=True, slots=True)
class World:
    """Everything that simulated chains share, none of which changes."""

    is_simulated: bool
    genesis_bytes: bytes
    genesis_hash: bytes
    disk: VirtualDisk
    contracts: Contracts
    organisations: dict[str, Organisation]
    names: dict[bytes, str]
    accounts: dict[str, bytes]
    bank_accounts: dict[str, bytes]
    beginning: Beginning
    message_types: tuple[type[Message], ...]
    fields: dict[type[Message], Sequence[inspect.Field]]
    event_decoder: msgspec.msgpack.Decoder[Event]

    def decode_event(self, data: bytes) -> Event:
        """Return a typed event of its bytes."""
        event: Event = self.event_decoder.decode(data)
        return event

    def party_of(self, uscc: str) -> bytes:
        """Return the id of an organisation of this chain."""
        return organisation_id(self.beginning.chain_id, uscc)


@functools.cache
def world_of(*, is_simulated: bool) -> World:
    """Return the world with a simulated or a live clock; built once a process."""
    consortium = Consortium(
        opening_minor=OPENING_MINOR,
        clock=None if is_simulated else WatchedClock(None),
        policy={} if is_simulated else TIGHT_QUOTAS,
    )
    consortium.close()
    contracts = build_contracts()
    disk = VirtualDisk()
    application = Application(VirtualDiskStore(disk), contracts)
    genesis = parse_genesis(consortium.genesis_bytes)
    finalized = application.init_chain(GenesisState(genesis, contracts), genesis.app_version)
    first = Block(0, GENESIS_TIME_MS, ())
    first_hash = genesis_hash(consortium.genesis_bytes)
    commit(application, finalized, first, genesis.chain_id, first_hash)
    union: Any = functools.reduce(operator.or_, contracts.registry.events.values())
    message_types = tuple(contracts.registry.messages.values())
    accounts = {name: consortium.account(name) for name in NAMES if name not in _WITHOUT_MIRROR}
    policy = {name: value for name, (value, _) in POLICY.items()}
    policy |= {} if is_simulated else TIGHT_QUOTAS
    return World(
        is_simulated=is_simulated,
        genesis_bytes=consortium.genesis_bytes,
        genesis_hash=first_hash,
        disk=disk,
        contracts=contracts,
        organisations=consortium.organisations,
        names={organisation.party: name for name, organisation in consortium.organisations.items()},
        accounts=accounts,
        bank_accounts={name: consortium.bank_account(name) for name in (*accounts, "supplier2")},
        beginning=_beginning(consortium, accounts, message_types, policy),
        message_types=message_types,
        event_decoder=msgspec.msgpack.Decoder(union),
        fields={message_type: _fields_of(message_type) for message_type in message_types},
    )


def commit(
    application: Application,
    finalized: FinalizedBlock,
    block: Block,
    chain_id: str,
    first_hash: bytes,
) -> None:
    """Commit a block under a header without signatures, chained to the one before.

    ``first_hash`` is the genesis hash: the first header names it.
    """
    head = application.store.head()
    previous = first_hash if head is None else header_hash(decode_head(head).header)
    signed = SignedHeader(
        Header(
            version=HEADER_VERSION,
            chain_id=chain_id,
            height=finalized.outcome.height,
            time_ms=finalized.outcome.time_ms,
            simulated=chain_id.startswith(TEST_CHAIN_PREFIX),
            previous_hash=previous,
            transactions_root=finalized.transactions_root,
            transaction_count=len(block.transactions),
            state_root=finalized.state_root,
            results_root=finalized.results_root,
            events_root=finalized.events_root,
            app_version=finalized.app_version,
            app_hash=finalized.app_hash,
        ),
        (),
    )
    stored = StoredBlock(signed, block.engine_time_ms, block.transactions)
    application.commit(finalized, encode_head(signed), encode_block(stored))


def _fields_of(message_type: type[Message]) -> tuple[inspect.Field, ...]:
    found = inspect.type_info(message_type)
    if not isinstance(found, inspect.StructType):
        raise TypeError(f"{message_type} is no message")
    return found.fields


def _beginning(
    consortium: Consortium,
    accounts: dict[str, bytes],
    message_types: Sequence[type[Message]],
    policy: dict[str, int],
) -> Beginning:
    """Return what the genesis file says, for the model."""
    deposit, bank = consortium.deposit, consortium["settle"].party
    issue = account_id(bank, deposit)
    balances = dict.fromkeys((accounts[name] for name in OPENED), OPENING_MINOR)
    return Beginning(
        chain_id=consortium.chain_id,
        time_ms=GENESIS_TIME_MS,
        deposit=deposit,
        issue_account=issue,
        bank=bank,
        balances_minor={**balances, issue: -OPENING_MINOR * len(OPENED)},
        owners={account: consortium[name].party for name, account in accounts.items()},
        mirrors={
            **{consortium.bank_account(name): account for name, account in accounts.items()},
            consortium.bank_account("supplier2"): b"",
        },
        holders={
            consortium.bank_account(name): consortium[name].party
            for name in (*accounts, "supplier2")
        },
        keys={
            key_id_of(key.suite, key.public_key): organisation.party
            for organisation in consortium.organisations.values()
            for key in organisation.keys.values()
        },
        members=tuple(consortium[name].party for name in MEMBERS),
        sponsors={consortium[name].party: consortium["bank"].party for name in SPONSORED},
        mandates=_mandates(consortium, message_types),
        policy=policy,
    )


def _mandates(
    consortium: Consortium, message_types: Sequence[type[Message]]
) -> dict[tuple[bytes, int], tuple[Rule, ...]]:
    """Return the mandates of genesis: finance sends everything, any key moves clocks."""
    found: dict[tuple[bytes, int], tuple[Rule, ...]] = {}
    for organisation in consortium.organisations.values():
        ids = {
            role: key_id_of(key.suite, key.public_key) for role, key in organisation.keys.items()
        }
        finance = Rule((ids["finance-1"], ids["finance-2"]), 1, CAP_MINOR, 0, 0)
        anybody = Rule(tuple(ids.values()), 1, 0, 0, 0)
        for message_type in message_types:
            is_clock = message_type in (AdvanceClock, ConfirmClock)
            number = type_no(message_type)
            found[organisation.party, number] = (finance, anybody) if is_clock else (finance,)
    return found
