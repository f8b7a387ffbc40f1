"""``xinlian home``: who acts from this machine."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from xinlian.cli.options import NODE_PORT, HomeOption, JsonOption
from xinlian.cli.output import CommandRefused, show
from xinlian.client.files import write_private
from xinlian.client.profile import create_profile, load_profile
from xinlian.modules.members.types import organisation_id
from xinlian.modules.members.uscc import is_valid_uscc
from xinlian.primitives import format_id

home_app = typer.Typer(no_args_is_help=True)
DEFAULT_NODE_URL = f"http://127.0.0.1:{NODE_PORT}"


@home_app.command("create", help="新建主目录 / make a home folder for one organisation")
def create(
    genesis: Annotated[Path, typer.Option(help="创世文件 / genesis file", dir_okay=False)],
    uscc: Annotated[str, typer.Option(help="统一社会信用代码 / unified social credit code")],
    name: Annotated[str, typer.Option(help="机构名称 / name of the organisation")],
    home: HomeOption,
    node: Annotated[
        list[str] | None,
        typer.Option(help="节点地址,可重复 / address of a node; repeat for several"),
    ] = None,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="覆盖已有的主目录设置 / write over the profile that is there"
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a profile that is bound to a genesis file."""
    if not is_valid_uscc(uscc):
        raise CommandRefused(
            "members/wrong_check_digit",
            f"{uscc} is not a unified social credit code: its check character does not fit",
        )
    if (home / "profile.json").exists() and not replace:
        raise CommandRefused(
            "cli/home_exists",
            f"{home} 已是主目录 / {home} is a home folder already",
            "换一个文件夹,或加 --replace / choose another folder, or say --replace",
        )
    urls = tuple(node or [DEFAULT_NODE_URL])
    profile = create_profile(home, read_file(genesis), uscc, name, urls)
    show({"home": str(home), "chain_id": profile.chain_id, "name": name}, as_json=as_json)


@home_app.command("show", help="显示主目录 / show whose home a folder is")
def show_home(home: HomeOption, as_json: JsonOption = False) -> None:
    """Print the profile."""
    profile = load_profile(home)
    party = organisation_id(profile.chain_id, profile.uscc)
    result: dict[str, object] = {
        "name": profile.name,
        "uscc": profile.uscc,
        "party": format_id("party", party),
        "chain_id": profile.chain_id,
        "nodes": list(profile.node_urls),
    }
    show(result, as_json=as_json)


def read_file(path: Path) -> bytes:
    """Return a file's bytes; raises CommandRefused when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandRefused("cli/file_unreadable", f"{path}: {error.strerror}") from None


def write_file(path: Path, content: bytes) -> None:
    """Write a file that anybody may read; raises CommandRefused when it cannot be written."""
    _write(path, path.write_bytes, content)


def write_private_file(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read; raises CommandRefused."""
    _write(path, lambda private: write_private(path, private), content)


def _write(path: Path, write: Callable[[bytes], object], content: bytes) -> None:
    try:
        write(content)
    except OSError as error:
        raise CommandRefused(
            "cli/file_unwritable",
            f"{path}: {error.strerror}",
            "name a file in a folder that exists and is yours",
        ) from None
