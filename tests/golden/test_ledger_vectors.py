"""The project against ``ledger.json``, which was derived without it (``derive.py``)."""

import json

import msgspec
import pytest

from golden import derive
from golden.vectors import load
from xinlian.contracts.context import lasting_key, object_id
from xinlian.crypto.codec import decode, encode
from xinlian.crypto.ed25519 import SigningKey
from xinlian.crypto.merkle import inclusion_path, merkle_root
from xinlian.crypto.receipt_format import MARKER_PREFIX, MARKER_RETENTION_MS
from xinlian.ledger import limits
from xinlian.ledger.block import (
    EventGroup,
    EventRecord,
    TransactionResult,
    app_hash,
    event_leaves,
    result_leaves,
    transactions_root,
)
from xinlian.ledger.genesis import genesis_hash, parse_genesis
from xinlian.ledger.header import (
    HEADER_VERSION,
    Header,
    SignedHeader,
    encode_head,
    header_hash,
    header_signing_bytes,
)
from xinlian.ledger.outcomes import MARKERS
from xinlian.ledger.state_tree import update_tree
from xinlian.ledger.transaction import (
    Call,
    TransactionBody,
    decode_transaction,
    encode_body,
    encode_transaction,
    signing_bytes,
    transaction_id_of,
)
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import (
    AssetKind,
    account_id,
    asset_id,
    bank_account_commitment,
    bank_entry_id,
    bank_entry_identity,
)
from xinlian.modules.members.types import key_id_of, organisation_id, possession_bytes
from xinlian.primitives import format_id, parse_id
from xinlian.storage import MemoryStore
from xinlian.verifier import VerificationFailed, verify_receipt

VECTORS = load("ledger")
IDS = {name: bytes.fromhex(value) for name, value in VECTORS["ids"].items()}
PARTS = {name: bytes.fromhex(value) for name, value in VECTORS["parts"].items()}
KEY = SigningKey(bytes.fromhex(VECTORS["seed"]))


def golden_body() -> TransactionBody:
    message = Transfer(IDS["account"], bytes(20), 12_345_67)
    return TransactionBody(
        version=1,
        chain_id=derive.CHAIN,
        payer=IDS["party"],
        idempotency_key=bytes(range(16)),
        valid_until_ms=derive.TIME_MS + 600_000,
        signers=(IDS["key"],),
        calls=(Call(IDS["party"], msgspec.msgpack.encode(message)),),
    )


def golden_results() -> tuple[TransactionResult, ...]:
    transaction_id = PARTS["transaction_id"]
    return (TransactionResult(transaction_id, "", 0, failed_call=-1, work=1, consumed=True),)


def golden_events() -> tuple[EventGroup, ...]:
    event = msgspec.Raw(msgspec.msgpack.encode((0x0402, 7)))
    return (EventGroup(()), EventGroup((EventRecord(0, event),)))


def golden_header() -> Header:
    roots = (
        bytes.fromhex(VECTORS["state_roots"]["200"]),
        merkle_root(result_leaves(golden_results())),
        merkle_root(event_leaves(golden_events())),
    )
    return Header(
        HEADER_VERSION,
        derive.CHAIN,
        1,
        derive.TIME_MS + 1,
        simulated=True,
        previous_hash=genesis_hash(bytes.fromhex(VECTORS["genesis"])),
        transactions_root=transactions_root([PARTS["transaction"]]),
        transaction_count=1,
        state_root=roots[0],
        results_root=roots[1],
        events_root=roots[2],
        app_version=1,
        app_hash=app_hash(1, *roots, 1),
    )


def test_the_file_is_what_its_derivation_gives():
    assert json.loads(json.dumps(derive.vectors())) == VECTORS


def test_ids_and_commitments():
    party = organisation_id(derive.CHAIN, derive.USCC)
    asset = asset_id(AssetKind.DEPOSIT, party, "CNY", 2)
    key = lasting_key(bytes(range(16)), derive.TIME_MS + 600_000)
    entry = bank_entry_identity(party, bytes(32), "REF-1")
    assert {
        "party": party,
        "key": key_id_of("ed25519", KEY.public_key),
        "asset": asset,
        "account": account_id(party, asset, 1),
        "cert": object_id("cert", party, key, 0, 2),
        "possession": possession_bytes(derive.CHAIN, party, "finance-1"),
        "bank_account": bank_account_commitment(party, "99-0001"),
        "bank_entry": entry,
        "bank_entry_id": bank_entry_id(party, entry),
    } == IDS
    assert format_id("party", party) == VECTORS["party_text"]
    assert parse_id("party", VECTORS["party_text"]) == party


