"""The demonstration from beginning to end.

Steps: 1 the consortium, 2 the documents, 3 the certificate, 4 what is refused, 5 maturity and
default, 6 proof, 7 the ending.
"""

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Final

from xinlian.cli.demo.case import FullCase
from xinlian.cli.demo.certificate import issue, split_and_finance
from xinlian.cli.demo.ending import summarise, where_next
from xinlian.cli.demo.maturity import default_and_cure, pay_at_maturity
from xinlian.cli.demo.narrator import Check, Narrator, Tally
from xinlian.cli.demo.papers import (
    Papers,
    check_corroborated,
    check_passed,
    give_verdict,
    keep_documents,
    open_claim,
    register_documents,
)
from xinlian.cli.demo.proof import prove
from xinlian.cli.demo.refusals import catch_copy, refuse_second_use
from xinlian.cli.demo.world import Keys, World, draw_keyrings

CHAIN_ID: Final = "test-demo"
SECOND_CHAIN_ID: Final = "test-demo-default"
OPENING_MINOR: Final = 5_000_000_00
COPY_FOLDER: Final = "copied-invoice"


@dataclasses.dataclass(frozen=True, slots=True)
class DemoReport:
    """What the demonstration looked at, and what it left behind."""

    checks: tuple[Check, ...]
    to_money: Tally
    receipt: Path
    genesis: Path


def tell(
    case: FullCase,
    folder: Path,
    narrator: Narrator,
    serve: Callable[[World], None] | None = None,
    port: int = 0,
    *,
    is_network: bool = False,
) -> DemoReport:
    """Run the demonstration in an empty folder.

    Args:
        case: the trade to carry through.
        folder: where ledger, homes and files go.
        narrator: prints and remembers.
        serve: called at the end with the running world, for as long as it is to be served.
        port: where the API is served, if it is free; 0 takes any.
        is_network: whether four validators order, and not one node alone.

    Raises:
        DemoFailed: something that is promised did not hold.
    """
    narrator.step(1, "创世:五家机构,各有密钥", "genesis: five organisations with their own keys")
    keyrings = draw_keyrings(folder, case.case.cast())
    openings = {"core": OPENING_MINOR, "bank": OPENING_MINOR}
    begin = functools.partial(_world, case, keyrings=keyrings, is_network=is_network)
    with begin(folder, CHAIN_ID, openings, port) as world:
        _introduce(world, narrator)
        papers, debt = _documents(world, narrator, case)
        narrator.step(3, "凭证:开立、接受、拆分、融资", "the certificate")
        certificate = issue(world, narrator, papers, case.certificate)
        financed = split_and_finance(world, narrator, case, papers, debt, certificate)
        to_money = narrator.tally()
        narrator.step(4, "拒绝:重复使用与副本", "what is refused: second use and copies")
        refuse_second_use(world, narrator, papers, case.certificate, financed)
        catch_copy(world, narrator, case.folder.parent / COPY_FOLDER, papers, case.certificate)
        narrator.step(5, "到期:自动付款", "maturity: it performs itself")
        pay_at_maturity(world, narrator, case, financed, folder)
        _second_run(case, folder, begin, narrator)
        narrator.step(6, "证明:离线验证", "proof: verified without the node")
        receipt = prove(world, narrator, financed, folder)
        narrator.step(7, "收尾", "the ending")
        summarise(world, narrator, case, papers, financed, to_money)
        where_next(world, narrator, folder, receipt, is_served=serve is not None)
        if serve is not None:
            serve(world)
    return DemoReport(
        checks=tuple(narrator.checks),
        to_money=to_money,
        receipt=receipt,
        genesis=world.genesis_file,
    )


def _world(
    case: FullCase,
    folder: Path,
    chain_id: str,
    openings_minor: dict[str, int],
    port: int = 0,
    *,
    keyrings: dict[str, Keys],
    is_network: bool,
) -> World:
    return World(
        folder,
        chain_id,
        case.case.cast(),
        keyrings,
        case.case.starts_at_ms,
        openings_minor,
        port,
        is_network=is_network,
    )


def _introduce(world: World, narrator: Narrator) -> None:
    ready = world.sessions["core"].node.ready()
    narrator.say(
        f"链 {ready.chain_id},时钟:模拟(演练,非真实业务)",
        f"chain {ready.chain_id}, {ready.label}",
    )
    is_network = world.network is not None
    if is_network:
        narrator.say(
            "四个验证节点,各为独立进程,共同排序",
            "four validators, each a process with an engine of its own, agree on every block",
        )
    for name, member in world.cast.items():
        party = world.item(name, f"/v1/parties/{world.party_text(name)}")
        roles = ", ".join(world.organisations[name].keys)
        narrator.say(f"{name}: {member.name} {member.uscc}", f"{party['kind']}, keys: {roles}")
    narrator.check(
        "the ledger runs and says that its clock is simulated",
        holds=ready.ready and ready.simulated and (is_network or ready.height == 0),
        chinese="账本已启动,并标明时钟为模拟",
        english="the ledger runs and says that its clock is simulated",
    )


def _documents(world: World, narrator: Narrator, case: FullCase) -> tuple[Papers, Papers]:
    narrator.step(2, "单据:真实格式,账本只见承诺", "documents of real formats, by commitment")
    papers = keep_documents(world, case.folder, case.case.trade)
    formats = sorted({stored.statement.source_format for stored in papers.by_kind.values()})
    narrator.say(f"读入格式 {', '.join(formats)}", "each party keeps its bodies and salts itself")
    register_documents(world, narrator, papers)
    open_claim(world, narrator, papers)
    check_corroborated(world, narrator, papers)
    for name in ("core", "supplier1"):
        report = give_verdict(world, narrator, name, papers, case.certificate.due_day)
        check_passed(narrator, name, report)
    debt = keep_documents(world, case.folder, case.transfer.trade)
    register_documents(world, narrator, debt)
    open_claim(world, narrator, debt)
    return papers, debt


def _second_run(
    case: FullCase,
    folder: Path,
    begin: Callable[[Path, str, dict[str, int]], World],
    narrator: Narrator,
) -> None:
    narrator.heading("第二次运行:账户无款", "a second ledger: the obligor's account is empty")
    second = folder / "default"
    with begin(second, SECOND_CHAIN_ID, {"bank": OPENING_MINOR}) as world:
        default_and_cure(world, narrator, case)
