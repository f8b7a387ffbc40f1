"""``xinlian node``: run a node, look at one, rebuild its read model; the rest is in ``upkeep``."""

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import httpx
import msgspec
import typer

from xinlian.api import ServerRefused, Tls, serve
from xinlian.bootstrap import (
    HISTORY_HEIGHTS_DEFAULT,
    Keeping,
    open_read_model,
    open_store,
    run_node,
)
from xinlian.cli.home import DEFAULT_NODE_URL
from xinlian.cli.logs import configure_logs
from xinlian.cli.metrics import watched
from xinlian.cli.network_places import engine_settings
from xinlian.cli.options import (
    NODE_PORT,
    DatabaseOption,
    DataOption,
    HomeOption,
    JsonOption,
    OptionalHomeOption,
)
from xinlian.cli.output import CommandRefused, error_console, show
from xinlian.cli.passphrase import ask_passphrase
from xinlian.cli.upkeep import STORE_FILE, compact_file, prune_bodies, restore, snapshot
from xinlian.client.keyring import open_keyring
from xinlian.client.profile import load_genesis, load_profile
from xinlian.client.wire import ReadyAnswer
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.collector import settle_collector
from xinlian.engines.cometbft import EngineSettings, JoiningFailed, LastVoteUnknown, validators_of
from xinlian.engines.cometbft.stand import ANCHOR_HEIGHTS
from xinlian.readmodels import ReadModelBroken

node_app = typer.Typer(no_args_is_help=True)
NETWORK_BODIES_MIN: Final = 10 * ANCHOR_HEIGHTS
SNAPSHOTS_EVERY_DEFAULT: Final = 10 * ANCHOR_HEIGHTS
SnapshotsOption = Annotated[
    int,
    typer.Option(
        min=0,
        help="每隔多少高度为新节点留快照,0 为不留 / heights between snapshots; 0: none",
    ),
]
MetricsOption = Annotated[
    str,
    typer.Option(help="供 Prometheus 抓取的 主机:端口 / loopback HOST:PORT for Prometheus"),
]
node_app.command("snapshot", help="导出状态快照 / write a snapshot, also while it runs")(snapshot)
node_app.command("restore", help="从快照恢复 / begin a node's folder from a snapshot")(restore)
node_app.command("prune", help="裁剪旧区块正文 / forget the bodies of old heights")(prune_bodies)
node_app.command("compact", help="压缩数据文件 / make a stopped node's file small")(compact_file)


@node_app.command("start", help="启动节点 / run a node until interrupted")
def start(
    home: HomeOption,
    data: DataOption,
    role: Annotated[str, typer.Option(help="运营者密钥的角色 / role of the operator's key")] = (
        "operator"
    ),
    host: Annotated[str, typer.Option(help="监听地址 / address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口 / port")] = NODE_PORT,
    database: DatabaseOption = "",
    certificate: Annotated[
        Path | None,
        typer.Option(help="TLS 证书 / certificate chain, PEM; needed beyond loopback"),
    ] = None,
    certificate_key: Annotated[
        Path | None,
        typer.Option(help="TLS 私钥 / its private key, PEM"),
    ] = None,
    authority: Annotated[
        list[str] | None,
        typer.Option(help="客户端所用的主机名 / host name by which clients know it; repeatable"),
    ] = None,
    history: Annotated[
        int,
        typer.Option(min=0, help="可证明的历史高度数 / heights below the head that can be proven"),
    ] = HISTORY_HEIGHTS_DEFAULT,
    keep_bodies: Annotated[
        int,
        typer.Option(min=0, help="保留正文的高度数,0 为全部 / heights with bodies; 0: all"),
    ] = 0,
    snapshots_every: SnapshotsOption = SNAPSHOTS_EVERY_DEFAULT,
    metrics: MetricsOption = "",
    as_json: JsonOption = False,
) -> None:
    """Open the folder, catch up, serve; refusals to start are JSON with --json."""
    del as_json
    configure_logs()
    signal.signal(signal.SIGTERM, _interrupt)
    tls = _tls(certificate, certificate_key)
    genesis_bytes, genesis = load_genesis(home)
    keeping = Keeping(history, keep_bodies, snapshots_every)
    settings = None if validators_of(genesis) is None else _network_settings(data, keeping)
    key = _operator_key(home, role)
    with (
        _refusals(),
        run_node(
            data,
            genesis_bytes,
            key,
            database=database,
            public_authorities=authority or (),
            settings=settings,
            keeping=keeping,
        ) as running,
        watched(running, data, metrics),
    ):
        error_console.print(
            f"{genesis.chain_id} · 时钟 clock {genesis.clock} · "
            f"高度 height {running.engine.height()} · "
            f"正在启动 starting {host} port {port} · Ctrl-C 结束 ends it",
        )
        settle_collector()
        with contextlib.suppress(KeyboardInterrupt):
            serve(running.app, host=host, port=port, tls=tls)


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """Tell what keeps a node from running by its name."""
    try:
        yield
    except ServerRefused as error:
        raise CommandRefused("api/server_refused", str(error)) from None
    except ReadModelBroken as error:
        raise CommandRefused("readmodels/broken", str(error)) from None
    except ValueError as error:  # an address that is none, or not of this machine
        raise CommandRefused("cli/wrong_address", str(error), "look at --metrics") from None
    except LastVoteUnknown as error:
        raise CommandRefused("cometbft/last_vote_unknown", str(error)) from None
    except JoiningFailed as error:
        raise CommandRefused("cometbft/joining_failed", str(error)) from None


