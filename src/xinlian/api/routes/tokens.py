"""Short tokens for who signed a request."""

from fastapi import APIRouter
from starlette.responses import Response

from xinlian.api import problems
from xinlian.api.authentication import CurrentReader
from xinlian.api.encoding import json_response
from xinlian.api.problems import ApiProblem
from xinlian.api.replay import TOKEN_LIFE_SECONDS
from xinlian.api.schemas import answers
from xinlian.api.services import Services
from xinlian.client.wire import TokenAnswer
from xinlian.primitives import format_id


def router(services: Services) -> APIRouter:
    """Return the route of tokens."""
    routes = APIRouter(prefix="/v1", tags=["sign-in"])

    @routes.post("/tokens", responses=answers(TokenAnswer))
    async def issue(reader: CurrentReader) -> Response:
        """Give a bearer token of fifteen minutes for a signature (RFC 9421), never for a token."""
        if not reader.has_signed:
            raise ApiProblem(problems.TOKEN_INVALID, "sign the request itself to get a new token")
        answer = TokenAnswer(
            token=services.authenticator.issue_token(reader),
            token_type="Bearer",  # noqa: S106 - the name of the scheme
            expires_in_seconds=TOKEN_LIFE_SECONDS,
            party=format_id("party", reader.party),
        )
        return json_response(answer)

    return routes
