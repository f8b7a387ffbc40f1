"""The OpenAPI 3.1 document, completed with schemas, problems and how to sign in.

Rules this file keeps:
 1. Every operation names the problems it may answer with, and whether it needs a sign-in, from
    the same constant that lets requests in.
"""

from typing import Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from xinlian.api.authentication import OPEN_OPERATIONS
from xinlian.api.encoding import Json
from xinlian.api.schemas import components, problem

DESCRIPTION: Final = (
    "Reads of a Xinlian ledger, and submission of signed transactions. Keys never come here. "
    'Sign each read (RFC 9421, `tag="xinlian"`) or bring a token of POST /v1/tokens. '
    "Errors are problem details (RFC 9457) with stable names. "
    "只接收已签名交易;私钥不上传;读取需签名或令牌。"
)
_PROBLEMS: Final = {
    "401": "not signed in",
    "404": "not found, or not yours to read",
    "405": "no such method",
    "413": "the body is too large",
    "415": "unsupported media type",
    "421": "signed for another node",
    "422": "a parameter is malformed",
    "429": "too many at once",
    "500": "an error of this node",
    "503": "stopped, or behind; try again",
}
_SECURITY_SCHEMES: Final[Json] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "a token of POST /v1/tokens; fifteen minutes",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": (
            "RFC 9421 with Signature-Input, Ed25519 over @method @authority @path @query and, "
            "with a body, content-digest; created, expires, nonce, keyid, tag"
        ),
    },
}
_SIGN_IN: Final[list[Json]] = [{"token": []}, {"signature": []}]


def install(app: FastAPI) -> None:
    """Make an application describe itself completely."""

    def document() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _document(app: FastAPI) -> Json:
    found: Json = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=DESCRIPTION,
        routes=app.routes,
    )
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _complete(operation, is_open=(method.upper(), path) in OPEN_OPERATIONS)
    found["components"] = {"schemas": components(), "securitySchemes": _SECURITY_SCHEMES}
    return found


def _complete(operation: Json, *, is_open: bool) -> None:
    """Add to an operation its problems and its sign-in."""
    responses = operation["responses"]
    for status, description in _PROBLEMS.items():
        responses[status] = problem(description)
    operation["security"] = [] if is_open else _SIGN_IN