@node_app.command("status", help="查看节点状态 / ask a node how it is; needs no key")
def status(
    url: Annotated[str, typer.Option(help="节点地址 / address of the node")] = "",
    home: OptionalHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print readiness and heights; exit 1 when the node is not ready."""
    if not url:
        url = load_profile(home).node_urls[0] if home is not None else DEFAULT_NODE_URL
    try:
        response = httpx.get(f"{url.rstrip('/')}/v1/health/ready", timeout=10, trust_env=False)
        answer = msgspec.json.decode(response.content, type=ReadyAnswer)
    except (httpx.HTTPError, msgspec.DecodeError, httpx.InvalidURL) as error:
        raise CommandRefused(
            "client/node_unreachable",
            f"{url}: {type(error).__name__}",
            "start it with `xinlian node start`, or name another with --url",
        ) from None
    show(msgspec.to_builtins(answer), as_json=as_json)
    if not answer.ready:
        raise SystemExit(1)


@node_app.command("rebuild", help="重建读模型 / rebuild the read model of a stopped node")
def rebuild(
    home: HomeOption,
    data: DataOption,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Project every block again from the first."""
    genesis_bytes, _ = load_genesis(home)
    store = open_store(data)
    try:
        read_model = open_read_model(data, genesis_bytes, database)
        try:
            height = read_model.rebuild(store)
        finally:
            read_model.close()
    except ReadModelBroken as error:
        raise CommandRefused("readmodels/broken", str(error)) from None
    finally:
        store.close()
    show({"rebuilt_to_height": height}, as_json=as_json)


def _tls(certificate: Path | None, key: Path | None) -> Tls | None:
    if (certificate is None) != (key is None):
        raise CommandRefused("cli/tls_incomplete", "give --certificate and --certificate-key both")
    return None if certificate is None else Tls(certificate, key or certificate)


def _network_settings(data: Path, keeping: Keeping) -> EngineSettings:
    """Return how the engine runs; refuse to keep what a node of a network cannot do with."""
    settings = engine_settings(data)
    if 0 < keeping.bodies < NETWORK_BODIES_MIN:
        raise CommandRefused(
            "cli/too_few_bodies",
            f"a validator needs the bodies of {NETWORK_BODIES_MIN} heights to start again",
            f"keep {NETWORK_BODIES_MIN} or more with --keep-bodies, or 0 for all",
        )
    if keeping.snapshots_every % ANCHOR_HEIGHTS:
        raise CommandRefused(
            "cli/wrong_snapshot_height",
            f"snapshots are of heights that are a multiple of {ANCHOR_HEIGHTS}",
            f"give such a number with --snapshots-every, or 0; not {keeping.snapshots_every}",
        )
    if settings.sync is not None and not (data / STORE_FILE).exists():
        error_console.print("正在从其他成员的快照起步 beginning from the others' snapshot …")
    return settings


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Stop on SIGTERM as on Ctrl-C: the last block is finished, then the store is released."""
    raise KeyboardInterrupt


def _operator_key(home: Path, role: str) -> SigningKey:
    keys = open_keyring(home / "keyring.json", ask_passphrase())
    if role not in keys:
        raise CommandRefused(
            "client/no_such_role",
            f"the keyring has no key for {role}",
            "name the operator's role with --role",
        )
    return keys[role]
