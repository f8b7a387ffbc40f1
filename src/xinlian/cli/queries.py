"""``xinlian query``, ``outcome`` and ``receipt``: what is yours to read, and proofs of it."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import msgspec
import typer

from xinlian.bootstrap import build_registry
from xinlian.cli.credit import credit_app
from xinlian.cli.figures import figure_for_people
from xinlian.cli.hashes import completed
from xinlian.cli.home import read_file, write_file
from xinlian.cli.options import HomeOption, JsonOption
from xinlian.cli.output import NOTHING_IN_SIGHT, CommandRefused, show, show_list
from xinlian.cli.session import opened
from xinlian.client.http import ApiError
from xinlian.client.session import Session
from xinlian.modules.members.types import organisation_id
from xinlian.modules.members.uscc import is_valid_uscc
from xinlian.primitives import format_id

query_app = typer.Typer(no_args_is_help=True)
query_app.add_typer(credit_app, name="credit")
_TRANSACTION_ID_BYTES: Final = 32
_INVOICES_NOTE: Final = (
    "paid 含登记时卖方申报的预付款(副本会重复申报,本身不证明已付) / paid holds the prepayment "
    "that the seller declared at registration: a copy repeats it, and it proves no payment"
)
_NONE_AT_ALL: Final = "没有记录 / there is none"
"""Of lists that every party reads whole: that they are empty tells of nobody."""


class _List(NamedTuple):
    """A list of the API as a command."""

    name: str
    path: str
    columns: tuple[str, ...]
    help: str
    empty: str = NOTHING_IN_SIGHT
    """What people read where it is empty; words of its own only where they tell of nobody."""
    note: str = ""
    """What people read below the table."""


_LISTS: Final = (
    _List(
        "parties",
        "/v1/parties",
        ("name", "uscc", "kind", "status", "party_id"),
        "机构名录 / the directory",
    ),
    _List(
        "keys",
        "/v1/keys",
        ("role", "status", "key_id", "party_id"),
        "已登记的角色密钥 / registered role keys",
    ),
    _List(
        "roles",
        "/v1/official-roles",
        ("official_role", "status", "party_id", "given_at_ms", "withdrawn_at_ms"),
        "官方角色:法院、登记、监管等 / official roles: courts, registers, regulators",
        _NONE_AT_ALL,
    ),
    _List(
        "validators",
        "/v1/validators",
        ("public_key", "status", "power", "target_power", "party_id"),
        "验证节点、权重及负责成员 / validators, their powers, who answers for them",
        _NONE_AT_ALL,
    ),
    _List(
        "policy",
        "/v1/policy",
        ("name", "value", "unit", "applies_by", "verified", "citation"),
        "政策参数及依据 / policy rows with their sources",
        "政策参数由成员查看;参与方请向保荐成员索取 / policy is read by members: ask your sponsor",
    ),
    _List(
        "proposals",
        "/v1/proposals",
        ("proposal_id", "kind", "status", "party", "round_no"),
        "治理提案 / proposals of governance",
    ),
    _List(
        "accounts",
        "/v1/accounts",
        ("account_id", "asset_kind", "currency", "balance_minor", "reserved_minor", "mirrored"),
        "账户与余额 / accounts and balances",
    ),
    _List(
        "invoices",
        "/v1/invoices",
        ("root", "gross_minor", "occupied_minor", "paid_minor"),
        "发票及占用额 / invoices and how much of each is spoken for",
        note=_INVOICES_NOTE,
    ),
    _List(
        "certificates",
        "/v1/certificates",
        ("certificate_id", "life", "face_minor", "outstanding_minor", "due_day"),
        "应收凭证 / certificates",
    ),
    _List(
        "freezes",
        "/v1/freezes",
        ("freeze_id", "status", "leaf_id", "holder", "received_minor", "expires_at_ms"),
        "法院冻结令 / freeze orders of courts",
    ),
    _List(
        "disputes",
        "/v1/disputes",
        ("dispute_id", "status", "leaf_id", "ground", "amount_minor", "upheld_minor", "ends_at_ms"),
        "凭证份额的争议 / disputes of leaves",
    ),
    _List(
        "calls",
        "/v1/finance-calls",
        ("call_id", "status", "leaf_id", "holder", "closes_at_ms", "decides_by_ms", "pays_by_ms"),
        "向银行征集报价 / calls for offers of banks",
    ),
    _List(
        "offers",
        "/v1/finance-offers",
        ("call_id", "bank", "status", "advance_minor", "discount_minor", "fee_minor"),
        "银行的融资报价 / what banks offer",
    ),
    _List(
        "orders",
        "/v1/payment-orders",
        ("order_id", "amount_minor", "status", "leaf_id"),
        "付款指令 / payment orders",
    ),
    _List(
        "obligations",
        "/v1/obligations",
        ("obligation_id", "status", "amount_minor", "open_minor", "due_day", "source_kind"),
        "付款义务 / obligations",
    ),
    _List(
        "devices",
        "/v1/devices",
        ("device_id", "status", "kind", "owner", "serves", "last_no", "heard_at_ms", "alert_rules"),
        "监测设备 / devices, when each was heard of, what was noticed",
    ),
    _List(
        "watches",
        "/v1/watches",
        ("subject", "device_id", "until_ms", "ended_at_ms"),
        "哪些设备监测哪些应收账款的货物 / which devices watch the goods of which claims",
    ),
    _List(
        "consents",
        "/v1/consents",
        ("consent_id", "status", "subject", "reader", "purpose", "data_kinds", "until_ms"),
        "给出或收到的数据授权 / consents that you gave or received",
    ),
    _List(
        "reads",
        "/v1/consent-reads",
        ("time_ms", "reader", "subject", "purpose", "data_kinds", "request_root", "consent_id"),
        "依授权的读取记录 / who read under a consent, for what",
    ),
    _List(
        "documents",
        "/v1/documents",
        ("root", "schema", "owner", "countersigners"),
        "单据承诺 / commitments to documents",
    ),
    _List(
        "bank-entries",
        "/v1/bank-entries",
        ("identity", "amount_minor", "is_credit", "value_day", "end_to_end_id"),
        "银行入账 / bank entries",
    ),
    _List(
        "transactions",
        "/v1/transactions",
        ("transaction_id", "height", "first_message", "code", "codespace"),
        "交易 / transactions",
    ),
)


def _list_command(listed: _List) -> Callable[..., None]:
    def command(home: HomeOption, as_json: JsonOption = False) -> None:
        with opened(home) as session:
            rows = list(session.node.iterate(listed.path, dict[str, object]))
        columns, empty, note = listed.columns, listed.empty, listed.note
        show_list(rows, as_json=as_json, columns=columns, empty=empty, note=note)

    return command


for _listed in _LISTS:
    query_app.command(_listed.name, help=_listed.help)(_list_command(_listed))


@query_app.command("leaves", help="凭证的各份额 / the leaves of a certificate that you may see")
def leaves(
    certificate: Annotated[str, typer.Argument(help="cert_…")],
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """List leaves with their axes."""
    with opened(home) as session:
        path = f"/v1/certificates/{certificate}/leaves"
        rows = list(session.node.iterate(path, dict[str, object]))
    columns = ("leaf_id", "holder", "amount_minor", "outstanding_minor", "life", "finance")
    show_list(rows, as_json=as_json, columns=columns)


@query_app.command("mandates", help="本机构各消息由谁签 / which of your keys may send what")
def mandates(home: HomeOption, as_json: JsonOption = False) -> None:
    """List the rules of your own organisation, as `tx members set-mandate` writes them."""
    with opened(home) as session:
        items = session.node.get("/v1/mandates")["items"]
    names = {number: name for name, number in build_registry().message_numbers().items()}
    rows = [
        {
            "message": names.get(item["message_type"], str(item["message_type"])),
            **item,
            "signers": f"{item['threshold']} / "
            + ", ".join(key["role"] or key["key_id"] for key in item["keys"]),
        }
        for item in items
    ]
    columns = ("message", "rule_no", "signers", "cap_minor", "daily_cap_minor", "expires_at_ms")
    show_list(rows, as_json=as_json, columns=columns, empty=_NONE_AT_ALL)


@query_app.command("portrait", help="企业画像,依自身往来计算 / figures of a firm's own dealings")
def portrait(
    home: HomeOption,
    organisation: Annotated[
        str,
        typer.Argument(help="party_… 或统一社会信用代码,默认本机构 / yours where left out"),
    ] = "",
    facts: Annotated[
        str, typer.Option("--facts", help="列出某指标的全部依据 / list the facts of a figure")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Show a portrait: your own, or of a firm under whose consent you recorded a read."""
    with opened(home) as session:
        address = f"/v1/portraits/{_party_text(session, organisation)}"
        if facts:
            rows = list(
                session.node.iterate(f"{address}/facts", dict[str, object], {"figure": facts})
            )
            show_list(rows, as_json=as_json, columns=("height", "fact_kind", "fact_id"))
            return
        found = session.node.get(address)
    if as_json:
        show(found, as_json=True)
        return
    figures = [figure_for_people(each, found["currency"]) for each in found["figures"]]
    note = f"高度 / height {found['as_of_height']}, {found['currency']}"
    columns = ("name", "value", "unit", "facts", "figure")
    show_list(figures, as_json=False, columns=columns, note=note)


