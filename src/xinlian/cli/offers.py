"""``xinlian offer``: ask several banks at once, offer under seal, open, compare, accept.

Rules this file keeps:
 1. The private key of a call is on this machine before the call is sent, and leaves it only by
    ``open``, which publishes it once the call has closed.
 2. Terms leave a bank's machine sealed.
 3. ``accept`` sends the terms that were shown, so that nothing else can be accepted.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated

import typer

from xinlian.apps.supply_chain.offer_messages import (
    AcceptOffer,
    CallForOffers,
    OpenOffers,
    SealOffer,
)
from xinlian.apps.supply_chain.offer_terms import OfferTerms
from xinlian.cli.message_fields import parse_amount, parse_party
from xinlian.cli.options import HomeOption, JsonOption, SignOption
from xinlian.cli.output import CommandRefused, show, show_list
from xinlian.cli.session import opened
from xinlian.cli.transactions import build_message
from xinlian.client.annual_rate import NoAnnualRate
from xinlian.client.offer_comparison import (
    CallOnLedger,
    CallUnknown,
    Claim,
    OfferCost,
    OfferOnLedger,
    claim_of,
    compare,
    cost_of,
    find_call,
    latest_payday,
    offers_of,
)
from xinlian.client.offers import (
    CallKeyMissing,
    UnsealableKey,
    keep_call_keys,
    kept_secret,
    new_call_keys,
    seal_terms,
)
from xinlian.client.session import Session
from xinlian.primitives import format_id
from xinlian.primitives.ids import MalformedId, parse_id
from xinlian.primitives.time import day_of_iso

offer_app = typer.Typer(no_args_is_help=True)
CallArgument = Annotated[str, typer.Argument(help="call_…")]
PaidOnOption = Annotated[
    str,
    typer.Option(
        "--paid-on",
        help="付款日,默认最迟付款日 / day of payment, by default the latest: YYYY-MM-DD",
    ),
]


@offer_app.command("call", help="向多家银行征集报价 / ask several banks for offers on a leaf")
def call_for_offers(
    leaf: Annotated[str, typer.Argument(help="leaf_…")],
    bank: Annotated[
        list[str], typer.Option(help="受邀银行,可重复 / a bank that may offer; repeat for several")
    ],
    sign: SignOption,
    home: HomeOption,
    closes: Annotated[str, typer.Option(help="报价截止 / until when banks offer")] = "+1d",
    decides: Annotated[str, typer.Option(help="开启并接受的期限 / until when you decide")] = "+3d",
    pays: Annotated[str, typer.Option(help="付款期限 / until when the chosen bank pays")] = "+5d",
    pledge: Annotated[bool, typer.Option("--pledge", help="质押融资 / a loan against it")] = False,
    recourse: Annotated[bool, typer.Option("--recourse", help="有追索权 / with recourse")] = False,
    keeps_rest: Annotated[
        bool, typer.Option("--keeps-rest", help="保留未融资部分 / keep what is not advanced")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a key for the call, keep it, and send the call."""
    keys = new_call_keys()
    texts = {
        "leaf": leaf,
        "closes_at_ms": closes,
        "decides_by_ms": decides,
        "pays_by_ms": pays,
        "as_pledge": str(pledge),
        "with_recourse": str(recourse),
        "keeps_rest": str(keeps_rest),
        "box_key": keys.box_key.hex(),
    }
    with opened(home) as session:
        chain_id = session.organisation.chain_id
        banks = sorted({_id("party", text, chain_id) for text in bank})
        texts["banks"] = json.dumps([format_id("party", party) for party in banks])
        message = build_message(CallForOffers, texts, chain_id, session.now_ms())
        keep_call_keys(home, keys)
        submitted = session.submit(message, roles=sign)
    made = format_id("call", submitted.created_id("call"))
    show({"call": made, "height": submitted.outcome.height}, as_json=as_json)


@offer_app.command("seal", help="密封报价 / offer under seal")
def seal(
    call: CallArgument,
    advance: Annotated[str, typer.Option(help="融资款,扣息前 / what is advanced, gross")],
    discount: Annotated[str, typer.Option(help="贴息 / the discount")],
    sign: SignOption,
    home: HomeOption,
    fee: Annotated[str, typer.Option(help="其他费用 / any other charge")] = "0.00",
    as_json: JsonOption = False,
) -> None:
    """Seal terms to the key of a call and send the box; say what they cost the holder."""
    terms = _terms(advance, discount, fee)
    with opened(home) as session, _explained():
        found = find_call(session, call)
        claim = claim_of(session, found)
        _require_sound(terms, claim)
        costs = _costs(cost_of(terms, claim, latest_payday(found)))
        own, chain_id = session.organisation.party, session.organisation.chain_id
        call_id, box_key = _id("call", call, chain_id), bytes.fromhex(found.box_key)
        box = seal_terms(chain_id, call_id, own, box_key, terms)
        submitted = session.submit(SealOffer(call_id, box), roles=sign)
    show({"call": call, **costs, "height": submitted.outcome.height}, as_json=as_json)


