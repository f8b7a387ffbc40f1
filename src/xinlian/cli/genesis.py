"""``xinlian genesis``: from a plan to a genesis file, and what a genesis file says."""

from pathlib import Path
from typing import Annotated

import typer

from xinlian.bootstrap import check_genesis
from xinlian.cli.home import read_file, write_file
from xinlian.cli.options import JsonOption
from xinlian.cli.output import CommandRefused, show
from xinlian.client.genesis_plan import build_genesis, parse_plan
from xinlian.ledger.genesis import GenesisInvalid, genesis_hash, parse_genesis
from xinlian.primitives.time import iso_of_ms

genesis_app = typer.Typer(no_args_is_help=True)


@genesis_app.command("build", help="由方案生成创世文件 / make a genesis file of a plan")
def build(
    plan: Annotated[Path, typer.Argument(help="方案 / plan, JSON", dir_okay=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="写到 / where to write it")],
    as_json: JsonOption = False,
) -> None:
    """Write the genesis file after checking that a ledger can start from it."""
    if output.exists():
        raise CommandRefused("cli/file_exists", f"{output} exists", "choose another name")
    content = read_file(plan)
    try:
        genesis_bytes = build_genesis(parse_plan(content))
        check_genesis(genesis_bytes)
    except GenesisInvalid as error:
        raise CommandRefused(
            "ledger/genesis_invalid",
            f"{plan}: {error}",
            "mend the plan and build again; nothing was written"
            " / 请改正方案后重新生成;尚未写入任何文件",
        ) from None
    write_file(output, genesis_bytes)
    _show(genesis_bytes, as_json=as_json)


@genesis_app.command("check", help="检查创世文件 / check a genesis file and show its hash")
def check(
    file: Annotated[Path, typer.Argument(help="创世文件 / genesis file", dir_okay=False)],
    as_json: JsonOption = False,
) -> None:
    """Print what a genesis file says."""
    genesis_bytes = read_file(file)
    check_genesis(genesis_bytes)
    _show(genesis_bytes, as_json=as_json)


def _show(genesis_bytes: bytes, *, as_json: bool) -> None:
    genesis = parse_genesis(genesis_bytes)
    result: dict[str, object] = {
        "chain_id": genesis.chain_id,
        "clock": genesis.clock,
        "genesis_time": iso_of_ms(genesis.genesis_time_ms),
        "genesis_hash": genesis_hash(genesis_bytes).hex(),
        "operators": len(genesis.operators),
        "sections": sorted(genesis.sections),
    }
    show(result, as_json=as_json)
