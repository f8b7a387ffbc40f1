"""HTTP requests as bytes, and an application called with them in this process.

A request is written as on the wire: ``METHOD target``, header fields, an empty line, the body.
"""

import asyncio
import json
import re
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from unit.api.callers import Caller, Clock
from xinlian.apps.supply_chain.offer_messages import CallForOffers
from xinlian.crypto.http_signature import LIFETIME_SECONDS_MAX
from xinlian.engines.embedded.receipts import build_receipt
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.devices.messages import RegisterDevice
from xinlian.primitives import format_id
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
from xinlian.testing.trade import Trade

AUTHORITY = "node.example"
TOKEN = b"TOKEN"
"""Stands for a token that is good, so that the corpus holds none."""
ANSWER_SECONDS_MAX = 20
SIGNED_IN = "authorization: Bearer TOKEN"


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


class Browser:
    """Calls an application with bytes that need not be a request at all."""

    def __init__(self, app: Any, consortium: Consortium, clock: Clock) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        supplier = consortium["supplier1"]
        key = supplier.keys["finance-1"]
        caller = Caller(f"http://{AUTHORITY}", supplier.party, key, clock)
        signed = caller.signed_headers("POST", "/v1/tokens", lifetime=LIFETIME_SECONDS_MAX)
        fields = "\n".join(f"{name}: {value}" for name, value in signed.items())
        self._token = b"no token yet"
        answer = self.ask(f"POST /v1/tokens\n{fields}\n\n".encode())
        self._token = json.loads(answer.body)["token"].encode()

    def close(self) -> None:
        """End the loop."""
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def ask(self, data: bytes) -> Answer:
        """Return the answer to a request; whatever the application raises passes through."""
        head, _, body = data.partition(b"\n\n")
        first, *lines = head.split(b"\n")
        method, _, target = first.partition(b" ")
        path, _, query = target.partition(b"?")
        headers = [(b"host", AUTHORITY.encode())]
        for line in lines:
            name, _, value = line.partition(b":")
            headers.append((name.strip().lower(), value.strip().replace(TOKEN, self._token)))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method.decode("latin-1"),
            "scheme": "http",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8_080),
        }
        return self._loop.run_until_complete(
            asyncio.wait_for(self._call(scope, body), ANSWER_SECONDS_MAX)
        )

    async def _call(self, scope: dict[str, Any], body: bytes) -> Answer:
        incoming = [{"type": "http.request", "body": body, "more_body": False}]
        outgoing: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return incoming.pop() if incoming else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            outgoing.append(message)

        await self._app(scope, receive, send)
        start = next(m for m in outgoing if m["type"] == "http.response.start")
        parts = [m.get("body", b"") for m in outgoing if m["type"] == "http.response.body"]
        return Answer(start["status"], dict(start["headers"]), b"".join(parts))


def request_samples(app: Any, consortium: Consortium) -> list[bytes]:
    """Return a good request to every address of the API, and the bodies that it takes."""
    ids, paid = _tell(consortium)
    requests = []
    for path, methods in app.openapi()["paths"].items():
        target = re.sub(r"\{(\w+)\}", lambda part: ids.get(part[1], "1"), path)
        for method, description in methods.items():
            names = [p["name"] for p in description.get("parameters", []) if p["in"] == "query"]
            query = "&".join(f"{name}={ids.get(name, '1')}" for name in names)
            requests += [
                f"{method.upper()} {with_query}\n{SIGNED_IN}\n\n".encode()
                for with_query in dict.fromkeys((f"{target}?{query}", target))
            ]
    payment = consortium.sign("core", _payment(consortium))
    octets = f"{SIGNED_IN}\ncontent-type: application/octet-stream\n\n".encode()
    receipt = build_receipt(consortium.engine.application.store, paid)
    return [
        *requests,
        b"POST /v1/transactions/dry-run\n" + octets + payment.raw,
        b"POST /v1/transactions?wait_seconds=0\n" + octets + payment.raw,
        b"POST /v1/verify?allow_simulated=true\n" + octets + receipt,
    ]


def _payment(consortium: Consortium) -> Transfer:
    return Transfer(consortium.account("core"), consortium.account("supplier1"), 5)


def _call_for_offers(consortium: Consortium, leaf: bytes) -> CallForOffers:
    later = (consortium.now_ms() + days * MS_PER_DAY for days in (1, 2, 3))
    return CallForOffers(leaf, (consortium["bank"].party,), b"k" * 32, False, False, False, *later)


def _device(consortium: Consortium) -> RegisterDevice:
    terms = ("weight", 1_000, 60_000, 0, 1, 0, 0, b"", consortium.now_ms() + 30 * MS_PER_DAY)
    return RegisterDevice(consortium["bank"].party, bytes(32), *terms)


def _tell(consortium: Consortium) -> tuple[dict[str, str], bytes]:
    """Bring something of everything about; return its ids as texts, and a transaction."""
    trade = Trade(consortium)
    trade.register()
    certificate, leaf = trade.certify()
    rest = trade.split(leaf, 100_000_00)[1]
    call = trade.step("supplier1", _call_for_offers(consortium, rest)).created_id("call")
    device = trade.step("supplier1", _device(consortium)).created_id("device")
    paid = trade.step("core", _payment(consortium)).transaction_id
    supplier = format_id("party", consortium["supplier1"].party)
    ids = {
        "party_id": supplier,
        "holder": supplier,
        "seller": supplier,
        "owner": supplier,
        "payer": supplier,
        "certificate_id": format_id("cert", certificate),
        "leaf_id": format_id("leaf", leaf),
        "account_id": format_id("account", consortium.account("supplier1")),
        "root": trade.root("invoice").hex(),
        "invoice_root": trade.root("invoice").hex(),
        "transaction_id": paid.hex(),
        "call_id": format_id("call", call),
        "device_id": format_id("device", device),
        "life": "active",
        "newest_first": "true",
    }
    return ids, paid
