"""``xinlian head``: save, countersign, compare and anchor the heads of a chain.

Rules this file keeps:
 1. A contradiction of the operator's is written to a file before anything else is said of it.
 2. What a node gives is verified against the home's genesis file before it is written.
"""

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from xinlian.cli.home import read_file, write_file
from xinlian.cli.options import HomeOption, JsonOption
from xinlian.cli.output import CommandRefused, error_console, show
from xinlian.cli.session import opened
from xinlian.client.attaching import attach, head_of_checkpoint, signed_headers, stamped
from xinlian.client.countersigning import Countersigned, CountersignLog, countersign
from xinlian.client.heads import (
    ForkFound,
    HeadRefused,
    check_signed,
    checkpoint_file,
    checkpoint_of_receipt,
    contradiction,
    signed_header_of,
)
from xinlian.client.http import ApiError, NodeUnreachable
from xinlian.client.profile import load_genesis
from xinlian.client.session import Session
from xinlian.client.time_stamps import TimeStampRefused, ask_authority, build_request, check_token
from xinlian.crypto.codec import decode
from xinlian.crypto.ed25519 import SigningKey
from xinlian.crypto.hashing import Domain, tagged_hash
from xinlian.ledger.header import SignedHeader, header_hash
from xinlian.verifier import (
    Report,
    TrustRoot,
    VerificationFailed,
    root_of_genesis,
    verify_checkpoint,
    verify_file,
)

head_app = typer.Typer(no_args_is_help=True)
LOG_NAME: Final = "countersigned.json"
INTERVAL_SECONDS: Final = 2.0
EXIT_NOT_COMPARED: Final = 4
"""The two files show no common height: nothing was found out."""

OutputOption = Annotated[Path, typer.Option("--output", "-o", help="写到 / where to write it")]
ProofOption = Annotated[
    Path | None,
    typer.Option(help="若发现分叉,证据写到 / where proof of two histories is written"),
]


