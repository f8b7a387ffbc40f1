"""Which keys may send what for the reader's own party.

Rules this file keeps:
 1. A party reads its own mandates, as the committed state has them; nobody reads another's.
 2. The list is whole: a party has at most ``MANDATE_RULES_MAX`` rules for a message type.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from xinlian.api.authentication import CurrentReader
from xinlian.api.encoding import versioned_response
from xinlian.api.schemas import answers
from xinlian.api.services import Services
from xinlian.client.wire import MandateItem, MandateKey, MandatesAnswer
from xinlian.ledger.ports import StateView
from xinlian.modules.members.types import KEYS, MANDATES, KeyStatus, MandateRule
from xinlian.primitives import format_id
from xinlian.primitives.time import iso_of_ms
from xinlian.readmodels.text import enum_text


def router(services: Services) -> APIRouter:
    """Return the route of mandates."""
    routes = APIRouter(prefix="/v1", tags=["directory"])

    @routes.get("/mandates", responses=answers(MandatesAnswer))
    def mandates(request: Request, reader: CurrentReader) -> Response:
        """List the rules of the reader's own party: who may send which message type."""
        with services.node.store.snapshot() as snapshot:
            items = tuple(
                _item(snapshot, reader.party, parts[1], rule_no, rule)
                for parts, record in MANDATES.scan(snapshot, reader.party)
                for rule_no, rule in enumerate(record.rules, 1)
            )
            answer = MandatesAnswer(snapshot.height, items)
        return versioned_response(request, answer, answer.height)

    return routes


def _item(
    state: StateView,
    party: bytes,
    message_type: bytes,
    rule_no: int,
    rule: MandateRule,
) -> MandateItem:
    return MandateItem(
        party_id=format_id("party", party),
        message_type=int.from_bytes(message_type, "big"),
        rule_no=rule_no,
        threshold=rule.threshold,
        keys=tuple(_key(state, key_id) for key_id in rule.keys),
        cap_minor=str(rule.cap_minor),
        daily_cap_minor=str(rule.daily_cap_minor),
        expires_at_ms=rule.expires_at_ms,
        expires_at=iso_of_ms(rule.expires_at_ms) if rule.expires_at_ms else "",
    )


def _key(state: StateView, key_id: bytes) -> MandateKey:
    key = KEYS.require(state, key_id)
    return MandateKey(format_id("key", key_id), key.role, enum_text(KeyStatus(key.status)))
