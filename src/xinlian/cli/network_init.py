"""Making a whole network on one machine: genesis, keys, places; for trying out and for tests.

Rules this file keeps:
 1. Nothing is overwritten: the folder must be new or empty.
 2. Each organisation's keys lie in its own folder, encrypted; the passphrase beside them makes
    plain that this network is for trying out.
"""

import secrets
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from xinlian.bootstrap import build_registry, check_genesis
from xinlian.cli.network_places import (
    PASSPHRASE_FILE,
    PLACE_FORMAT,
    NodePlace,
    PublicPart,
    engine_home,
    write_place,
)
from xinlian.cli.output import CommandRefused
from xinlian.client.files import write_private
from xinlian.client.genesis_plan import (
    GenesisPlan,
    PlannedOperator,
    PlannedParty,
    build_genesis,
)
from xinlian.client.keyring import PublicRoleKey, create_keys
from xinlian.client.profile import create_profile
from xinlian.contracts.message import type_name
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft import (
    EngineKeys,
    GenesisValidator,
    ValidatorsSection,
)
from xinlian.engines.cometbft import (
    create_keys as create_engine_keys,
)
from xinlian.engines.cometbft.network import SECTION
from xinlian.ledger.clock import CLOCK_LIVE, CLOCK_SIMULATED
from xinlian.ledger.genesis import encode_genesis, parse_genesis
from xinlian.modules.members.genesis import GenesisMandate
from xinlian.modules.members.uscc import check_character
from xinlian.primitives import AMOUNT_MINOR_MAX

ROLES: Final = ("finance-1", "finance-2", "operations", "operator")
OPERATOR_ROLE: Final = "operator"
SINGLE_SIGNATURE_MINOR: Final = 1_000_000_00
"""Above this, two finance keys must sign."""
PASSPHRASE_BYTES: Final = 16
MEMBERS_MAX: Final = 64
_LOOPBACK: Final = "127.0.0.1"
_CLOCK_MESSAGES: Final = "schedule."


class Member(NamedTuple):
    """An organisation of a new network."""

    uscc: str
    name: str


class NewNetwork(NamedTuple):
    """What was made."""

    chain_id: str
    homes: tuple[Path, ...]
    validators: int


def example_members(count: int) -> list[Member]:
    """Return made-up organisations: their codes are of area 99, which belongs to nobody."""
    bodies = [f"91990000MB{number:07d}" for number in range(1, count + 1)]
    return [
        Member(body + check_character(body), f"演示成员 {number}")
        for number, body in enumerate(bodies, 1)
    ]


def make_network(
    folder: Path,
    members: Sequence[Member],
    validators: int,
    *,
    simulated: bool,
    commit_ms: int,
    quiet_seconds: int,
) -> NewNetwork:
    """Write a network of which the first ``validators`` members run a node each.

    Raises:
        CommandRefused: the folder holds something, or there are too few members.
        GenesisInvalid: a member's code is not one.
    """
    if not 0 < validators <= len(members) <= MEMBERS_MAX:
        raise CommandRefused(
            "cli/wrong_members",
            f"{validators} validators of {len(members)} members",
            f"name as many members as validators, at most {MEMBERS_MAX}",
        )
    if folder.exists() and any(folder.iterdir()):
        raise CommandRefused("cli/file_exists", f"{folder} is not empty", "choose another folder")
    homes = [folder / f"{number:02}-{member.uscc[-6:]}" for number, member in enumerate(members, 1)]
    keyrings = [_draw_keyring(home) for home in homes]
    engine_keys = [
        create_engine_keys(
            engine_home(home / "node"), secrets.token_bytes(32), secrets.token_bytes(32)
        )
        for home in homes[:validators]
    ]
    chain_id = f"{'test-' if simulated else ''}network-{secrets.token_hex(3)}"
    plan = _plan(chain_id, members, keyrings, validators, simulated=simulated)
    operators = [keys[OPERATOR_ROLE] for keys in keyrings[:validators]]
    genesis_bytes = with_validators(
        build_genesis(plan),
        [
            PublicPart(
                member.name, key.public_key.hex(), engine.consensus_key.hex(), engine.node_id, ""
            )
            for member, key, engine in zip(members, operators, engine_keys, strict=False)
        ],
    )
    check_genesis(genesis_bytes)
    ports = free_ports(3 * validators)
    write_places(homes, engine_keys, ports, commit_ms=commit_ms, quiet_seconds=quiet_seconds)
    urls = tuple(f"http://{_LOOPBACK}:{port}" for port in ports[validators : 2 * validators])
    for number, (home, member) in enumerate(zip(homes, members, strict=True)):
        own = number % validators  # the member's own node first, or one of the others
        create_profile(home, genesis_bytes, member.uscc, member.name, (*urls[own:], *urls[:own]))
    return NewNetwork(chain_id, tuple(homes), validators)