@head_app.command("save", help="保存已签名的区块头作检查点 / save a signed head as a checkpoint")
def save(
    output: OutputOption,
    home: HomeOption,
    height: Annotated[
        int | None,
        typer.Option(help="高度,默认最新 / height; the last one by default", min=0),
    ] = None,
    receipt: Annotated[
        Path | None,
        typer.Option(help="网络:取自此回执 / of a network: take it from a receipt", dir_okay=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a head with its signatures and the keys that the genesis file names.

    Whoever trusts this file needs no genesis file to verify receipts, and it holds no account.  On
    a network it is taken from a receipt, with the validators that committed it.
    """
    if receipt is not None:
        root = _genesis_root(home)
        content = _checkpoint_of(receipt, root)
    else:
        root = _root(home)
        with opened(home) as session:
            content = checkpoint_file(root, decode(session.node.attested_header(height)))
    _, report = _verified_checkpoint(content, root)
    write_file(output, content)
    header = report.headers[0]
    result: dict[str, object] = {
        "written": str(output),
        "height": header.height,
        "hash": header.hash,
    }
    if receipt is None:
        result["countersigners"] = [signer.name for signer in header.countersigners]
    else:
        result["validators"] = list(header.validators)
    show(result, as_json=as_json)


@head_app.command("countersign", help="副署节点的最新区块头 / countersign the node's head")
def countersign_head(
    home: HomeOption,
    sign: Annotated[str, typer.Option("--sign", help="签名角色 / role that signs")],
    watch: Annotated[
        bool,
        typer.Option("--watch", help="持续副署,直至中断 / go on until interrupted"),
    ] = False,
    interval_seconds: Annotated[
        float,
        typer.Option("--interval", help="间隔秒数 / seconds between two looks", min=0.1, max=3_600),
    ] = INTERVAL_SECONDS,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="首次从此检查点起 / begin from this checkpoint, not from genesis"),
    ] = None,
    proof: ProofOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign the head if it extends the last one that was countersigned from this home.

    With --watch each new head is told on standard error.

    Never two heads of one height, never a shorter chain. If the operator showed two histories, the
    proof is written to a file that anybody can verify.
    """
    root = _root(home)
    log = CountersignLog(home / LOG_NAME, root)
    start = None if checkpoint is None else _start(read_file(checkpoint), root)
    with opened(home) as session:
        key = session.organisation.keys.get(sign)
        if key is None:
            raise CommandRefused("client/no_such_role", f"the keyring has no key for {sign}")
        try:
            if not watch:
                found = countersign(session.node, key, root, log, start)
                _show_countersigned(found, as_json=as_json)
                return
            with contextlib.suppress(KeyboardInterrupt):
                while True:
                    _countersign_again(session, key, root, log, start)
                    _pause(interval_seconds)
        except ForkFound as fork:
            raise _fork_told(fork, proof or home) from None


@head_app.command("compare", help="比对两个区块头,发现分叉 / find out whether two heads contradict")
def compare(
    one: Annotated[Path, typer.Argument(help="检查点或回执 / checkpoint or receipt")],
    home: HomeOption,
    other: Annotated[
        Path | None,
        typer.Argument(help="另一个;缺省为节点 / another one; the node without it"),
    ] = None,
    proof: ProofOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare the signed headers of two files, or of a file and the node.

    Two headers of one height, or one that does not follow the other, prove that the operator showed
    two histories: the proof is written to a file that anybody can verify.
    """
    root = _root(home)
    ours = _signed_headers(one, root)
    if other is not None:
        theirs = _signed_headers(other, root)
    else:
        with opened(home) as session:
            theirs = [_node_header(session, signed, root) for signed in ours]
    for first in ours:
        for second in theirs:
            file = contradiction(first, second, root)
            if file is not None:
                raise _fork_told(ForkFound(first, second, file), proof or home)
    hashes = {header_hash(signed.header) for signed in ours}
    same = sorted(signed.header.height for signed in theirs if header_hash(signed.header) in hashes)
    result: dict[str, object] = {
        "contradiction": False,
        "same_heights": same,
        "compared": bool(same),
    }
    show(result, as_json=as_json)
    if not same:
        error_console.print(
            "未比对:高度不同,请在同一高度保存两者 / not compared: save both at one height "
            "(xinlian head save --height)"
        )
        raise typer.Exit(EXIT_NOT_COMPARED)


@head_app.command("anchor", help="为检查点加盖可信时间戳 / time-stamp a saved head (RFC 3161)")
def anchor(
    checkpoint: Annotated[Path, typer.Argument(help="检查点 / checkpoint", dir_okay=False)],
    output: OutputOption,
    home: HomeOption,
    tsa: Annotated[str, typer.Option(help="时间戳机构地址 / address of the authority")] = "",
    tsa_file: Annotated[
        Path | None,
        typer.Option(help="已取得的时间戳响应 / a response got by other means", dir_okay=False),
    ] = None,
    query: Annotated[
        Path | None,
        typer.Option(help="只写出请求 / only write the request, to be sent by other means"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Put an authority's time stamp into a checkpoint.

    With --query the request is written to a file; its response is brought back with --tsa-file.
    """
    if sum((bool(tsa), tsa_file is not None, query is not None)) != 1:
        raise CommandRefused("cli/one_source", "give one of --tsa, --tsa-file and --query")
    content = read_file(checkpoint)
    _verified_checkpoint(content, _root(home))
    height, header = head_of_checkpoint(content)
    try:
        if query is not None:
            request, _ = build_request(header)
            write_file(query, request)
            show({"written": str(query), "height": height}, as_json=as_json)
            return
        if tsa_file is not None:
            token = read_file(tsa_file)
            check_token(token, tagged_hash(Domain.HEADER, header))
        else:
            token = ask_authority(tsa, header)
    except TimeStampRefused as error:
        raise CommandRefused(error.reference, str(error)) from None
    write_file(output, stamped(content, token))
    result: dict[str, object] = {
        "written": str(output),
        "height": height,
        "token_bytes": len(token),
    }
    show(result, as_json=as_json)


@head_app.command("attach", help="把副署与时间戳补入回执 / put them into a receipt")
def attach_to_receipt(
    receipt: Annotated[Path, typer.Argument(help="回执 / receipt", dir_okay=False)],
    output: OutputOption,
    home: HomeOption,
    anchors: Annotated[
        list[Path] | None,
        typer.Option("--anchor", help="检查点,可重复 / checkpoint; repeat for several"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Strengthen a receipt with what came after it: countersigned heads and time stamps."""
    root = _root(home)
    contents = [read_file(path) for path in anchors or ()]
    with opened(home) as session:
        content = attach(read_file(receipt), contents, session.node)
    try:
        report = verify_file(content, root, allow_simulated=True)
    except VerificationFailed as failure:
        raise CommandRefused("verifier/refused", f"不通过:{failure}") from None
    write_file(output, content)
    result: dict[str, object] = {
        "written": str(output),
        "bytes": len(content),
        "rests_on": getattr(report, "assumption_zh", ""),
    }
    show(result, as_json=as_json)


def _checkpoint_of(receipt: Path, root: TrustRoot) -> bytes:
    """Return the checkpoint that a network's receipt holds; raises CommandRefused."""
    try:
        return checkpoint_of_receipt(read_file(receipt), root)
    except HeadRefused as error:
        raise CommandRefused(error.reference, str(error)) from None
    except VerificationFailed as failure:
        raise CommandRefused("verifier/refused", f"不通过:{failure}") from None


def _genesis_root(home: Path) -> TrustRoot:
    genesis_bytes, _ = load_genesis(home)
    return root_of_genesis(genesis_bytes)


def _root(home: Path) -> TrustRoot:
    """Return the home's root of trust; refuses a network, whose heads no operator signs."""
    root = _genesis_root(home)
    if root.validators:
        raise CommandRefused(
            "client/no_heads_on_a_network",
            "副署仅适用于嵌入式引擎;网络的回执由验证节点的投票证明 / countersigned heads are "
            "of the embedded engine; on a network receipts are proven by the validators' votes",
            "检查点取自回执 / a checkpoint is taken from a receipt: "
            "`xinlian head save --receipt FILE -o CHECKPOINT`",
        )
    return root


def _countersign_again(
    session: Session,
    key: SigningKey,
    root: TrustRoot,
    log: CountersignLog,
    start: SignedHeader | None,
) -> None:
    """Countersign a new head and say so; a node that is away or busy is asked again later."""
    try:
        found = countersign(session.node, key, root, log, start)
    except NodeUnreachable as error:
        error_console.print(f"节点无应答 / no answer: {error}")
    except ApiError as error:
        if not error.transient:
            raise
        error_console.print(f"节点繁忙 / busy: {error.reference}")
    else:
        if found.is_new:
            error_console.print(f"已副署 countersigned {found.height} {found.hash.hex()}")


def _pause(seconds: float) -> None:
    """Wait until the next look."""
    time.sleep(seconds)


def _verified_checkpoint(content: bytes, root: TrustRoot) -> tuple[TrustRoot, Report]:
    try:
        return verify_checkpoint(content, root, allow_simulated=True)
    except VerificationFailed as failure:
        raise CommandRefused(
            "verifier/refused",
            f"不通过:{failure}",
            "ask the operator; keep the file: it may show a second history",
        ) from None


def _start(content: bytes, root: TrustRoot) -> SignedHeader:
    """Return the head from which an empty log begins."""
    _verified_checkpoint(content, root)
    return signed_headers(content)[0]


def _signed_headers(path: Path, root: TrustRoot) -> Sequence[SignedHeader]:
    try:
        found = signed_headers(read_file(path))
    except HeadRefused as error:
        raise CommandRefused(
            error.reference,
            f"{path}: {error}",
            "请给出检查点或嵌入式引擎的回执 / give a checkpoint (`xinlian head save`) "
            "or a receipt of the embedded engine",
        ) from None
    for signed in found:
        check_signed(signed, root)
    return found


def _node_header(session: Session, signed: SignedHeader, root: TrustRoot) -> SignedHeader:
    found = signed_header_of(session.node.header(signed.header.height))
    check_signed(found, root)
    return found


def _fork_told(fork: ForkFound, where: Path) -> CommandRefused:
    """Write the proof of a fork and return what is said of it."""
    name = f"equivocation-{header_hash(fork.other.header).hex()[:12]}.proof"
    path = where / name if where.is_dir() else where
    write_file(path, fork.proof)
    return CommandRefused(
        fork.reference,
        f"运营者签署了两套历史,证据已写入 {path};{fork}",
        "xinlian verify shows the proof to anybody; give it to every member",
    )


def _show_countersigned(found: Countersigned, *, as_json: bool) -> None:
    result: dict[str, object] = {
        "height": found.height,
        "hash": found.hash.hex(),
        "new": found.is_new,
    }
    show(result, as_json=as_json)
