"""The command: an empty folder, the story, then the API until Ctrl-C."""

import enum
import shutil
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import typer

from xinlian.cli.demo.case import load_full_case
from xinlian.cli.demo.narrator import DemoFailed, Narrator
from xinlian.cli.demo.story import tell
from xinlian.cli.demo.world import World
from xinlian.cli.logs import configure_logs
from xinlian.cli.options import NODE_PORT
from xinlian.cli.output import CommandRefused, console
from xinlian.storage import is_in_use

MARK: Final = ".xinlian-demo"
CASE_DEFAULT: Final = Path("examples/receivable-finance")
FOLDER_DEFAULT: Final = Path("var/demo")


class Engine(enum.StrEnum):
    """Which engine orders the demonstration's transactions."""

    EMBEDDED = "embedded"
    COMETBFT = "cometbft"


def demo(
    case: Annotated[
        Path,
        typer.Option(help="案例目录 / folder of a case", file_okay=False),
    ] = CASE_DEFAULT,
    folder: Annotated[
        Path,
        typer.Option(help="运行目录,会被清空 / where it runs; emptied first", file_okay=False),
    ] = FOLDER_DEFAULT,
    serve: Annotated[
        bool,
        typer.Option("--serve/--no-serve", help="结束后继续服务 / keep serving at the end"),
    ] = True,
    engine: Annotated[
        Engine,
        typer.Option(help="排序引擎 / which engine orders: one node alone, or four validators"),
    ] = Engine.EMBEDDED,
) -> None:
    """Carry one real trade through a real ledger; exit 0 only if every check held."""
    configure_logs(quiet=True)
    full = load_full_case(case)
    empty_folder(folder)
    narrator = Narrator(console)
    narrator.heading(f"信链演示:{full.case.title.zh}", f"Xinlian: {full.case.title.en}")
    try:
        report = tell(
            full,
            folder,
            narrator,
            serve=_serve if serve else None,
            port=NODE_PORT,
            is_network=engine == Engine.COMETBFT,
        )
    except DemoFailed as failure:
        raise CommandRefused("cli/demo_failed", str(failure)) from None
    console.print(f"\n[bold green]全部 {len(report.checks)} 项核对成立 · every check held[/]")


def empty_folder(folder: Path) -> None:
    """Return with an empty folder; refuses to empty one that no demonstration made."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise CommandRefused(
            "cli/folder_not_empty",
            f"{folder} was not made by a demonstration and is not emptied",
            "name another with --folder",
        )
    if any(is_in_use(lock.parent) for lock in folder.rglob("lock")):
        raise CommandRefused(
            "cli/folder_in_use",
            f"a node serves from {folder}: emptying it would lose what it commits",
            "stop the node, or name another folder with --folder",
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    (folder / MARK).touch()


def _serve(world: World) -> None:
    stop = threading.Event()

    def stop_serving(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop_serving)
    console.print(f"\n服务中 · serving at {world.server.url} — Ctrl-C 结束 · ends it")
    stop.wait()
