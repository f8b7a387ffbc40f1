"""``xinlian network``: make a network of validators, run it here, join one from another machine."""

import secrets
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from xinlian.bootstrap import check_genesis
from xinlian.cli.home import read_file, write_file
from xinlian.cli.network_doctor import doctor
from xinlian.cli.network_init import (
    Member,
    example_members,
    make_network,
    with_validators,
)
from xinlian.cli.network_keys import use_next_key, validator_proof
from xinlian.cli.network_places import (
    PLACE_FORMAT,
    NodePlace,
    PublicPart,
    engine_home,
    read_part,
    write_place,
)
from xinlian.cli.network_sync import recover_vote, sync
from xinlian.cli.network_up import run_network
from xinlian.cli.options import NODE_PORT, DataOption, HomeOption, JsonOption
from xinlian.cli.output import CommandRefused, show
from xinlian.client.keyring import read_public
from xinlian.client.profile import load_profile
from xinlian.engines.cometbft import Tuning, create_keys
from xinlian.ledger.genesis import genesis_hash
from xinlian.modules.members.uscc import is_valid_uscc

network_app = typer.Typer(no_args_is_help=True)
PARTS_MAX: Final = 64
_TOLERANT_VALIDATORS: Final = 4
"""With fewer, no validator may fail: f of 3f + 1."""
_DEFAULT: Final = Tuning()
_WIDE_COMMIT_MS: Final = 500
network_app.command("doctor", help="诊断网络停滞的原因 / why a network stands still")(doctor)
network_app.command("recover-vote", help="恢复验证节点的投票 / let a restored validator vote")(
    recover_vote
)
network_app.command(
    "validator-proof", help="提案所需的验证密钥证明 / what a proposal of a validator must hold"
)(validator_proof)
network_app.command("use-next-key", help="换用下一把验证密钥 / use a validator's next key")(
    use_next_key
)
network_app.command("sync", help="从快照起步 / begin a new node from a snapshot")(sync)

FolderArgument = Annotated[
    Path,
    typer.Argument(help="网络目录 / folder of the network", file_okay=False),
]
CommitOption = Annotated[
    int,
    typer.Option(help="出块等待毫秒数,全网一致 / how long a block waits for late votes, in ms"),
]
QuietOption = Annotated[
    int,
    typer.Option(help="空闲出块间隔秒数 / how long a quiet chain rests, in seconds"),
]


@network_app.command("init", help="在本机生成一个验证节点网络 / make a network on this machine")
def init(
    folder: FolderArgument,
    validators: Annotated[int, typer.Option(help="验证节点数 / number of validators")] = 4,
    member: Annotated[
        list[str] | None,
        typer.Option(
            "--member",
            help="成员:统一社会信用代码=名称,可重复 / CODE=NAME of a member; repeat",
        ),
    ] = None,
    simulated: Annotated[
        bool,
        typer.Option("--simulated", help="模拟时钟 / a simulated clock"),
    ] = False,
    commit_ms: CommitOption = _DEFAULT.commit_ms,
    quiet_seconds: QuietOption = _DEFAULT.quiet_seconds,
    as_json: JsonOption = False,
) -> None:
    """Write genesis, keys and settings; one folder per organisation."""
    members = [_member(text) for text in member] if member else example_members(validators)
    made = make_network(
        folder,
        members,
        validators,
        simulated=simulated,
        commit_ms=commit_ms,
        quiet_seconds=quiet_seconds,
    )
    result: dict[str, object] = {
        "chain_id": made.chain_id,
        "validators": made.validators,
        "homes": [str(home) for home in made.homes],
        "next_step": f"xinlian network up {folder}",
    }
    if validators < _TOLERANT_VALIDATORS:
        result["warning"] = (
            f"{validators} 个验证节点不能容忍任何一个停止或出错,至少要 {_TOLERANT_VALIDATORS} 个 / "
            f"{validators} validators tolerate no failure: one that stops or lies stops them all; "
            f"{_TOLERANT_VALIDATORS} tolerate one"
        )
    show(result, as_json=as_json)


