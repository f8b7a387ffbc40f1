"""How answers are described in the OpenAPI document, from the types that encode them.

Rules this file keeps:
 1. A type has one schema under its own name; pages and single items are described around it.
 2. Every operation lists the problems it may answer with.
"""

from typing import Any, Final

import msgspec

from xinlian.api.encoding import JSON_MEDIA_TYPE, Json, schema_of, schemas_of_structs
from xinlian.api.problems import PROBLEM_MEDIA_TYPE
from xinlian.client import wire
from xinlian.readmodels import rows
from xinlian.readmodels.books import rows as books

OCTETS: Final = "application/octet-stream"
EVENT_STREAM: Final = "text/event-stream"

WIRE_TYPES: Final[tuple[type[msgspec.Struct], ...]] = (
    wire.OutcomeAnswer,
    wire.DryRunAnswer,
    wire.HeaderAnswer,
    wire.HeadersAnswer,
    wire.LiveAnswer,
    wire.ReadyAnswer,
    wire.TokenAnswer,
    wire.ReportAnswer,
    wire.CountersignedAnswer,
    wire.MandatesAnswer,
    wire.CorroborationAnswer,
    wire.CureAnswer,
    wire.Problem,
)
ROW_TYPES: Final[tuple[type[msgspec.Struct], ...]] = (
    rows.BlockRow,
    rows.TransactionRow,
    rows.EventRow,
    rows.PartyRow,
    rows.ProposalRow,
    rows.VoteRow,
    rows.KeyRow,
    rows.OfficialRoleRow,
    rows.PolicyVersionRow,
    rows.ValidatorRow,
    rows.AccountRow,
    rows.BalanceRow,
    rows.PostingRow,
    rows.BankEntryRow,
    rows.DocumentRow,
    rows.FactRow,
    rows.VerdictRow,
    rows.InvoiceRow,
    rows.CertificateRow,
    rows.LeafRow,
    rows.EncumbranceRow,
    rows.OfferRow,
    rows.FreezeRow,
    rows.DisputeRow,
    rows.GuaranteeRow,
    rows.FinanceCallRow,
    rows.FinanceOfferRow,
    rows.IssueLineRow,
    rows.LateInterestRow,
    rows.PaymentOrderRow,
    rows.ObligationRow,
    rows.ConsentRow,
    rows.CreditRecordRow,
    rows.CreditInquiryRow,
    rows.CreditObjectionRow,
    rows.CreditReport,
    rows.DeviceRow,
    rows.WatchRow,
    rows.ConsentReadRow,
    rows.Figure,
    rows.Portrait,
    rows.PortraitFactRow,
    rows.Statement,
    rows.LeafPath,
    rows.PendingTransferRow,
    rows.BankStatementRow,
    rows.PeriodCloseRow,
    books.VoucherLine,
    books.VoucherRow,
    books.BalanceLine,
    books.TrialBalance,
    books.AgeingLine,
    books.Ageing,
)
_HEIGHT: Final[Json] = {"type": "integer", "description": "as of which height"}
_MOMENT: Final[Json] = {
    "height": _HEIGHT,
    "time_ms": {"type": "integer"},
    "time": {"type": "string"},
}

Responses = dict[int | str, dict[str, Any]]


def components() -> Json:
    """Return the schemas of every answer, by name."""
    named = schemas_of_structs({struct.__name__: struct for struct in WIRE_TYPES})
    named.update({row.__name__: schema_of(row) for row in ROW_TYPES})
    return named


def answers(answer_type: type[msgspec.Struct], *statuses: int) -> Responses:
    """Return the description of a JSON answer, by default of status 200."""
    return {status: _json(_reference(answer_type)) for status in statuses or (200,)}


def page_of(row_type: type[msgspec.Struct]) -> Responses:
    """Return the description of a page of rows."""
    items = {"type": "array", "items": _reference(row_type)}
    cursor = {"type": ["string", "null"], "description": "where the next page begins"}
    page = _object({**_MOMENT, "items": items, "next_cursor": cursor})
    since = "only where the node lacks its first blocks: what happened up to there is not listed"
    page["properties"]["since_height"] = {"type": "integer", "description": since}
    return {200: _json(page), **_unchanged()}


def item_of(row_type: type[msgspec.Struct]) -> Responses:
    """Return the description of one row."""
    return {200: _json(_object({**_MOMENT, "item": _reference(row_type)})), **_unchanged()}


def whole(answer_type: type[msgspec.Struct]) -> Responses:
    """Return the description of an answer that carries its own height."""
    return {200: _json(_reference(answer_type)), **_unchanged()}


def file_answer(media_type: str, description: str) -> Responses:
    """Return the description of a file."""
    schema = {"type": "string", "format": "binary"}
    return {200: {"description": description, "content": {media_type: {"schema": schema}}}}


def binary_body(description: str) -> Json:
    """Return the description of a binary request body."""
    content = {OCTETS: {"schema": {"type": "string", "format": "binary"}}}
    return {"requestBody": {"required": True, "description": description, "content": content}}


def problem(description: str) -> Json:
    """Return the description of a response with problem details."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {PROBLEM_MEDIA_TYPE: {"schema": schema}}}


def _reference(answer_type: type[msgspec.Struct]) -> Json:
    return {"$ref": f"#/components/schemas/{answer_type.__name__}"}


def _object(properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _json(schema: Json) -> dict[str, Any]:
    return {"description": "the answer", "content": {JSON_MEDIA_TYPE: {"schema": schema}}}


def _unchanged() -> Responses:
    return {304: {"description": "what the client has is of this height"}}
