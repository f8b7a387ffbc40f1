"""Where the nodes of a network live: the file of one node, and the folder of a local network.

::

    DATA/node.json        of one node: where it listens, its peers, the network's tuning
    DATA/engine/          the engine's own folder, with its keys

    NETWORK/NAME/         home of one organisation: profile, genesis file, keyring, documents
    NETWORK/NAME/node/    the data of its node
    NETWORK/NAME/passphrase   of the keyring; only in a network that was made for trying out

Rules this file keeps:
 1. What an organisation keeps secret lies in its own folder alone.
"""

from pathlib import Path
from typing import Final

import msgspec

from xinlian.cli.home import read_file
from xinlian.cli.output import CommandRefused
from xinlian.client.files import write_private
from xinlian.engines.cometbft import (
    EngineSettings,
    SyncFrom,
    TrustedBlock,
    Tuning,
    find_program,
)
from xinlian.primitives.misfits import misfit_words

PLACE_FORMAT: Final = "xinlian-node-1"
PLACE_BYTES_MAX: Final = 64 << 10
PART_BYTES_MAX: Final = 16 << 10
PASSPHRASE_FILE: Final = "passphrase"  # noqa: S105 - the name of a file


class SyncPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a new node asks, and the block on which they agreed."""

    servers: tuple[str, ...]
    """``host:port`` of members' light servers, two or more."""
    trust_height: int
    trust_hash: str


class NodePlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a node of a network listens, and whom it speaks to."""

    format: str
    listen: str
    """``host:port`` for the engines of other nodes."""
    peers: tuple[str, ...]
    """``id@host:port`` of the other nodes."""
    api_port: int
    commit_ms: int
    quiet_seconds: int
    is_loopback: bool
    light_listen: str = ""
    """``host:port`` where headers are told to whoever asks; empty for nowhere."""
    sync: SyncPlace | None = None
    """From where a node begins that has no chain yet; None for the first block."""


class PublicPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an organisation tells the others of its node; nothing in it is secret."""

    name: str
    operator: str
    """The operator's public key, hexadecimal."""
    public_key: str
    """The key of its votes, hexadecimal."""
    node_id: str
    address: str
    """``host:port`` by which the others reach its engine."""
    power: int = 10
    light_address: str = ""
    """``host:port`` by which new nodes ask it for headers; empty where it answers nobody."""


def engine_home(data: Path) -> Path:
    """Return the engine's folder in a node's data folder."""
    return data / "engine"


def write_place(data: Path, place: NodePlace) -> None:
    """Write the file of a node."""
    content = msgspec.json.format(msgspec.json.encode(place), indent=2)
    write_private(data / "node.json", content)


def read_place(data: Path) -> NodePlace:
    """Return the file of a node; raises CommandRefused with what to do."""
    path = data / "node.json"
    try:
        with path.open("rb") as stream:
            place = msgspec.json.decode(stream.read(PLACE_BYTES_MAX), type=NodePlace)
    except FileNotFoundError:
        raise CommandRefused(
            "cli/no_network",
            f"{path} is missing, and this chain is of a network of validators",
            "make it with `xinlian network join`, or a whole network with `xinlian network init`",
        ) from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CommandRefused(
            "cli/no_network", f"{path} is not a node's file: {misfit_words(error)}"
        ) from None
    if place.format != PLACE_FORMAT:
        raise CommandRefused("cli/no_network", f"{path} has a format that is not known here")
    return place


def read_part(path: Path) -> PublicPart:
    """Return the public part of another's node; raises CommandRefused."""
    try:
        return msgspec.json.decode(read_file(path)[:PART_BYTES_MAX], type=PublicPart)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CommandRefused(
            "cli/not_a_part",
            f"{path} is not the public part of a validator: {misfit_words(error)}",
            "it is written by `xinlian network keys`",
        ) from None


def engine_settings(data: Path) -> EngineSettings:
    """Return how the engine of a node runs; raises CommandRefused or EngineMissing."""
    place = read_place(data)
    return EngineSettings(
        program=find_program(),
        home=engine_home(data),
        listen=place.listen,
        peers=place.peers,
        tuning=Tuning(
            commit_ms=place.commit_ms,
            quiet_seconds=place.quiet_seconds,
            is_loopback=place.is_loopback,
        ),
        light_listen=place.light_listen,
        sync=None if place.sync is None else _sync_from(place.sync),
    )


def _sync_from(sync: SyncPlace) -> SyncFrom:
    return SyncFrom(sync.servers, TrustedBlock(sync.trust_height, sync.trust_hash))


def homes_of(network: Path) -> list[Path]:
    """Return the homes of a local network, by name; raises CommandRefused when there is none."""
    homes = sorted(path.parent.parent for path in network.glob("*/node/node.json"))
    if not homes:
        raise CommandRefused(
            "cli/no_network",
            f"{network} holds no network",
            "make one with `xinlian network init`",
        )
    return homes