@network_app.command("up", help="在本机运行整个网络 / run a whole network on this machine")
def up(
    folder: FolderArgument,
    stop_after: Annotated[
        int,
        typer.Option(help="运行秒数,0 为直到中断 / seconds to run; 0 until interrupted", min=0),
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Start every node and show how each is, until Ctrl-C."""
    run_network(folder, stop_after_seconds=stop_after, as_json=as_json)


@network_app.command("keys", help="生成共识密钥 / draw the keys of a validator's engine")
def keys(
    home: HomeOption,
    data: DataOption,
    address: Annotated[
        str,
        typer.Option(help="其他节点访问本节点的 主机:端口 / HOST:PORT by which others reach it"),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="公开部分写到 / where to write the public part"),
    ],
    role: Annotated[str, typer.Option(help="运营者密钥的角色 / role of the operator's key")] = (
        "operator"
    ),
    light_address: Annotated[
        str,
        typer.Option(help="供新节点查询区块头的 主机:端口 / HOST:PORT for new nodes"),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Keys that are there stay; what is written out may be sent to the others."""
    operator = [
        key.public_key for key in read_public(home / "keyring.json").keys if key.role == role
    ]
    if not operator:
        raise CommandRefused("client/no_such_role", f"the keyring has no key for {role}")
    drawn = create_keys(engine_home(data), secrets.token_bytes(32), secrets.token_bytes(32))
    part = PublicPart(
        name=load_profile(home).name if (home / "profile.json").exists() else home.name,
        operator=operator[0],
        public_key=drawn.consensus_key.hex(),
        node_id=drawn.node_id,
        address=address,
        light_address=light_address,
    )
    write_file(output, msgspec.json.format(msgspec.json.encode(part), indent=2))
    show(msgspec.to_builtins(part), as_json=as_json)


@network_app.command("genesis", help="把验证节点写入创世文件 / add validators to a genesis file")
def add_validators(
    genesis: Annotated[Path, typer.Argument(help="创世文件 / genesis file", dir_okay=False)],
    part: Annotated[
        list[Path],
        typer.Option(help="各方的公开部分 / public part of a validator; repeat", dir_okay=False),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="写到 / where to write it")],
    as_json: JsonOption = False,
) -> None:
    """Write the genesis file with which every node of the network begins."""
    if output.exists():
        raise CommandRefused("cli/file_exists", f"{output} exists", "choose another name")
    parts = [read_part(path) for path in part[:PARTS_MAX]]
    genesis_bytes = with_validators(read_file(genesis), parts)
    check_genesis(genesis_bytes)
    write_file(output, genesis_bytes)
    result: dict[str, object] = {
        "genesis_hash": genesis_hash(genesis_bytes).hex(),
        "validators": [entry.name for entry in parts],
    }
    show(result, as_json=as_json)


@network_app.command("join", help="设置本节点的网络位置 / tell a node where its network is")
def join(
    data: DataOption,
    listen: Annotated[str, typer.Option(help="监听 主机:端口 / HOST:PORT to listen on")],
    part: Annotated[
        list[Path],
        typer.Option(help="其他各方的公开部分 / public part of another node", dir_okay=False),
    ],
    api_port: Annotated[int, typer.Option(help="API 端口 / port of the API")] = NODE_PORT,
    commit_ms: CommitOption = _WIDE_COMMIT_MS,
    quiet_seconds: QuietOption = _DEFAULT.quiet_seconds,
    light_listen: Annotated[
        str,
        typer.Option(help="向新节点提供区块头的监听 主机:端口 / HOST:PORT to tell headers on"),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Write where the node listens and whom it speaks to; repeat it when a peer moves."""
    peers = tuple(f"{other.node_id}@{other.address}" for other in map(read_part, part[:PARTS_MAX]))
    place = NodePlace(
        format=PLACE_FORMAT,
        listen=listen,
        peers=peers,
        api_port=api_port,
        commit_ms=commit_ms,
        quiet_seconds=quiet_seconds,
        is_loopback=False,
        light_listen=light_listen,
    )
    write_place(data, place)
    show(msgspec.to_builtins(place), as_json=as_json)


def _member(text: str) -> Member:
    uscc, separator, name = text.partition("=")
    if not separator or not name or not is_valid_uscc(uscc):
        raise CommandRefused(
            "members/wrong_check_digit",
            f"{text!r} is not CODE=NAME with a valid unified social credit code",
        )
    return Member(uscc, name)
