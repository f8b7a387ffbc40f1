"""Errors on the wire: every refusal is problem details with a stable name (RFC 9457).

Rules this file keeps:
 1. ``type`` is ``urn:xinlian:error:<codespace>/<name>``; codespace, name, code and ``transient``
    are those of the ledger, of the read model, or of this table for ``api``.
 2. Whatever was not foreseen is ``api/internal`` and says nothing of the inside.
 3. Numbers of this table never change once released.
"""

import dataclasses
from collections.abc import Mapping
from typing import Final

import msgspec
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from xinlian.api.boundary import SECURITY_HEADERS, BodyTooLarge
from xinlian.client.refusal_words import refusal_words
from xinlian.client.wire import Problem
from xinlian.ledger.errors import (
    BlockFull,
    ClockUnconfirmed,
    Duplicate,
    IdempotencyConflict,
    Overloaded,
    TransactionTooLarge,
)
from xinlian.ledger.node import NodeStopped
from xinlian.primitives import InvalidTransaction, LedgerError, Unauthorised
from xinlian.readmodels.errors import (
    ConsentNotInForce,
    HistoryMissing,
    ReadModelError,
    ReadNotRecorded,
    ReadRefused,
)

_log = structlog.get_logger(__name__)

CODESPACE: Final = "api"
PROBLEM_MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:xinlian:error:"
_DETAIL_CHARS_MAX: Final = 500
_ISSUES_MAX: Final = 5
_SERVER_ERROR: Final = 500


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """A kind of refusal of the API itself."""

    code: int
    name: str
    status: int
    title: str
    transient: bool = False


NOT_FOUND: Final = Kind(1, "not_found", 404, "not found, or not yours to read / 不存在或无权查看")
METHOD: Final = Kind(2, "method_not_allowed", 405, "this address has no such method / 方法不适用")
PARAMETERS: Final = Kind(3, "parameters_invalid", 422, "a parameter is malformed / 参数格式错误")
UNKNOWN_PARAMETER: Final = Kind(4, "unknown_parameter", 422, "unknown parameter / 未知参数")
MALFORMED_ID: Final = Kind(5, "malformed_id", 422, "not the text form of an id / 标识格式错误")
BODY_TOO_LARGE: Final = Kind(6, "body_too_large", 413, "the body is too large / 请求体过大")
MEDIA_TYPE: Final = Kind(7, "unsupported_media_type", 415, "media type not taken / 媒体类型不支持")
NOT_SIGNED_IN: Final = Kind(8, "not_signed_in", 401, "sign in first / 请先签名登录")
SIGNATURE_REFUSED: Final = Kind(9, "signature_refused", 401, "signature refused / 签名不被接受")
SIGNATURE_WRONG: Final = Kind(10, "signature_wrong", 401, "signature does not verify / 验签失败")
KEY_NOT_ACTIVE: Final = Kind(11, "key_not_active", 401, "not an active key / 密钥未登记或已吊销")
REPLAYED: Final = Kind(12, "signature_replayed", 401, "signature used before / 签名已被使用")
TOKEN_INVALID: Final = Kind(13, "token_invalid", 401, "unknown or ended token / 令牌无效或已过期")
AUTHORITY_WRONG: Final = Kind(14, "authority_wrong", 421, "signed for another node / 签名地址不符")
TOO_MANY: Final = Kind(15, "too_many", 429, "too many at once / 请求过多", transient=True)
NODE_STOPPED: Final = Kind(16, "node_stopped", 503, "node stopped / 节点已停止", transient=True)
NOT_VERIFIED: Final = Kind(17, "not_verified", 422, "the file proves nothing / 凭据验证不通过")
NOT_YOURS: Final = Kind(18, "not_your_transaction", 403, "not a party to it / 非交易参与方")
INTERNAL: Final = Kind(19, "internal", 500, "an error of this node / 节点内部错误", transient=True)
BAD_REQUEST: Final = Kind(20, "bad_request", 400, "the request cannot be read / 请求无法解析")
EVENT_ID: Final = Kind(21, "event_id_invalid", 422, "not an event id / 事件编号格式错误")
BEHIND: Final = Kind(22, "behind", 503, "not there yet / 数据尚未就绪", transient=True)
PRUNED: Final = Kind(24, "pruned", 410, "pruned here; ask an archive / 已裁剪,请询存档成员")
TOO_MANY_CONNECTIONS: Final = Kind(
    26, "too_many_connections", 503, "too many connections / 连接过多", transient=True
)
STATE_NOT_KEPT: Final = Kind(25, "state_not_kept", 410, "height not kept / 该高度的状态未保留")
COUNTERSIGNATURE: Final = Kind(
    23, "countersignature_refused", 422, "the countersignature is not taken / 副署不被接受"
)

