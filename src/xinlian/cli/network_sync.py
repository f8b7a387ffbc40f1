"""``xinlian network sync``: on whose word a new node begins from a snapshot.

Rules this file keeps:
 1. Two members or more name the same block, or nothing is written: one alone could invent a chain.
 2. A node that has a chain is refused: it never begins again by itself.
 3. The last vote of a restored validator is raised above what two members have, never set back.
"""

from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from xinlian.cli.network_places import (
    SyncPlace,
    engine_home,
    read_part,
    read_place,
    write_place,
)
from xinlian.cli.options import DataOption, HomeOption, JsonOption
from xinlian.cli.output import CommandRefused, show
from xinlian.cli.upkeep import STORE_FILE
from xinlian.client.profile import load_genesis
from xinlian.engines.cometbft import (
    EngineUnreachable,
    newest_height,
    raise_last_vote,
    trusted_block,
)
from xinlian.storage import is_in_use

MEMBERS_MIN: Final = 2
SERVERS_MAX: Final = 16
PartOption = Annotated[
    list[Path] | None,
    typer.Option(help="成员的公开部分 / public part of a member's node", dir_okay=False),
]
ServerOption = Annotated[
    list[str] | None,
    typer.Option(help="或其区块头地址 主机:端口 / or HOST:PORT of its headers; repeat"),
]


def sync(
    home: HomeOption,
    data: DataOption,
    part: PartOption = None,
    server: ServerOption = None,
    expect: Annotated[
        str,
        typer.Option(help="由其他途径得知的区块哈希 / hash of the block, known by another way"),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Ask members for their newest common block, compare, and note it; then start the node."""
    place = read_place(data)
    if (data / STORE_FILE).exists():
        raise CommandRefused(
            "cli/has_a_chain",
            f"{data} holds a chain already",
            "start it: it asks the others for what it missed; or name an empty folder",
        )
    servers = _servers(part or [], server or [])
    _, genesis = load_genesis(home)
    try:
        trusted = trusted_block(servers, genesis.chain_id)
    except EngineUnreachable as problem:
        raise CommandRefused(
            "cometbft/no_common_block",
            str(problem),
            "ask the members named; do not begin while they name different blocks",
        ) from None
    if expect and expect.upper() != trusted.hash:
        raise CommandRefused(
            "cometbft/no_common_block",
            f"they name {trusted.hash} at height {trusted.height}, not {expect[:64]}",
            "find out by another way which block is the right one",
        )
    noted = SyncPlace(servers, trusted.height, trusted.hash)
    write_place(data, msgspec.structs.replace(place, sync=noted))
    show(
        {"trust_height": trusted.height, "trust_hash": trusted.hash, "servers": servers},
        as_json=as_json,
    )


def recover_vote(
    home: HomeOption,
    data: DataOption,
    part: PartOption = None,
    server: ServerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a restored validator vote again, above everything that it can have signed before."""
    if is_in_use(data):
        raise CommandRefused("storage/in_use", f"{data} is in use", "stop the node first")
    servers = _servers(part or [], server or [])
    _, genesis = load_genesis(home)
    try:
        newest = newest_height(servers, genesis.chain_id)
    except EngineUnreachable as problem:
        raise CommandRefused(
            "cometbft/no_common_block", str(problem), "name members whose nodes run"
        ) from None
    height = raise_last_vote(engine_home(data), newest)
    show({"newest_height": newest, "votes_above_height": height}, as_json=as_json)


def _servers(parts: list[Path], named: list[str]) -> tuple[str, ...]:
    """Return whom to ask; raises CommandRefused where they are fewer than two members."""
    told = [read_part(path).light_address for path in parts[:SERVERS_MAX]]
    servers = tuple(dict.fromkeys([*(address for address in told if address), *named]))
    if not MEMBERS_MIN <= len(servers) <= SERVERS_MAX:
        raise CommandRefused(
            "cli/too_few_members",
            f"{len(servers)} members can be asked for headers",
            f"name {MEMBERS_MIN} to {SERVERS_MAX} with --part (with a light_address) or --server",
        )
    return servers
