"""Step 7: what happened, what it cost, where to look next.

Measures come from the ledger's own times and amounts.
"""

from pathlib import Path
from typing import Final

from xinlian.cli.demo.case import FullCase
from xinlian.cli.demo.certificate import Financed
from xinlian.cli.demo.narrator import Narrator, Tally
from xinlian.cli.demo.papers import Papers, money
from xinlian.cli.demo.world import World
from xinlian.primitives.time import MS_PER_DAY, china_day

DAYS_PER_YEAR: Final = 365


def annual_cost(paid_out_minor: int, repaid_minor: int, days: int) -> float:
    """Return the effective annual rate of money received now and given up after some days.

    >>> round(annual_cost(100_00, 110_00, 365), 6)
    0.1
    """
    growth: float = repaid_minor / paid_out_minor
    rate: float = growth ** (DAYS_PER_YEAR / days) - 1
    return rate


def summarise(
    world: World,
    narrator: Narrator,
    case: FullCase,
    papers: Papers,
    financed: Financed,
    to_money: Tally,
) -> None:
    """Print the table of outcomes and measures, from the first document to the money."""
    hours = _hours_to_money(world, papers, financed)
    hours_text = (
        f"{hours:.4f} h 账本时间(模拟时钟,不含人的决策时间) · "
        "ledger time, on a simulated clock: people's own time is not in it"
    )
    cost = _cost_to_supplier(case, financed)
    broken = world.broken_invariants()
    narrator.check(
        "all invariants hold",
        holds=not broken,
        chinese="账本的全部不变式成立(资金守恒、份额合计、占用、授权)",
        english="every invariant of the ledger holds at the last height",
    )
    narrator.table(
        "结果与度量 · outcome and measures",
        [
            ("凭证金额 face", money(case.certificate.face_minor)),
            ("转让给二级供应商 transferred", money(case.transfer.amount_minor)),
            ("银行放款(贴息前) advance, gross", money(case.finance.advance_minor)),
            ("贴息 discount", money(case.finance.discount_minor)),
            ("单据到资金 document to money", hours_text),
            ("人工签名 signatures by people", str(to_money.by_people)),
            ("规则签名 signatures by rules", str(to_money.by_rules)),
            ("交易 transactions", str(to_money.transactions)),
            ("供应商年化成本 annual cost to the supplier", f"{cost:.2%}"),
            ("核对项 checks that held", str(len(narrator.checks))),
        ],
    )


def where_next(
    world: World,
    narrator: Narrator,
    folder: Path,
    receipt: Path,
    *,
    is_served: bool,
) -> None:
    """Print what to try now, with addresses and files of this run."""
    home, operator = world.homes["supplier1"], world.homes["bank"]
    narrator.heading("接下来", "where to look next")
    narrator.command(f"export XINLIAN_PASSPHRASE=$(cat {folder / 'passphrase'})")
    if not is_served:
        start = f"node start --home {operator} --data {folder / 'node'} --port {world.server.port}"
        if world.network is not None:
            start = f"network up {folder / 'network'}"
        narrator.command(f".venv/bin/xinlian {start} &  # 先启动节点 start the node first")
    for command in (
        f"node status --home {home}",
        f"query certificates --home {home}",
        f"query accounts --home {home}",
        f"document list --home {home}",
        f"verify {receipt} --genesis {world.genesis_file} --allow-simulated",
        "tx --help",
    ):
        narrator.command(f".venv/bin/xinlian {command}")
    narrator.say(f"接口说明 {world.server.url}/v1/openapi.json", "the API's own description")
    narrator.say("文档 docs/index.md,README.zh.md", "documentation")


def _hours_to_money(world: World, papers: Papers, financed: Financed) -> float:
    row = world.item("supplier1", f"/v1/documents/{papers.by_kind['contract'].root.hex()}")
    passed_ms = financed.disbursed.outcome.time_ms - int(row["time_ms"])
    return passed_ms / (MS_PER_DAY / 24)


def _cost_to_supplier(case: FullCase, financed: Financed) -> float:
    paid_out_minor = case.finance.advance_minor - case.finance.discount_minor
    days = case.certificate.due_day - china_day(financed.disbursed.outcome.time_ms)
    return annual_cost(paid_out_minor, case.finance.advance_minor, days)
