"""Receipt files: to the parties of a transaction, with state that the reader may read."""

import pytest

from unit.api.callers import refused
from xinlian.apps.supply_chain.types import CERTIFICATES, LEAVES
from xinlian.ledger.transaction import decode_transaction
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.primitives import format_id
from xinlian.verifier import verify_receipt


@pytest.fixture
def batch(served) -> str:
    """The address of the receipt of a transaction of supplier1's."""
    return f"/v1/receipts/{served.told.ids['batch'].hex()}"


def test_a_receipt_proves_its_transaction(served, batch):
    response = served.caller("supplier1").get(batch)
    report = verify_receipt(
        response.content,
        served.consortium.genesis_bytes,
        allow_simulated=True,
    )
    assert response.headers["content-type"] == "application/octet-stream"
    assert report.transaction_id == served.told.ids["batch"].hex()
    assert report.call_count == 2


def test_a_receipt_proves_the_state_of_what_the_reader_may_read(served, batch):
    told = served.told
    account = served.consortium.account("supplier1")
    query = "&".join(
        (
            f"state=leaf:{told.text('leaf', 'rest')}",
            f"state=certificate:{told.text('cert', 'certificate')}",
            f"state=account:{format_id('account', account)}",
        ),
    )
    data = served.caller("supplier1").get(f"{batch}?{query}").content
    report = verify_receipt(data, served.consortium.genesis_bytes, allow_simulated=True)
    expected = [
        LEAVES.key(told.ids["rest"]),
        CERTIFICATES.key(told.ids["certificate"]),
        ACCOUNTS.key(account),
    ]
    assert list(report.present_keys) == [key.hex() for key in expected]


def test_others_get_no_receipt(served, batch):
    assert refused(served.caller("settle").get(batch)) == "api/not_found"


def test_the_state_of_others_is_not_proven(served, batch):
    account = format_id("account", served.consortium.account("core"))
    response = served.caller("supplier1").get(f"{batch}?state=account:{account}")
    assert refused(response) == "api/not_found"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("leaf", "api/malformed_id"),
        ("leaf:x", "api/malformed_id"),
        ("leaf:cert_" + "a" * 32, "api/malformed_id"),
        ("party:x", "api/parameters_invalid"),
        ("x" * 65, "api/parameters_invalid"),
        ("leaf:leaf_" + "a" * 32, "api/not_found"),
    ],
)
def test_a_malformed_entry_is_refused(served, batch, entry, expected):
    assert refused(served.caller("supplier1").get(f"{batch}?state={entry}")) == expected


def test_the_number_of_entries_is_bounded(served, batch):
    entry = f"state=leaf:{served.told.text('leaf', 'rest')}"
    query = "&".join([entry] * 33)
    assert refused(served.caller("supplier1").get(f"{batch}?{query}")) == "api/parameters_invalid"
    assert served.caller("supplier1").get(f"{batch}?{'&'.join([entry] * 32)}").status_code == 200


def test_an_unknown_transaction_has_no_receipt(served):
    assert refused(served.caller("core").get(f"/v1/receipts/{'0' * 64}")) == "api/not_found"


def test_a_party_gets_proof_that_its_transaction_has_expired_and_nobody_else(fresh):
    c = fresh.consortium
    payment = Transfer(c.account("core"), c.account("bank"), 1)
    raw = c.sign("core", payment).raw
    ordered = c.send("core", payment)[0].raw

    def ask(name: str, body: bytes = raw):
        return fresh.caller(name).request("POST", "/v1/receipts/expired", body=body)

    assert refused(ask("core")) == "api/not_found", "it may still be ordered"
    c.advance_to(c.now_ms() + 600_001)
    assert refused(ask("bank")) == "api/not_found"
    assert refused(ask("core", ordered)) == "api/not_found"
    assert refused(ask("core", b"garbage")) == "ledger/undecodable"
    report = verify_receipt(ask("core").content, c.genesis_bytes, allow_simulated=True)
    assert report.expired_transaction_id == decode_transaction(raw).transaction_id.hex()
