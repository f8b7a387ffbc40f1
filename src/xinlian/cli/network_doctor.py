"""``xinlian network doctor``: why a network stands still, seen from one of its nodes.

It looks at the node's folder, its engine and, where it is told of them, at other members' headers;
it needs no key and changes nothing.  The node may run or not.

Rules this file keeps:
 1. Every finding has a stable name and says what to do next; exit 1 when there is one.
 2. What cannot be found out is no finding: an engine that does not answer is named by its log.
 3. It says what this node sees.  Of the others nothing is proven by it: ask them for theirs.
"""

import contextlib
import shutil
import socket
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from xinlian.cli.metrics import Condition
from xinlian.cli.network_places import NodePlace, engine_home, read_place
from xinlian.cli.network_questions import condition_of
from xinlian.cli.options import DataOption, HomeOption, JsonOption
from xinlian.cli.output import error_console, show
from xinlian.client.profile import load_genesis
from xinlian.engines.cometbft import EngineUnreachable
from xinlian.engines.cometbft.home import CONFIG_FILE
from xinlian.engines.cometbft.last_words import Cause, last_words
from xinlian.engines.cometbft.light import address_of_text, clock_ahead_seconds, ledger_headers
from xinlian.engines.cometbft.process import LOG_NAME
from xinlian.engines.cometbft.rounds import RoundState, round_state
from xinlian.engines.cometbft.rpc import EngineClient

FREE_BYTES_MIN: Final = 1 << 30
CLOCK_SECONDS_MAX: Final = 5.0
STILL_INTERVALS: Final = 3
"""A chain that made no block for so many idle intervals stands still."""
CONNECT_SECONDS: Final = 2.0


class Finding(msgspec.Struct, frozen=True):
    """Something that keeps a network from going on, or may."""

    name: str
    detail: str
    next_step: str


