"""``xinlian query credit``: records about you, who asked for them, and objections."""

from typing import Annotated, Any

import typer

from xinlian.cli.options import HomeOption, JsonOption
from xinlian.cli.output import show_list
from xinlian.cli.session import opened
from xinlian.primitives.time import iso_of_day

credit_app = typer.Typer(
    no_args_is_help=True,
    help="社会信用:记录、查询、异议 / social credit: records, inquiries, objections",
)
_RECORD_COLUMNS = (
    "record_id",
    "record_type",
    "polarity",
    "event",
    "end",
    "amount_minor",
    "provider",
    "subject",
    "status",
    "mark",
)


@credit_app.command("records", help="关于本机构或由其发布的信用记录 / records about you, or yours")
def records(home: HomeOption, as_json: JsonOption = False) -> None:
    """List credit records."""
    with opened(home) as session:
        found = list(session.node.iterate("/v1/credit-records", dict[str, Any]))
    show_list([_dated(row) for row in found], as_json=as_json, columns=_RECORD_COLUMNS)


@credit_app.command("inquiries", help="谁因何查询,结果与评分 / who asked, why, what came of it")
def inquiries(home: HomeOption, as_json: JsonOption = False) -> None:
    """List inquiries about you, and those that you made."""
    with opened(home) as session:
        found = list(session.node.iterate("/v1/credit-inquiries", dict[str, Any]))
    columns = (
        "inquiry_id",
        "time_ms",
        "inquirer",
        "subject",
        "purpose",
        "record_types",
        "status",
        "denied_as",
        "score",
        "points",
        "reasons",
    )
    show_list(found, as_json=as_json, columns=columns)


@credit_app.command("objections", help="异议及其答复期限 / objections, and until when to answer")
def objections(home: HomeOption, as_json: JsonOption = False) -> None:
    """List objections that you filed, and those to your records."""
    with opened(home) as session:
        found = list(session.node.iterate("/v1/credit-objections", dict[str, Any]))
    for row in found:
        row["answer_by"] = iso_of_day(int(row["due_day"]))
    columns = ("objection_id", "record_id", "status", "answer_by", "subject", "provider")
    show_list(found, as_json=as_json, columns=columns)


@credit_app.command("report", help="一次查询所应答的记录 / the records that answered an inquiry")
def report(
    inquiry: Annotated[str, typer.Argument(help="inquiry_…")],
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """List the records of an inquiry, as they stand now."""
    with opened(home) as session:
        found = session.node.get(f"/v1/credit-reports/{inquiry}")
    rows = [_dated(row) for row in found["records"]]
    show_list(rows, as_json=as_json, columns=_RECORD_COLUMNS)


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    """Return a record with its days as people write them; an event that lasts has no end."""
    days = {name: int(row[f"{name}_day"]) for name in ("event", "end")}
    return {**row, **{name: iso_of_day(day) if day else "" for name, day in days.items()}}
