"""Options that many commands share."""

from pathlib import Path
from typing import Annotated, Final

import typer

from xinlian.client.profile import HOME_VARIABLE

NODE_PORT: Final = 8610
"""Where a node listens, and where commands look for it, unless told otherwise."""

HomeOption = Annotated[
    Path,
    typer.Option(
        "--home",
        envvar=HOME_VARIABLE,
        help="机构的主目录 / the party's home folder",
        file_okay=False,
    ),
]
OptionalHomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar=HOME_VARIABLE,
        help="机构的主目录 / the party's home folder",
        file_okay=False,
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help="输出 JSON / print JSON for programs"),
]
SignOption = Annotated[
    list[str],
    typer.Option("--sign", help="签名角色,可重复 / role that signs; repeat for several"),
]
DataOption = Annotated[
    Path,
    typer.Option("--data", help="节点数据目录 / folder of the node's data", file_okay=False),
]
DatabaseOption = Annotated[
    str,
    typer.Option(
        "--database",
        envvar="XINLIAN_DATABASE",
        help="读模型的数据库地址,默认 SQLite / address of the read model; SQLite by default",
    ),
]