def doctor(
    home: HomeOption,
    data: DataOption,
    server: Annotated[
        list[str] | None,
        typer.Option(help="其他成员的区块头地址 / HOST:PORT of another's headers; repeat"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Name what keeps the network from going on; exit 1 when there is something."""
    load_genesis(home)  # a home without one is said to be none
    place = read_place(data)
    condition = condition_of(data)
    findings = [*_own(data, condition), *_engine(data, place, condition), *_peers(place)]
    findings += _others(server or [], condition)
    for finding in findings:
        error_console.print(
            f"{finding.name}: {finding.detail}\n  → {finding.next_step}", markup=False
        )
    left_out = () if condition is None else condition.left_out
    result: dict[str, object] = {
        "well": not findings,
        "running": condition is not None,
        "height": -1 if condition is None else condition.height,
        "waiting": 0 if condition is None else condition.waiting,
        "findings": msgspec.to_builtins(findings),
        "left_out": msgspec.to_builtins(left_out),
    }
    show(result, as_json=as_json)
    if findings:
        raise SystemExit(1)


def _own(data: Path, condition: Condition | None) -> Iterator[Finding]:
    """Yield what is wrong with this machine and this node's process."""
    free = shutil.disk_usage(data).free
    if free < FREE_BYTES_MIN:
        yield Finding(
            "network/disk_low",
            f"{free >> 20} MiB are free for {data}",
            "清理磁盘或裁剪 / make room, or `xinlian node prune`",
        )
    if condition is not None and condition.failure:
        yield Finding(
            "network/node_stopped",
            condition.failure,
            "先解决原因再重启 / mend what it names, then start the node again",
        )


def _engine(data: Path, place: NodePlace, condition: Condition | None) -> Iterator[Finding]:
    """Yield what is wrong with the engine, asked where it answers, else by its log."""
    client = EngineClient(_rpc_socket(engine_home(data)))
    try:
        state = round_state(client)
    except EngineUnreachable:
        yield from _silent(data, place, condition)
        return
    finally:
        client.close()
    yield from _rounds(state, place, condition)


def _silent(data: Path, place: NodePlace, condition: Condition | None) -> Iterator[Finding]:
    said = last_words(engine_home(data) / LOG_NAME)
    if condition is None:
        yield Finding(
            "network/not_running", "this node does not run", "启动节点 / `xinlian node start`"
        )
        with contextlib.suppress(OSError, ValueError):
            host, port = address_of_text(place.listen)
            if _answers(host if host != "0.0.0.0" else "127.0.0.1", port):  # noqa: S104 - compared
                yield Finding(
                    "network/port_taken",
                    f"another process listens on {place.listen}",
                    "释放端口 / end it, or name another port with `xinlian network join`",
                )
    if said.cause is not Cause.UNKNOWN:
        yield Finding(f"network/{said.cause}", said.words, said.advice)
    elif condition is not None:
        yield Finding("network/engine_silent", said.words or "it says nothing", said.advice)


def _rounds(state: RoundState, place: NodePlace, condition: Condition | None) -> Iterator[Finding]:
    """Yield why the validators do not agree on the next height."""
    if state.is_catching_up:
        yield Finding(
            "network/catching_up",
            f"it is at height {state.height - 1} and fetches what it missed",
            "等待 / wait",
        )
        return
    for name, seconds in state.clocks_ahead.items():
        if abs(seconds) > CLOCK_SECONDS_MAX:
            yield Finding(
                "network/clock_differs",
                f"the clock of validator {name} is {seconds:+.0f} s from the others'",
                "校准时钟 / let that operator synchronise its clock (NTP)",
            )
    wants_block = condition is not None and condition.waiting > 0
    limit = STILL_INTERVALS * place.quiet_seconds if not wants_block else STILL_INTERVALS
    still_seconds = time.time() - state.last_block_seconds
    if still_seconds < limit or 3 * state.voting_power > 2 * state.total_power:
        return
    missing = ", ".join(state.missing) or "—"
    yield Finding(
        "network/too_few_validators",
        f"height {state.height}, round {state.round}, {still_seconds:.0f} s since the last block: "
        f"{state.voting_power} of {state.total_power} power votes; silent: {missing}",
        "联系其运营者 / ask their operators; with a third silent nothing is lost, it goes on when "
        "they are back",
    )


def _peers(place: NodePlace) -> Iterator[Finding]:
    """Yield which peers cannot be reached from here."""
    for peer in place.peers:
        address = peer.partition("@")[2]
        try:
            host, port = address_of_text(address)
        except ValueError:
            continue
        if not _answers(host, port):
            yield Finding(
                "network/port_unreachable",
                f"nobody answers at {address}",
                "检查防火墙与对方节点 / look at the firewall, or ask whether that node runs",
            )


def _others(servers: list[str], condition: Condition | None) -> Iterator[Finding]:
    """Yield where others' headers and clocks differ from this node's."""
    for server in servers:
        ahead = clock_ahead_seconds(server)
        if ahead is not None and abs(ahead) > CLOCK_SECONDS_MAX:
            yield Finding(
                "network/clock_differs",
                f"the clock at {server} is {ahead:+.0f} s from this machine's",
                "校准时钟 / synchronise the one that is wrong (NTP)",
            )
    if condition is None or not servers:
        return
    for server in servers:
        for header in ledger_headers([server], condition.height):
            if header.app_hash.hex() != condition.app_hash:
                yield Finding(
                    "network/app_hash_mismatch",
                    f"{server} has another state at height {condition.height}",
                    "逐项比较 / `xinlian doctor DATA --genesis G --against OTHER` on copies",
                )


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=CONNECT_SECONDS):
            return True
    except OSError:
        return False


def _rpc_socket(home: Path) -> Path:
    """Return where the engine of a folder answers, as its configuration says."""
    try:
        config = tomllib.loads((home / CONFIG_FILE).read_text("utf-8"))
        return Path(str(config["rpc"]["laddr"]).removeprefix("unix://"))
    except (OSError, KeyError, TypeError, ValueError):
        return home / "rpc.sock"