@offer_app.command("open", help="开启全部报价并比较 / open all offers together, and compare them")
def open_offers(
    call: CallArgument,
    sign: SignOption,
    home: HomeOption,
    paid_on: PaidOnOption = "",
    as_json: JsonOption = False,
) -> None:
    """Publish the key of a closed call; print what the banks offered."""
    with opened(home) as session, _explained():
        found = find_call(session, call)
        secret = kept_secret(home, bytes.fromhex(found.box_key))
        call_id = _id("call", call, session.organisation.chain_id)
        session.submit(OpenOffers(call_id, secret), roles=sign)
        _show_compared(session, found, paid_on, as_json=as_json)


@offer_app.command("compare", help="比较已开启的报价 / compare opened offers by their annual cost")
def compare_offers(
    call: CallArgument, home: HomeOption, paid_on: PaidOnOption = "", as_json: JsonOption = False
) -> None:
    """Print the opened offers of a call, the cheapest first."""
    with opened(home) as session, _explained():
        _show_compared(session, find_call(session, call), paid_on, as_json=as_json)


@offer_app.command("accept", help="接受一家报价 / accept one offer; the others end")
def accept(
    call: CallArgument,
    bank: Annotated[str, typer.Argument(help="party_… 或统一社会信用代码 / or a USCC")],
    sign: SignOption,
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """Accept a bank's offer exactly as it was opened."""
    with opened(home) as session, _explained():
        chain_id = session.organisation.chain_id
        call_id, party = _id("call", call, chain_id), _id("party", bank, chain_id)
        wanted = format_id("party", party)
        terms = next(
            (each.terms for each in offers_of(session, call) if each.bank == wanted),
            OfferTerms(0, 0, 0),
        )
        if not terms.advance_minor:
            raise CommandRefused("supply_chain/no_offer", f"{bank} has no opened offer here")
        submitted = session.submit(AcceptOffer(call_id, party, *terms), roles=sign)
    shown = {"bank": wanted, **_amounts(terms), "height": submitted.outcome.height}
    show(shown, as_json=as_json)


def _show_compared(session: Session, call: CallOnLedger, paid_on: str, *, as_json: bool) -> None:
    claim = claim_of(session, call)
    paid_day = _day(paid_on) if paid_on else latest_payday(call)
    compared = compare(offers_of(session, call.call_id), claim, paid_day)
    about = {
        "call": call.call_id,
        "status": call.status,
        "leaf_minor": str(claim.leaf_minor),
        "paid_day": paid_day,
        "due_day": claim.due_day,
    }
    note = (
        "年化成本按内部收益率(复利)计算,单利另列 / annual cost: internal rate of return "
        "(compounded); simple interest beside it"
    )
    rows = [_row(offer, cost) for offer, cost in compared]
    show_list(rows, as_json=as_json, note=note, about=about, empty="尚无已开启的报价 / none opened")


def _row(offer: OfferOnLedger, cost: OfferCost) -> dict[str, object]:
    return {"bank": offer.bank, "status": offer.status, **_amounts(offer.terms), **_costs(cost)}


def _amounts(terms: OfferTerms) -> dict[str, object]:
    return {name: str(amount_minor) for name, amount_minor in terms._asdict().items()}


def _costs(cost: OfferCost) -> dict[str, object]:
    return {
        "net_minor": str(cost.net_minor),
        "cost_minor": str(cost.cost_minor),
        "days": cost.days,
        "annual_cost": _percent(cost.annual_rate),
        "simple_cost": _percent(cost.simple_rate),
    }


def _percent(rate: Decimal) -> str:
    """Return a rate in percent with four decimals; people and programs read the same."""
    return f"{rate * 100:.4f}%"


def _terms(advance: str, discount: str, fee: str) -> OfferTerms:
    try:
        return OfferTerms(*(parse_amount(text) for text in (advance, discount, fee)))
    except ValueError as error:
        raise CommandRefused("cli/field_refused", str(error)) from None


def _require_sound(terms: OfferTerms, claim: Claim) -> None:
    if not terms.is_sound or terms.advance_minor > claim.leaf_minor:
        limit = f"{claim.leaf_minor // 100}.{claim.leaf_minor % 100:02}"
        text = f"discount and fee stay below the advance, the advance within {limit}"
        raise CommandRefused("cli/offer_unsound", text)


def _id(kind: str, text: str, chain_id: str) -> bytes:
    """Return the id that a text names: an organisation also by its code."""
    try:
        return parse_party(text, chain_id) if kind == "party" else parse_id(kind, text)
    except MalformedId as error:
        raise CommandRefused("cli/field_refused", str(error)) from None


def _day(text: str) -> int:
    try:
        return day_of_iso(text)
    except ValueError:
        raise CommandRefused("cli/field_refused", f"{text}: expected a date") from None


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what a client finds wrong with a call into refusals."""
    try:
        yield
    except CallUnknown as error:
        raise CommandRefused("supply_chain/unknown_call", str(error)) from None
    except CallKeyMissing as error:
        raise CommandRefused("client/call_key_missing", str(error)) from None
    except UnsealableKey as error:
        raise CommandRefused("client/unsealable_key", str(error)) from None
    except NoAnnualRate as error:
        raise CommandRefused("client/no_annual_rate", str(error)) from None
