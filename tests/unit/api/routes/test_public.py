"""What everybody may ask: health, genesis, headers, verification."""

import itertools

import pytest

from unit.api.callers import OCTETS, problem_of, refused, send
from unit.readmodels.stories import root_of
from xinlian.api.routes.public import HEADERS_MAX, VERIFY_BYTES_MAX
from xinlian.crypto.hashing import Domain, tagged_hash
from xinlian.ledger.header import header_hash
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.verifier import verify_receipt


def get(served, path: str, **headers: str):
    return send(served.server.url, "GET", path, headers=headers)


def test_readiness_names_chain_clock_and_heights(served):
    answer = get(served, "/v1/health/ready").json()
    head = served.consortium.node.head().header.height
    assert answer["ready"] is True
    assert (answer["height"], answer["projected_height"]) == (head, head)
    assert (answer["chain_id"], answer["clock"]) == ("test-consortium", "simulated")
    assert answer["simulated"] is True
    assert "模拟" in answer["label"]


def test_a_failed_projection_makes_a_node_unready_by_name(fresh):
    fresh.projector._failed("readmodels/database_failed", "for the test")
    response = get(fresh, "/v1/health/ready")
    assert response.status_code == 503
    assert response.json()["cause"] == "readmodels/database_failed"


def test_liveness_says_nothing_else(served):
    assert get(served, "/v1/health/live").json() == {"live": True}


def test_genesis_is_given_byte_for_byte_with_its_hash_for_a_tag(served):
    response = get(served, "/v1/genesis")
    assert response.content == served.consortium.genesis_bytes
    expected = tagged_hash(Domain.GENESIS, served.consortium.genesis_bytes).hex()
    assert response.headers["etag"] == f'"{expected}"'
    again = send(
        served.server.url, "GET", "/v1/genesis", headers={"If-None-Match": f'"{expected}"'}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_headers_come_in_pages_that_follow_each_other(served):
    head = served.consortium.node.head().header.height
    heights: list[int] = []
    cursor = ""
    while True:
        page = get(served, f"/v1/headers?limit=7{cursor}").json()
        heights.extend(item["height"] for item in page["items"])
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert heights == list(range(head + 1))
    assert len(get(served, "/v1/headers?limit=200").json()["items"]) == min(head + 1, HEADERS_MAX)
    assert get(served, f"/v1/headers?from_height={head + 9}").json()["items"] == []


def test_each_header_names_the_hash_of_the_one_before(served):
    items = get(served, "/v1/headers").json()["items"]
    for before, after in itertools.pairwise(items):
        assert after["previous_hash"] == before["hash"]


def test_the_head_has_an_address_of_its_own(served):
    head = served.consortium.node.head()
    answer = get(served, "/v1/headers/head").json()
    assert answer["height"] == head.header.height
    assert answer["hash"] == header_hash(head.header).hex()
    assert answer["simulated"] is True
    assert answer == get(served, f"/v1/headers/{head.header.height}").json()


@pytest.mark.parametrize("height", ["-1", "01", "1.5", "x", "9" * 19, "Head"])
def test_what_is_no_height_is_refused(served, height):
    assert refused(get(served, f"/v1/headers/{height}")) == "api/parameters_invalid"


def test_a_height_that_is_not_there_yet_is_not_found(served):
    assert refused(get(served, "/v1/headers/999999")) == "api/not_found"


@pytest.fixture
def receipt(served) -> bytes:
    block = served.told.store.block(1)
    from xinlian.ledger.header import decode_block
    from xinlian.ledger.transaction import decode_transaction

    raw = decode_block(block).transactions[0]
    found: bytes = served.consortium.node.receipt(decode_transaction(raw).transaction_id)
    return found


def verify(served, data: bytes, query: str = "?allow_simulated=true"):
    return send(served.server.url, "POST", f"/v1/verify{query}", body=data, headers=OCTETS)


def test_a_receipt_is_verified_as_the_strangers_verifier_does(served, receipt):
    answer = verify(served, receipt).json()
    report = verify_receipt(receipt, served.consortium.genesis_bytes, allow_simulated=True)
    assert answer["transaction_id"] == report.transaction_id
    assert answer["heights"] == list(report.heights)
    assert answer["is_simulated"] is True


def test_a_rehearsal_proves_nothing_unless_it_is_allowed_to(served, receipt):
    response = verify(served, receipt, "")
    assert refused(response) == "api/not_verified"
    assert problem_of(response).detail.startswith("clock:")


@pytest.mark.parametrize("position", [0, 40, 200, -1])
def test_a_changed_byte_is_refused_with_what_is_wrong(served, receipt, position):
    changed = bytearray(receipt)
    changed[position] ^= 1
    response = verify(served, bytes(changed))
    assert response.status_code == 422
    assert refused(response) == "api/not_verified"
    assert ":" in problem_of(response).detail


@pytest.mark.parametrize("data", [b"", b"garbage", b"\x95" * 100_000])
def test_garbage_is_no_receipt(served, data):
    assert refused(verify(served, data)) == "api/not_verified"


def test_a_file_beyond_the_ceiling_is_not_read(served):
    assert refused(verify(served, bytes(VERIFY_BYTES_MAX + 1))) == "api/body_too_large"


def test_a_receipt_of_another_chain_is_refused(fresh, receipt):
    fresh.told.send("core", RegisterDocument(root_of("x"), "invoice", 1))
    other = receipt.replace(b"test-consortium", b"test-c0nsortium")
    assert other != receipt
    assert refused(verify(fresh, other)) == "api/not_verified"


def test_an_address_that_takes_no_body_refuses_one(served):
    response = send(served.server.url, "POST", "/v1/tokens", body=b"x")
    assert refused(response) == "api/body_too_large"
