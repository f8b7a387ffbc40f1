"""The root of the command line and its last line of defence.

Rules this file keeps:
 1. Expected errors of every layer become one refusal with a reference and a next step; nobody is
    shown a traceback for bad input.
"""

import sys
from collections.abc import Callable
from typing import Annotated, Final

import typer

from xinlian import __version__
from xinlian.cli.bank import bank_app
from xinlian.cli.books import books_app
from xinlian.cli.demo import demo
from xinlian.cli.devices import device_app
from xinlian.cli.doctor import doctor
from xinlian.cli.documents import documents_app
from xinlian.cli.export import export
from xinlian.cli.facts import facts
from xinlian.cli.gateway import gateway_app
from xinlian.cli.genesis import genesis_app
from xinlian.cli.heads import head_app
from xinlian.cli.home import home_app
from xinlian.cli.keys import keys_app
from xinlian.cli.logs import configure_logs
from xinlian.cli.network import network_app
from xinlian.cli.node import node_app
from xinlian.cli.offers import offer_app
from xinlian.cli.output import CommandRefused, fail
from xinlian.cli.queries import outcome, query_app, receipt
from xinlian.cli.replay import replay_chain
from xinlian.cli.transactions import transactions_app
from xinlian.cli.verify import verify
from xinlian.client.document_store import DocumentError
from xinlian.client.heads import HeadRefused
from xinlian.client.keyring import KeyringError
from xinlian.client.profile import ProfileError
from xinlian.engines.cometbft import EngineMissing
from xinlian.ledger.genesis import GenesisInvalid
from xinlian.ledger.ports import StoreError
from xinlian.primitives import LedgerError

_REFERENCES: Final[dict[type[Exception], str]] = {
    ProfileError: "client/profile",
    GenesisInvalid: "ledger/genesis_invalid",
    StoreError: "storage/store",
    EngineMissing: "engines/missing",
}


def _print_version(is_asked: bool) -> None:
    if is_asked:
        sys.stdout.write(f"xinlian {__version__}\n")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="版本 / print the version and end",
            is_eager=True,
            callback=_print_version,
        ),
    ] = False,
) -> None:
    """Take what goes before a command."""


def build_app() -> typer.Typer:
    """Return the whole command line."""
    app = typer.Typer(
        name="xinlian",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback(help="信链:金融联盟的账本 / the ledger of financial consortia")(_root)
    app.command(help="演示一笔真实贸易 / carry one real trade through")(demo)
    app.command(help="验证回执文件 / check a receipt file without a node")(verify)
    app.command(help="查询交易结果 / the outcome of a transaction")(outcome)
    app.command(help="导出回执文件 / write a receipt file")(receipt)
    app.command(help="导出证据包 / write all you can prove as one archive")(export)
    app.command(help="本机构的事实:持有、付款、被拒、异议 / what the ledger has of you")(facts)
    app.command(help="检查节点数据 / examine a stopped node's store")(doctor)
    app.command("replay", help="从创世重放并逐块比较 / compute every block again and compare")(
        replay_chain,
    )
    app.add_typer(home_app, name="home", help="主目录 / a party's home folder")
    app.add_typer(keys_app, name="keys", help="密钥 / role keys")
    app.add_typer(genesis_app, name="genesis", help="创世文件 / genesis files")
    app.add_typer(node_app, name="node", help="节点 / run and watch a node")
    app.add_typer(network_app, name="network", help="验证节点网络 / a network of validators")
    app.add_typer(documents_app, name="document", help="单据 / documents and their checks")
    app.add_typer(bank_app, name="bank", help="回单与付款指令 / bank entries and payment orders")
    app.add_typer(offer_app, name="offer", help="多家银行报价 / sealed offers of several banks")
    app.add_typer(books_app, name="books", help="账簿 / books, statements and closings")
    app.add_typer(head_app, name="head", help="区块头 / save, countersign, compare, anchor heads")
    app.add_typer(device_app, name="device", help="监测设备 / devices that watch goods")
    app.add_typer(gateway_app, name="gateway", help="设备网关 / take readings over MQTT")
    app.add_typer(query_app, name="query", help="查询 / read what is yours")
    app.add_typer(transactions_app(), name="tx", help="发送消息 / send a message")
    return app


def main() -> None:
    """Run the command line."""
    configure_logs(quiet=True)
    as_json = "--json" in sys.argv[1:]
    _run(build_app(), as_json=as_json)


def _run(app: Callable[[], object], *, as_json: bool) -> None:
    try:
        app()
    except CommandRefused as error:
        fail(error, as_json=as_json)
    except (LedgerError, DocumentError, HeadRefused) as error:
        fail(CommandRefused(error.reference, str(error)), as_json=as_json)
    except KeyringError as error:
        fail(CommandRefused("client/keyring", str(error), error.next_step), as_json=as_json)
    except tuple(_REFERENCES) as error:
        known = next(kind for kind in _REFERENCES if isinstance(error, kind))
        fail(CommandRefused(_REFERENCES[known], str(error)), as_json=as_json)