def with_validators(genesis_bytes: bytes, parts: Sequence[PublicPart]) -> bytes:
    """Return a genesis file with validators added; a live chain begins at its genesis time."""
    genesis = parse_genesis(genesis_bytes)
    is_simulated = genesis.clock == CLOCK_SIMULATED
    section = ValidatorsSection(
        begins_at_ms=_now_ms() if is_simulated else genesis.genesis_time_ms,
        validators=tuple(
            GenesisValidator(part.operator, part.public_key, part.power) for part in parts
        ),
    )
    sections = {**genesis.sections, SECTION: msgspec.Raw(msgspec.json.encode(section))}
    return encode_genesis(msgspec.structs.replace(genesis, sections=sections))


def write_places(
    homes: Sequence[Path],
    engine_keys: Sequence[EngineKeys],
    ports: Sequence[int],
    *,
    commit_ms: int,
    quiet_seconds: int,
) -> None:
    """Write the file of each node on this machine.

    Args:
        homes: of the organisations; the first ones have a node.
        engine_keys: of those.
        ports: as many for engines, for the API and, where there are more, for headers.
        commit_ms: see ``Tuning``.
        quiet_seconds: see ``Tuning``.
    """
    count = len(engine_keys)
    peers = [
        f"{keys.node_id}@{_LOOPBACK}:{port}" for keys, port in zip(engine_keys, ports, strict=False)
    ]
    light = ports[2 * count :]
    for number, home in enumerate(homes[:count]):
        write_place(
            home / "node",
            NodePlace(
                format=PLACE_FORMAT,
                listen=f"{_LOOPBACK}:{ports[number]}",
                peers=tuple(peer for other, peer in enumerate(peers) if other != number),
                api_port=ports[count + number],
                commit_ms=commit_ms,
                quiet_seconds=quiet_seconds,
                is_loopback=True,
                light_listen=f"{_LOOPBACK}:{light[number]}" if number < len(light) else "",
            ),
        )


def free_ports(count: int) -> list[int]:
    """Return ports of this machine on which nobody listens now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for taken in sockets:
            taken.bind((_LOOPBACK, 0))
        return [int(taken.getsockname()[1]) for taken in sockets]
    finally:
        for taken in sockets:
            taken.close()


def _draw_keyring(home: Path) -> dict[str, SigningKey]:
    passphrase = secrets.token_hex(PASSPHRASE_BYTES)
    write_private(home / PASSPHRASE_FILE, passphrase.encode("ascii"))
    return create_keys(home / "keyring.json", ROLES, passphrase)


def _plan(
    chain_id: str,
    members: Sequence[Member],
    keyrings: Sequence[dict[str, SigningKey]],
    validators: int,
    *,
    simulated: bool,
) -> GenesisPlan:
    return GenesisPlan(
        chain_id=chain_id,
        clock=CLOCK_SIMULATED if simulated else CLOCK_LIVE,
        genesis_time_ms=_now_ms(),
        operators=tuple(
            PlannedOperator(member.uscc, OPERATOR_ROLE) for member in members[:validators]
        ),
        parties=tuple(
            PlannedParty(
                kind="member",
                uscc=member.uscc,
                name=member.name,
                keys=tuple(
                    PublicRoleKey(role, key.suite, key.public_key.hex())
                    for role, key in keyring.items()
                ),
                mandates=_mandates(),
            )
            for member, keyring in zip(members, keyrings, strict=True)
        ),
        accounts=(),
        lines=(),
    )


def _mandates() -> tuple[GenesisMandate, ...]:
    names = sorted(type_name(message) for message in build_registry().messages.values())
    ordinary = tuple(name for name in names if not name.startswith(_CLOCK_MESSAGES))
    clock = tuple(name for name in names if name.startswith(_CLOCK_MESSAGES))
    finance = ("finance-1", "finance-2")
    return (
        GenesisMandate(ordinary, finance, 1, str(SINGLE_SIGNATURE_MINOR)),
        GenesisMandate(ordinary, finance, 2, str(AMOUNT_MINOR_MAX)),
        GenesisMandate(clock, (OPERATOR_ROLE,), 1, "0"),
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
