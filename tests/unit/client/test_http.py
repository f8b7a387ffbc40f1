"""A node from Python: outcomes survive lost answers, reads are typed, events come once."""

import socket
import threading
from collections.abc import Iterator

import httpx
import msgspec
import pytest

from unit.api.conftest import Served, serve
from unit.readmodels.stories import Told, root_of, tell_paid
from xinlian.api.replay import TOKEN_LIFE_SECONDS
from xinlian.client.http import ApiError, NodeClient, NodeUnreachable
from xinlian.client.wire import MIN_HEIGHT_HEADER, LedgerEvent
from xinlian.crypto.hashing import HASH_BYTES
from xinlian.ledger.transaction import decode_transaction
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.primitives import format_id
from xinlian.testing import Consortium
from xinlian.verifier import verify_receipt


class Leaf(msgspec.Struct):
    """What a reader wants of a leaf; other fields are ignored."""

    leaf_id: str
    amount_minor: str


class Faulty(httpx.BaseTransport):
    """The real network, which loses or changes some answers after the node has acted."""

    def __init__(self, faults: list[httpx.Response | type[httpx.TransportError]], path: str):
        self.faults = faults
        self.path = path
        self.asked: list[httpx.Request] = []
        self._network = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        response = self._network.handle_request(request)
        if request.url.path != self.path or not self.faults:
            return response
        response.read()
        response.close()
        fault = self.faults.pop(0)
        if isinstance(fault, httpx.Response):
            return fault
        raise fault("lost on the way")

    def paths(self, path: str) -> int:
        return sum(request.url.path == path for request in self.asked)

    def close(self) -> None:
        self._network.close()


@pytest.fixture(scope="module")
def paid(tmp_path_factory) -> Iterator[Served]:
    yield from serve(tell_paid(), tmp_path_factory.mktemp("client"))


@pytest.fixture
def fresh(tmp_path) -> Iterator[Served]:
    yield from serve(Told(Consortium()), tmp_path)


def client(
    served: Served,
    name: str = "core",
    *,
    urls: tuple[str, ...] = (),
    transport: httpx.BaseTransport | None = None,
) -> NodeClient:
    return NodeClient(
        urls or served.server.url,
        party=served.consortium[name].party,
        key=served.key(name),
        transport=transport,
        clock=served.clock,
    )


def document(name: str) -> RegisterDocument:
    return RegisterDocument(root_of(name), "invoice", 1)