KINDS: Final = (
    NOT_FOUND,
    METHOD,
    PARAMETERS,
    UNKNOWN_PARAMETER,
    MALFORMED_ID,
    BODY_TOO_LARGE,
    MEDIA_TYPE,
    NOT_SIGNED_IN,
    SIGNATURE_REFUSED,
    SIGNATURE_WRONG,
    KEY_NOT_ACTIVE,
    REPLAYED,
    TOKEN_INVALID,
    AUTHORITY_WRONG,
    TOO_MANY,
    NODE_STOPPED,
    NOT_VERIFIED,
    NOT_YOURS,
    INTERNAL,
    BAD_REQUEST,
    EVENT_ID,
    BEHIND,
    COUNTERSIGNATURE,
    PRUNED,
    STATE_NOT_KEPT,
    TOO_MANY_CONNECTIONS,
)
_BY_STATUS: Final = {kind.status: kind for kind in (NOT_FOUND, METHOD, BODY_TOO_LARGE, MEDIA_TYPE)}
_CONFLICTS: Final = (Duplicate, IdempotencyConflict)
_BUSY: Final = (BlockFull, Overloaded, ClockUnconfirmed)
_RETRY_AFTER_SECONDS: Final = "1"


class ApiProblem(Exception):  # noqa: N818 - what is answered, by its name in RFC 9457
    """A refusal of the API itself."""

    def __init__(self, kind: Kind, detail: str = "", *, name: str = "") -> None:
        super().__init__(f"{CODESPACE}/{name or kind.name}")
        self.kind = kind
        self.name = name or kind.name
        self.detail = detail


def not_found() -> ApiProblem:
    """Return the one answer for what is not there and for what may not be read."""
    return ApiProblem(NOT_FOUND, "there is nothing here that you may read")


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response of a problem."""
    extra = dict(headers or {})
    if problem.status == NOT_SIGNED_IN.status:
        extra["WWW-Authenticate"] = 'Bearer realm="xinlian"'
    if problem.transient:
        extra["Retry-After"] = _RETRY_AFTER_SECONDS
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers={**SECURITY_HEADERS, **extra},
    )


def problem_of_kind(kind: Kind, detail: str, name: str = "") -> Problem:
    """Return the problem details of a kind of this table."""
    return Problem(
        type=f"{TYPE_PREFIX}{CODESPACE}/{name or kind.name}",
        title=kind.title,
        status=kind.status,
        detail=detail[:_DETAIL_CHARS_MAX],
        codespace=CODESPACE,
        name=name or kind.name,
        code=kind.code,
        transient=kind.transient,
    )


def problem_of_refusal(error: LedgerError) -> Problem:
    """Return the problem details of a transaction that was not admitted."""
    return Problem(
        type=f"{TYPE_PREFIX}{error.reference}",
        title=title_of(type(error)),
        status=_status_of(error),
        detail=str(error)[:_DETAIL_CHARS_MAX],
        codespace=error.codespace,
        name=error.name,
        code=error.code,
        transient=error.transient,
        not_admitted=True,
    )


def title_of(error_type: type[LedgerError] | type[ReadModelError]) -> str:
    """Return what a refusal means, in English and then in Chinese."""
    english = _first_line(error_type)
    chinese = refusal_words(f"{error_type.codespace}/{error_type.name}").meaning_zh
    return f"{english} / {chinese}" if chinese and chinese not in english else english


def refusal_named(codespace: str, code: int) -> tuple[str, str]:
    """Return (reference, title) of a result's code; of an unknown one its number."""
    found = _refusals().get((codespace, code))
    if found is None:
        return f"{codespace}/{code}", ""
    return f"{codespace}/{found.name}", title_of(found)


