"""``xinlian verify``: a receipt file against a genesis file, with no node and no network."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from xinlian.cli.home import read_file
from xinlian.cli.options import JsonOption
from xinlian.cli.output import CommandRefused, show
from xinlian.primitives.time import iso_of_ms
from xinlian.verifier import VerificationFailed, verify_receipt

_NEXT_STEP = "ask the sender for an unchanged file"
_NEXT_STEPS = {
    "clock": "add --allow-simulated if you know that this is a rehearsal",
    "genesis": "name the genesis file of the chain with --genesis",
}


def verify(
    file: Annotated[Path, typer.Argument(help="回执文件 / receipt file", dir_okay=False)],
    genesis: Annotated[Path, typer.Option(help="创世文件 / genesis file", dir_okay=False)],
    allow_simulated: Annotated[
        bool,
        typer.Option("--allow-simulated", help="允许模拟时钟的链 / accept a rehearsal's clock"),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what a file proves, or at which step it fails."""
    try:
        report = verify_receipt(
            read_file(file),
            read_file(genesis),
            allow_simulated=allow_simulated,
        )
    except VerificationFailed as failure:
        raise CommandRefused(
            "verifier/refused",
            f"不通过:{failure}",
            _NEXT_STEPS.get(failure.step, _NEXT_STEP),
        ) from None
    effect = f"{report.codespace}/{report.code}" if report.code else ""
    result: dict[str, object] = {
        "verified": True,
        "effect": f"被拒绝 refused: {effect}" if effect else "已生效 applied",
        "time": iso_of_ms(report.time_ms),
        **asdict(report),
    }
    show(result, as_json=as_json)