@pytest.fixture
def dead_url() -> Iterator[str]:
    """An address at which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_transaction_is_submitted_and_its_outcome_known(fresh):
    signed = fresh.consortium.sign("core", document("a"))
    with client(fresh) as node:
        assert node.dry_run(signed.raw).succeeded
        outcome = node.wait_for_outcome(signed)
        assert outcome.status == "committed"
        assert outcome.committed is not None
        assert outcome.committed.succeeded
        assert node.outcome(signed.transaction_id).committed == outcome.committed
        assert node.submit(signed.raw).committed == outcome.committed


def test_a_refused_message_is_an_outcome_and_no_error(fresh):
    c = fresh.consortium
    signed = c.sign("supplier1", Transfer(c.account("supplier1"), c.account("bank"), 1))
    with client(fresh, "supplier1") as node:
        committed = node.wait_for_outcome(signed).committed
    assert committed is not None
    assert not committed.succeeded
    assert committed.error == "accounts/insufficient_balance"


@pytest.mark.parametrize("fault", [httpx.ReadError, httpx.ReadTimeout, httpx.RemoteProtocolError])
def test_a_lost_answer_is_asked_for_again_with_the_same_bytes(fresh, fault):
    signed = fresh.consortium.sign("core", document("a"))
    network = Faulty([fault, fault], "/v1/transactions")
    with client(fresh, transport=network) as node:
        outcome = node.wait_for_outcome(signed)
    assert outcome.status == "committed"
    assert {request.content for request in network.asked} == {signed.raw}
    assert len(network.asked) == 3
    assert fresh.consortium.node.head().header.height == 1


def test_a_busy_node_is_asked_again(fresh):
    problem = {
        "type": "urn:xinlian:error:ledger/overloaded",
        "title": "busy",
        "status": 503,
        "detail": "",
        "codespace": "ledger",
        "name": "overloaded",
        "code": 15,
        "transient": True,
        "not_admitted": True,
    }
    signed = fresh.consortium.sign("core", document("a"))
    network = Faulty([httpx.Response(503, json=problem)], "/v1/transactions")
    with client(fresh, transport=network) as node:
        assert node.wait_for_outcome(signed).status == "committed"


def test_a_dead_node_is_passed_over_for_a_living_one(fresh, dead_url):
    signed = fresh.consortium.sign("core", document("a"))
    with client(fresh, urls=(dead_url, fresh.server.url)) as node:
        assert node.wait_for_outcome(signed).status == "committed"
        assert node.submit(signed.raw).status == "committed"
        assert node.head().height == 1


def test_without_any_answer_the_waiting_ends_in_time(fresh, dead_url):
    signed = fresh.consortium.sign("core", document("a"))
    with client(fresh, urls=(dead_url,)) as node:
        with pytest.raises(NodeUnreachable, match="the same bytes give the same outcome"):
            node.wait_for_outcome(signed, timeout_seconds=0.2)
        with pytest.raises(NodeUnreachable):
            node.head()


def test_closing_ends_the_retries_of_another_thread(fresh, dead_url):
    signed = fresh.consortium.sign("core", document("a"))
    node = client(fresh, urls=(dead_url,))
    ended = threading.Event()

    def wait() -> None:
        with pytest.raises(NodeUnreachable):
            node.wait_for_outcome(signed, timeout_seconds=600)
        ended.set()

    thread = threading.Thread(target=wait)
    thread.start()
    node.close()
    thread.join(30)
    assert ended.is_set()


def test_what_was_never_ordered_expires_provably(fresh):
    c = fresh.consortium
    signed = c.sign("core", document("a"))
    valid_until_ms = c.now_ms() + 600_000
    with client(fresh) as node:
        assert node.outcome(signed.transaction_id, valid_until_ms).status == "unknown"
        c.advance_to(valid_until_ms + 1)
        assert node.wait_for_outcome(signed, valid_until_ms=valid_until_ms).status == "expired"
        with pytest.raises(ApiError, match="ledger/expired"):
            node.wait_for_outcome(signed)


def test_a_transaction_that_is_not_admitted_is_an_error_with_its_name(fresh):
    with client(fresh) as node, pytest.raises(ApiError) as caught:
        node.submit(b"garbage")
    error = caught.value
    assert (error.reference, error.codespace, error.name) == (
        "ledger/undecodable",
        "ledger",
        "undecodable",
    )
    assert (error.code, error.status) == (2, 422)
    assert (error.not_admitted, error.transient) == (True, False)
    assert error.title
    assert error.detail


def test_a_list_is_read_to_its_end_page_by_page(paid):
    with client(paid) as node:
        path = f"/v1/certificates/{paid.told.text('cert', 'certificate')}/leaves"
        whole = list(node.iterate(path, Leaf))
        by_one = list(node.iterate(path, Leaf, {"limit": 1}))
        headers = [item["height"] for item in node.iterate("/v1/headers", dict, {"limit": 7})]
    assert {leaf.leaf_id for leaf in whole} == {
        paid.told.text("leaf", name) for name in ("whole", "leaf2", "rest")
    }
    assert by_one == whole
    assert headers == list(range(paid.consortium.node.head().header.height + 1))


def test_others_objects_are_not_found(paid):
    account = format_id("account", paid.consortium.account("core"))
    with client(paid, "supplier2") as node, pytest.raises(ApiError) as caught:
        node.get(f"/v1/accounts/{account}")
    assert (caught.value.reference, caught.value.status) == ("api/not_found", 404)


def test_a_read_follows_ones_own_write(fresh):
    network = Faulty([], "")
    with client(fresh, transport=network) as node:
        for number in range(10):
            name = str(number)
            node.wait_for_outcome(fresh.consortium.sign("core", document(name)))
            assert node.get(f"/v1/documents/{root_of(name).hex()}")["item"]["schema"] == "invoice"
    assert network.asked[-1].headers[MIN_HEIGHT_HEADER] == "10"


def test_proofs_are_got_and_hold_without_the_node(paid):
    leaf = f"leaf:{paid.told.text('leaf', 'rest')}"
    with client(paid, "supplier1") as node:
        genesis = node.genesis()
        receipt = node.receipt(paid.told.ids["batch"], [leaf])
        report = node.verify(receipt, allow_simulated=True)
        with pytest.raises(ApiError, match="api/not_verified"):
            node.verify(receipt)
        head, header = node.head(), node.header(1)
    own = verify_receipt(receipt, genesis, allow_simulated=True)
    assert genesis == paid.consortium.genesis_bytes
    assert report.transaction_id == own.transaction_id == paid.told.ids["batch"].hex()
    assert report.present_keys == own.present_keys
    assert head.height == paid.consortium.node.head().header.height
    assert (header.height, len(bytes.fromhex(header.hash))) == (1, HASH_BYTES)


def test_that_an_own_transaction_has_expired_is_proven(fresh):
    c = fresh.consortium
    raw = c.sign("core", document("never sent")).raw
    c.advance_to(c.now_ms() + 600_001)
    with client(fresh) as node:
        proof = node.expiry_proof(raw)
        report = node.verify(proof, allow_simulated=True)
    assert report.expired_transaction_id == decode_transaction(raw).transaction_id.hex()
    assert report.transaction_id == ""


def test_readiness_is_told_whether_ready_or_not(fresh):
    with client(fresh) as node:
        assert node.ready().ready
        assert node.ready().simulated
        fresh.consortium.engine.close()
        assert not node.ready().ready
        assert node.ready().cause == "api/node_stopped"


def test_one_token_serves_many_reads_and_is_renewed(paid):
    network = Faulty([], "")
    with client(paid, transport=network) as node:
        for _ in range(3):
            node.get("/v1/leaves")
        assert network.paths("/v1/tokens") == 1
        assert all("Signature" not in request.headers for request in network.asked[1:])
        paid.clock.seconds += TOKEN_LIFE_SECONDS  # the node forgets the token before the client
        node.get("/v1/leaves")
        assert network.paths("/v1/tokens") == 2


def test_a_node_without_tokens_gets_a_signature_on_each_read(paid):
    network = Faulty([httpx.Response(404)], "/v1/tokens")
    with client(paid, transport=network) as node:
        node.get("/v1/leaves")
        node.get("/v1/leaves", {"limit": 1, "life": "active"})
        with pytest.raises(ApiError, match="ledger/undecodable"):
            node.dry_run(b"garbage")  # its digest is signed too, or it would not come so far
    assert network.paths("/v1/tokens") == 1
    assert all("Signature" in request.headers for request in network.asked)


def test_a_key_that_is_not_registered_reads_nothing(paid):
    node = NodeClient(
        paid.server.url,
        party=paid.consortium["core"].party,
        key=paid.key("newcomer"),
        clock=lambda: 0.0,
    )
    with node, pytest.raises(ApiError) as caught:
        node.get("/v1/leaves")
    assert caught.value.status == 401


def take(events: Iterator[LedgerEvent], count: int) -> list[str]:
    return [next(events).id for _ in range(count)]


def test_events_come_once_across_reconnects(fresh):
    with client(fresh) as node:
        events = node.events()
        ids = []
        for number in range(6):
            fresh.told.send("core", document(str(number)))
            ids += take(events, 1)
            if number % 2:
                # The stream ends with the token; the client comes back by itself.
                fresh.clock.seconds += TOKEN_LIFE_SECONDS
    expected = [f"{height}.0" for height in range(1, 7)]
    assert ids == expected
    with client(fresh) as node:
        assert take(node.events(after=expected[2]), 3) == expected[3:]


def test_events_go_on_at_another_node(fresh, dead_url):
    fresh.told.send("core", document("a"))
    with client(fresh, urls=(dead_url, fresh.server.url)) as node:
        assert take(node.events(), 1) == ["1.0"]


def test_events_of_nobody_are_an_error_and_not_tried_for_ever(paid):
    node = NodeClient(
        paid.server.url,
        party=paid.consortium["core"].party,
        key=paid.key("newcomer"),
        clock=lambda: 0.0,
    )
    with node, pytest.raises(ApiError):
        next(node.events())


def test_a_client_shows_no_secret(paid):
    seed = paid.key("core")
    with client(paid) as node:
        node.get("/v1/leaves")
        token = node._connections[0]._token
        shown = f"{node!r} {seed!r}"
    assert token.startswith("xlt_")
    assert token not in shown
    assert "xlt_" not in shown


@pytest.mark.parametrize(
    "url",
    ["", "ftp://node", "node.example", "http://", "http://user:secret@node.example"],
)
def test_what_is_no_address_of_a_node_is_refused_without_repeating_it(paid, url):
    with pytest.raises(ValueError, match="a node's address is") as caught:
        NodeClient(url, party=paid.consortium["core"].party, key=paid.key("core"))
    assert "secret" not in str(caught.value)


def test_at_least_one_node_is_needed(paid):
    with pytest.raises(ValueError, match="at least one"):
        NodeClient([], party=paid.consortium["core"].party, key=paid.key("core"))
