"""``xinlian verify``: a file against a genesis file or a checkpoint, with no node and no network.

Rules this file keeps:
 1. The verifier proves; this file reads what was proven and says it in words, in both languages.
 2. What the result rests on is said with it, always.
"""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from xinlian.cli.home import read_file
from xinlian.cli.options import JsonOption
from xinlian.cli.output import CommandRefused, show
from xinlian.cli.plain_words import Reader
from xinlian.client.time_stamps import TimeStampRefused, judge
from xinlian.primitives.time import iso_of_ms
from xinlian.verifier import (
    CheckTimeStamp,
    Equivocation,
    Live,
    Report,
    TrustRoot,
    VerificationFailed,
    root_of_genesis,
    verify_checkpoint,
    verify_file,
)
from xinlian.verifier.report import ProvenHeader

_NEXT_STEP = "ask the sender for an unchanged file"
_NEXT_STEPS = {
    "clock": "add --allow-simulated if you know that this is a rehearsal"
    " / 如确知这是演练, 请加 --allow-simulated",
    "genesis": "name the genesis file of the chain with --genesis"
    " / 请用 --genesis 指定该链的创世文件",
    "checkpoint": "keep both files: `xinlian head compare` shows whether they are of two histories"
    " / 请保留两个文件: `xinlian head compare` 可查明是否属于两段历史",
    "live": "a running program keeps a checkpoint and renews it: `xinlian head save --receipt`"
    " / 运行中的程序应保存检查点并定期更新: `xinlian head save --receipt`",
    "time stamp": "name the authority's own certificates with --tsa-certificate"
    " / 请用 --tsa-certificate 指定时间戳机构自己的证书",
}


def verify(
    file: Annotated[
        Path,
        typer.Argument(help="回执等文件 / receipt, checkpoint or proof", dir_okay=False),
    ],
    genesis: Annotated[
        Path | None,
        typer.Option(help="创世文件 / genesis file", dir_okay=False),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="早先保存的检查点,代替创世文件 / in place of a genesis file"),
    ] = None,
    tsa_certificate: Annotated[
        Path | None,
        typer.Option(help="时间戳机构证书,PEM / certificates of the time-stamp authority"),
    ] = None,
    allow_simulated: Annotated[
        bool,
        typer.Option("--allow-simulated", help="允许模拟时钟的链 / accept a rehearsal's clock"),
    ] = False,
    live: Annotated[
        bool,
        typer.Option("--live", help="只信近期的投票(仅网络)/ believe recent votes only"),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what a file proves and what that rests on, or at which step it fails."""
    if (genesis is None) == (checkpoint is None):
        raise CommandRefused(
            "cli/one_root",
            "须且只须给出一个信任根 / give --genesis or --checkpoint",
            "the genesis file comes from the consortium, not from who sent the receipt",
        )
    content = read_file(file)
    try:
        root = _root_of(genesis, checkpoint, allow_simulated=allow_simulated)
        found = verify_file(
            content,
            root,
            allow_simulated=allow_simulated,
            check_time_stamp=_judge_of(tsa_certificate),
            live=Live(time.time_ns() // 1_000_000) if live else None,
        )
    except VerificationFailed as failure:
        raise CommandRefused(
            "verifier/refused",
            f"不通过:{failure}",
            _NEXT_STEPS.get(failure.step, _NEXT_STEP),
        ) from None
    if isinstance(found, Equivocation):
        _show_equivocation(found, as_json=as_json)
        return
    _show_report(found, root, as_json=as_json)


def _root_of(genesis: Path | None, checkpoint: Path | None, *, allow_simulated: bool) -> TrustRoot:
    if genesis is not None:
        return root_of_genesis(read_file(genesis))
    content = read_file(checkpoint or Path())
    return verify_checkpoint(content, allow_simulated=allow_simulated)[0]


def _judge_of(certificates: Path | None) -> CheckTimeStamp | None:
    if certificates is None:
        return None
    try:
        return judge(read_file(certificates))
    except TimeStampRefused as error:
        raise CommandRefused(error.reference, str(error)) from None


def _show_report(report: Report, root: TrustRoot, *, as_json: bool) -> None:
    said = [Reader(root).words(entry) for entry in report.entries]
    if as_json:
        result: dict[str, object] = {
            "verified": True,
            "effect": _effect(report),
            "time": iso_of_ms(report.time_ms),
            "words": [{"english": words.english, "chinese": words.chinese} for words in said],
            **asdict(report),
        }
        show(result, as_json=True)
        return
    shown: dict[str, object] = {"结论 verified": True, "链 chain": report.chain_id}
    if report.is_simulated:
        shown["演练 rehearsal"] = "模拟时钟,非真实业务 / a simulated clock: nothing in earnest"
    if report.transaction_id:
        shown |= {"交易 transaction": report.transaction_id, "结果 effect": _effect(report)}
    if report.expired_transaction_id:
        shown |= {
            "已失效交易 expired": report.expired_transaction_id,
            "结果 effect": "从未入块,亦永不会入块 / never ordered, and never will be",
        }
    for number, words in enumerate(said, 1):
        shown |= {f"记载 {number}": words.chinese, f"record {number}": words.english}
    for header in report.headers:
        shown[f"高度 height {header.height}"] = _header_words(header)
    shown |= {"依据": report.assumption_zh, "rests on": report.assumption}
    show(shown, as_json=False)


def _effect(report: Report) -> str:
    if not report.transaction_id:
        return ""
    if report.code:
        return f"被拒绝 refused: {report.codespace}/{report.code}"
    return "已生效 applied"


def _header_words(header: ProvenHeader) -> str:
    signers = ", ".join(f"{signer.name}@{signer.height}" for signer in header.countersigners)
    stamps = ", ".join(
        f"{stamp.authority}@{stamp.height} {iso_of_ms(stamp.time_ms)}"
        if stamp.is_checked
        else f"@{stamp.height} 未核验 unchecked"
        for stamp in header.time_stamps
    )
    return "; ".join(
        (
            f"{iso_of_ms(header.time_ms)} {header.hash}",
            f"副署 countersigned: {signers or '—'}",
            f"时间戳 stamped: {stamps or '—'}",
        ),
    )


def _show_equivocation(found: Equivocation, *, as_json: bool) -> None:
    if as_json:
        show({"verified": True, "equivocation": True, **asdict(found)}, as_json=True)
        return
    result: dict[str, object] = {
        "结论": found.statement_zh,
        "proven": found.statement,
        "链 chain": found.chain_id,
        "区块头 headers": " ≠ ".join(found.hashes),
        "运营者 operators": ", ".join(sorted({key for keys in found.operators for key in keys})),
    }
    show(result, as_json=False)