def install(app: FastAPI) -> None:
    """Make every error of an application problem details."""
    for error_type in (
        ApiProblem,
        LedgerError,
        ReadModelError,
        NodeStopped,
        BodyTooLarge,
        RequestValidationError,
        HTTPException,
        Exception,
    ):
        app.add_exception_handler(error_type, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    headers = error.headers if isinstance(error, HTTPException) else None
    return problem_response(_problem_of(request, error), headers)


def _problem_of(request: Request, error: Exception) -> Problem:
    if isinstance(error, LedgerError):
        return problem_of_refusal(error)
    if isinstance(error, ReadModelError):
        return _problem_of_read(error)
    if isinstance(error, ApiProblem):
        return problem_of_kind(error.kind, error.detail, error.name)
    return problem_of_kind(*_kind_of(request, error))


def _kind_of(request: Request, error: Exception) -> tuple[Kind, str]:
    """Return the kind and detail of an error that has no name of its own."""
    match error:
        case BodyTooLarge():
            return BODY_TOO_LARGE, str(error)
        case RequestValidationError():
            return PARAMETERS, _issues(error)
        case HTTPException():
            return _BY_STATUS.get(error.status_code, BAD_REQUEST), ""
        case NodeStopped():
            _log.error("node_stopped", cause=str(error))
            return NODE_STOPPED, "ask another node, or its operator"
    _log.error("request_failed", path=request.url.path, kind=type(error).__name__)
    return INTERNAL, "the operator's log names the cause"


def _problem_of_read(error: ReadModelError) -> Problem:
    """Return the problem details of the read model; what is broken inside is not told."""
    is_refusal = isinstance(error, ReadRefused)
    if not is_refusal:
        _log.error("read_model_failed", reference=error.reference, cause=str(error))
    return Problem(
        type=f"{TYPE_PREFIX}{error.reference}",
        title=title_of(type(error)),
        status=_status_of_read(error),
        detail=f"{error}; {error.next_step}"[:_DETAIL_CHARS_MAX] if is_refusal else "try later",
        codespace=error.codespace,
        name=error.name,
        code=error.code,
        transient=not is_refusal,
    )


def _status_of_read(error: ReadModelError) -> int:
    if not isinstance(error, ReadRefused):
        return NODE_STOPPED.status
    if isinstance(error, ReadNotRecorded | ConsentNotInForce):
        return NOT_YOURS.status
    return PRUNED.status if isinstance(error, HistoryMissing) else PARAMETERS.status


def _status_of(error: LedgerError) -> int:
    if isinstance(error, TransactionTooLarge):
        return BODY_TOO_LARGE.status
    if isinstance(error, _BUSY):
        return NODE_STOPPED.status
    if isinstance(error, _CONFLICTS):
        return 409
    if isinstance(error, Unauthorised):
        return NOT_YOURS.status
    return PARAMETERS.status if isinstance(error, InvalidTransaction) else 409


def _issues(error: RequestValidationError) -> str:
    """Return where parameters are malformed, without repeating what was sent."""
    found = [
        f"{'.'.join(str(part) for part in issue['loc'][1:])}: {issue['msg']}"
        for issue in error.errors()[:_ISSUES_MAX]
    ]
    return "; ".join(found)


def _refusals() -> dict[tuple[str, int], type[LedgerError]]:
    """Return every concrete refusal that is loaded, by its code."""
    found: dict[tuple[str, int], type[LedgerError]] = {}
    waiting = list(LedgerError.__subclasses__())
    while waiting:
        error_type = waiting.pop()
        waiting.extend(error_type.__subclasses__())
        if "code" in vars(error_type):
            found[error_type.codespace, error_type.code] = error_type
    return found


def _first_line(error_type: type[Exception]) -> str:
    line = (error_type.__doc__ or error_type.__name__).partition("\n")[0].strip()
    return line.replace("``", "`")