def test_a_transaction_its_id_and_what_is_signed():
    body = encode_body(golden_body())
    assert body == PARTS["body"]
    transaction_id = transaction_id_of(body)
    assert transaction_id == PARTS["transaction_id"]
    assert signing_bytes(transaction_id) == PARTS["signing_bytes"]
    signature = KEY.sign(signing_bytes(transaction_id))
    assert signature == PARTS["signature"]
    assert encode_transaction(body, (signature,)) == PARTS["transaction"]
    decoded = decode_transaction(PARTS["transaction"])
    assert decoded.body == golden_body()
    assert decoded.transaction_id == transaction_id


def test_genesis_app_and_header_hashes():
    assert parse_genesis(bytes.fromhex(VECTORS["genesis"])).chain_id == derive.CHAIN
    assert genesis_hash(bytes.fromhex(VECTORS["genesis"])).hex() == VECTORS["genesis_hash"]
    header = golden_header()
    assert header.app_hash == PARTS["app_hash"]
    assert msgspec.msgpack.encode(header) == PARTS["header"]
    assert header_hash(header) == PARTS["header_hash"]
    assert header_signing_bytes(PARTS["header_hash"]) == PARTS["header_signing_bytes"]
    assert KEY.sign(PARTS["header_signing_bytes"]) == PARTS["header_signature"]


def test_results_and_events_are_hashed_as_canonical_arrays():
    assert [leaf.hex() for leaf in result_leaves(golden_results())] == [VECTORS["result"]]
    assert [leaf.hex() for leaf in event_leaves(golden_events())] == VECTORS["events"]


def test_merkle_roots_and_a_path():
    leaves = [b"leaf %d" % number for number in range(7)]
    roots = [merkle_root(leaves[:count]).hex() for count in range(8)]
    assert roots == VECTORS["merkle"]["roots"]
    found = [sibling.hex() for sibling in inclusion_path(leaves, 4)]
    assert found == VECTORS["merkle"]["path_of_leaf_4_of_7"]


@pytest.mark.parametrize(("count", "root"), VECTORS["state_roots"].items())
def test_state_roots(count, root):
    with MemoryStore().snapshot() as empty:
        assert update_tree(empty, derive.state_entries(int(count))).root.hex() == root


def test_a_receipt_file_is_read_by_the_verifier_and_written_alike():
    receipt = bytes.fromhex(VECTORS["receipt"])
    genesis = bytes.fromhex(VECTORS["genesis"])
    report = verify_receipt(receipt, genesis, allow_simulated=True)
    assert report.transaction_id == PARTS["transaction_id"].hex()
    assert (report.heights, report.code, report.call_count) == ((1,), 0, 1)
    signed = SignedHeader(golden_header(), ((KEY.public_key, PARTS["header_signature"]),))
    events = event_leaves(golden_events())
    part = (
        decode(encode_head(signed)),
        PARTS["transaction"],
        0,
        (),
        bytes.fromhex(VECTORS["result"]),
        (),
        events[1],
        tuple(inclusion_path(events, 1)),
    )
    assert encode(("xinlian-receipt-1", "embedded", "sha256", part, None)) == receipt


@pytest.mark.parametrize("name", ["message", "body", "transaction", "header"])
def test_both_decoders_read_every_structure_alike(name):
    data = PARTS[name]
    assert encode(decode(data)) == data
    assert msgspec.msgpack.encode(msgspec.msgpack.decode(data)) == data


@pytest.mark.parametrize(
    ("name", "is_proof"),
    [("at_valid_until", False), ("first", True), ("last", True), ("too_late", False)],
)
def test_expiry_is_proven_within_both_bounds_and_not_beyond(name, is_proof):
    receipt = bytes.fromhex(VECTORS["expiry_receipts"][name])
    genesis = bytes.fromhex(VECTORS["genesis"])
    if is_proof:
        report = verify_receipt(receipt, genesis, allow_simulated=True)
        assert report.expired_transaction_id == PARTS["transaction_id"].hex()
        assert (report.transaction_id, report.heights) == ("", (2,))
    else:
        with pytest.raises(VerificationFailed, match="valid_until"):
            verify_receipt(receipt, genesis, allow_simulated=True)


def test_the_key_of_a_marker_and_its_retention_are_those_of_the_ledger():
    assert MARKERS.prefix == MARKER_PREFIX
    assert limits.MARKER_RETENTION_MS == MARKER_RETENTION_MS