def _party_text(session: Session, organisation: str) -> str:
    """Return the id of an organisation by its id or code, one's own where none is named."""
    if organisation.startswith("party_"):
        return organisation
    if not organisation:
        return format_id("party", session.organisation.party)
    if not is_valid_uscc(organisation):
        raise CommandRefused(
            "cli/not_an_organisation",
            f"{organisation[:40]!r} is no party id and no unified social credit code",
        )
    return format_id("party", organisation_id(session.organisation.chain_id, organisation))


@query_app.command("get", help="读取任一接口路径 / read any address of the API")
def get(
    path: Annotated[str, typer.Argument(help="/v1/…")],
    home: HomeOption,
    as_json: JsonOption = True,
) -> None:
    """Print an answer of the API, always as JSON."""
    del as_json
    if not path.startswith("/v1/"):
        raise CommandRefused("cli/not_a_path", f"{path!r} does not begin with /v1/")
    with opened(home) as session:
        show(session.node.get(path), as_json=True)


def outcome(
    transaction: Annotated[str, typer.Argument(help="交易号,十六进制 / id, hexadecimal")],
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """Say whether a transaction is pending, committed with which code, or expired."""
    with opened(home) as session:
        answer = session.node.outcome(find_transaction(session, transaction))
    committed = answer.committed
    result: dict[str, object] = {"status": answer.status, "as_of_height": answer.height}
    if answer.since_height:
        result["since_height"] = answer.since_height
    if committed is not None:
        result |= msgspec.to_builtins(committed)
        if not as_json:
            del result["time_ms"]  # the time stands there for people
    show(result, as_json=as_json)


def receipt(
    transaction: Annotated[
        str,
        typer.Argument(help="交易号,或已签交易文件 / id, hexadecimal; with --expired a file"),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="写到 / where to write it")],
    home: HomeOption,
    state: Annotated[
        list[str] | None,
        typer.Option(help="一并证明,如 leaf:leaf_… / prove too, such as leaf:leaf_…; repeatable"),
    ] = None,
    at_height: Annotated[
        int | None,
        typer.Option(min=0, help="按此高度的状态证明 / prove them as of an older height"),
    ] = None,
    expired: Annotated[
        bool,
        typer.Option("--expired", help="证明交易已失效 / prove that it has expired for ever"),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="覆盖已有文件 / write over a file that is there"),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a file that anybody can check with `xinlian verify`.

    With --expired: that a transaction was never ordered and never will be, from the file of its
    signed bytes (`xinlian tx … --keep`), within 24 hours after its validity.
    """
    if expired and (state or at_height is not None):
        raise CommandRefused("cli/options_conflict", "--expired takes no --state or --at-height")
    if at_height is not None and not state:
        raise CommandRefused(
            "cli/options_conflict",
            "--at-height says as of when --state entries are proven, and none is named",
            "add --state, or leave --at-height out",
        )
    if output.exists() and not force:
        raise CommandRefused(
            "cli/file_exists", f"{output} exists", "name a new file, or say --force"
        )
    raw = _kept_bytes(transaction) if expired else b""
    with opened(home) as session:
        if expired:
            content = session.node.expiry_proof(raw)
        else:
            transaction_id = find_transaction(session, transaction)
            content = _receipt(session, transaction_id, state or (), at_height)
    write_file(output, content)
    show({"written": str(output), "bytes": len(content)}, as_json=as_json)


def _kept_bytes(text: str) -> bytes:
    try:
        return read_file(Path(text))
    except CommandRefused as refused:
        raise CommandRefused(
            refused.reference,
            refused.text,
            "--expired takes the file that `xinlian tx … --keep FILE` wrote, not an id",
        ) from None


def _receipt(
    session: Session, transaction_id: bytes, state: Sequence[str], at_height: int | None
) -> bytes:
    """Return a receipt; of what a node without the first blocks cannot know, who may have it."""
    try:
        return session.node.receipt(transaction_id, state, at_height)
    except ApiError as refused:
        if not refused.is_not_found:
            raise
        answer = session.node.outcome(transaction_id)
        if answer.committed is not None or not answer.since_height:
            raise
        raise CommandRefused(
            refused.reference,
            f"this node begins at height {answer.since_height}: of a transaction before it, "
            "it has no receipt",
            "ask an archive node, which has every block; `xinlian query policy` names the "
            "archive members",
        ) from None


def find_transaction(session: Session, text: str) -> bytes:
    """Return the id of a transaction by its digits, or by the first of them; CommandRefused."""

    def ids() -> Iterator[str]:
        rows = session.node.iterate("/v1/transactions", dict[str, object])
        return (str(row["transaction_id"]) for row in rows)

    return transaction_id_of(completed(text, ids, "xinlian query transactions"))


def transaction_id_of(text: str) -> bytes:
    """Return the id of its hexadecimal text; raises CommandRefused."""
    try:
        transaction_id = bytes.fromhex(text)
    except ValueError:
        transaction_id = b""
    if len(transaction_id) != _TRANSACTION_ID_BYTES:
        raise CommandRefused(
            "cli/not_a_transaction_id",
            f"{text[:80]!r} is not 64 hexadecimal digits",
            "`xinlian query transactions` lists yours",
        )
    return transaction_id
