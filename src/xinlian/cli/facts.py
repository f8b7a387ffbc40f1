"""``xinlian facts``: what a party holds, when it is paid, why it was refused, how to contest.

Rules this file keeps:
 1. Everything is what the node shows this party; the head at which it was asked is named.
 2. Every refusal and every state has its words in both languages; ways to contest are messages that
    this release has, each with its command.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from xinlian.bootstrap import build_registry
from xinlian.cli.message_words import message_words
from xinlian.cli.options import HomeOption, JsonOption
from xinlian.cli.output import show, show_list
from xinlian.cli.plain_words import FINANCES, LIVES, Said
from xinlian.cli.session import opened
from xinlian.client.refusal_words import refusal_words
from xinlian.client.session import Session
from xinlian.contracts.message import type_name
from xinlian.primitives import format_id

_GONE: Final = frozenset({"spent", "void", "cancelled"})
_LIVES: Final = {life.name.lower(): Said(*words) for life, words in LIVES.items()}
_FINANCES: Final = {finance.name.lower(): Said(*words) for finance, words in FINANCES.items()}
_ORDER_STATUSES: Final = {
    "open": Said("ordered at the bank", "已向银行下达"),
    "executed": Said("paid", "已支付"),
    "expired": Said("the order expired unpaid", "指令失效,未付"),
}
_OUTCOMES: Final = {
    "pass": Said("the checks passed", "核验通过"),
    "hold": Said("the checks want more", "核验待补充"),
    "block": Said("the checks found a contradiction", "核验发现矛盾"),
}
_UNKNOWN: Final = Said("a state that this release does not know", "本版本未知的状态")


class _Remedy(NamedTuple):
    """Something that may be contested, and the message that does it."""

    message: str
    english: str
    chinese: str


_REMEDIES: Final = (
    _Remedy("supply_chain.OpenDispute", "a leaf, or a part of it", "份额或其一部分"),
    _Remedy("supply_chain.WithdrawDispute", "a dispute of your own", "本机构提出的争议"),
    _Remedy(
        "documents.RegisterDocument", "a verdict, by a corrected document", "核验结论(补正单据)"
    ),
    _Remedy("evidence.RecordFact", "a verdict, by a further fact", "核验结论(补充事实)"),
    _Remedy("credit.FileObjection", "a credit record of yours", "本机构的信用记录"),
    _Remedy("consent.RevokeConsent", "who reads your data", "数据授权"),
)


def facts(home: HomeOption, as_json: JsonOption = False) -> None:
    """Print one page about yourself; with --json the same for programs."""
    with opened(home) as session:
        page = facts_of(session)
    if as_json:
        show(page, as_json=True)
        return
    about = {name: page[name] for name in ("party", "as_of_height", "as_of")}
    show(about, as_json=False, title="本机构的事实 / what the ledger has of you")
    for part, columns, heading in _PARTS:
        show_list(
            [{**row, "said": f"{row['zh']} / {row['en']}"} for row in page[part]],
            as_json=False,
            columns=columns,
            empty="没有 / none",
            title=heading,
        )


_PARTS: Final = (
    (
        "held",
        ("leaf_id", "outstanding_minor", "due_day", "said"),
        "持有 / what you hold",
    ),
    ("payments", ("leaf_id", "amount_minor", "status_ms", "said"), "付款 / when paid"),
    (
        "verdicts",
        ("subject", "given_at_ms", "failures", "said"),
        "核验 / verdicts on your invoices",
    ),
    ("refused", ("transaction_id", "time_ms", "reference", "said", "cure"), "被拒 / why refused"),
    ("contest", ("command", "said"), "异议 / how to contest"),
)


def facts_of(session: Session) -> dict[str, Any]:
    """Return the page of a session's party, in the units of the API."""
    party = format_id("party", session.organisation.party)
    head = session.node.head()
    return {
        "party": party,
        "as_of_height": head.height,
        "as_of": head.time,
        "held": _held(session, party),
        "payments": _payments(session, party),
        "verdicts": _verdicts(session, party),
        "refused": _refused(session),
        "contest": contest(),
    }


def _rows(
    session: Session, path: str, asked: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    return list(session.node.iterate(path, dict[str, Any], asked))


def _held(session: Session, party: str) -> list[dict[str, Any]]:
    certificates = {row["certificate_id"]: row for row in _rows(session, "/v1/certificates")}
    held = []
    for leaf in _rows(session, "/v1/leaves", {"holder": party}):
        if leaf["life"] in _GONE:
            continue
        of = certificates.get(leaf["certificate_id"], {})
        life = _LIVES.get(leaf["life"], _UNKNOWN)
        finance = _FINANCES.get(leaf["finance"], _UNKNOWN)
        held.append(
            {
                **leaf,
                "obligor": of.get("obligor", ""),
                "due_day": of.get("due_day", 0),
                "zh": f"{life.chinese};{finance.chinese}",
                "en": f"{life.english}; {finance.english}",
            },
        )
    return held


def _payments(session: Session, party: str) -> list[dict[str, Any]]:
    """Return the orders to pay this party, each with when it came to its present state."""
    times: dict[int, int] = {}
    paid = []
    for order in _rows(session, "/v1/payment-orders"):
        if order["payee"] != party:
            continue
        height = order["changed_height"]
        if height not in times:
            times[height] = session.node.header(height).time_ms
        said = _ORDER_STATUSES.get(order["status"], _UNKNOWN)
        paid.append({**order, "status_ms": times[height], "zh": said.chinese, "en": said.english})
    return paid


def _verdicts(session: Session, party: str) -> list[dict[str, Any]]:
    """Return the verdicts on the invoices that this party issued."""
    found = []
    for invoice in _rows(session, "/v1/invoices"):
        if invoice["seller"] != party:
            continue
        for verdict in _rows(session, f"/v1/subjects/{invoice['root']}/verdicts"):
            said = _OUTCOMES.get(verdict["outcome"], _UNKNOWN)
            found.append({**verdict, "zh": said.chinese, "en": said.english})
    return found


def _refused(session: Session) -> list[dict[str, Any]]:
    """Return the transactions that changed nothing, why, and what cures it."""
    refused = []
    for row in _rows(session, "/v1/transactions"):
        if not row["code"]:
            continue
        outcome = session.node.outcome(bytes.fromhex(row["transaction_id"])).committed
        if outcome is None:
            continue
        words = refusal_words(outcome.error)
        refused.append(
            {
                "transaction_id": row["transaction_id"],
                "height": row["height"],
                "time_ms": row["time_ms"],
                "first_message": row["first_message"],
                "reference": outcome.error,
                "zh": words.meaning_zh,
                "en": outcome.title,
                "cure": f"{words.cure_zh} / {words.cure_en}",
            },
        )
    return refused


def contest() -> list[dict[str, Any]]:
    """Return what may be contested and by which command, as far as this release has the message."""
    messages = {type_name(kind): kind for kind in build_registry().messages.values()}
    return [
        {
            "message": remedy.message,
            "command": command_of(remedy.message),
            "zh": f"{remedy.chinese}:{message_words(messages[remedy.message]).zh}",
            "en": f"{remedy.english}: {message_words(messages[remedy.message]).en}",
            "signs": messages[remedy.message].signs,
        }
        for remedy in _REMEDIES
        if remedy.message in messages
    ]


def command_of(message: str) -> str:
    """Return the command that sends a message.

    >>> command_of("supply_chain.OpenDispute")
    'xinlian tx supply-chain open-dispute'
    """
    module, _, name = message.partition(".")
    words = "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")
    return f"xinlian tx {module.replace('_', '-')} {words}"
