"""Receipts that an engine writes and a stranger verifies; one flipped byte is refused."""

import pytest

from unit.apps.supply_chain.looking import try_out
from xinlian.apps.supply_chain.types import LEAVES
from xinlian.crypto.codec import decode, encode
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.embedded import EmbeddedNode
from xinlian.engines.embedded.receipts import build_expiry_proof, build_receipt
from xinlian.ledger import limits
from xinlian.ledger.errors import Expired
from xinlian.ledger.node import NoReceipt
from xinlian.ledger.outcomes import MARKERS
from xinlian.ledger.transaction import decode_transaction
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.testing import Consortium
from xinlian.testing.trade import Trade
from xinlian.verifier import VerificationFailed, verify_receipt


@pytest.fixture(scope="module")
def c():
    consortium = Consortium()
    yield consortium
    consortium.close()


def payment(c: Consortium, amount_minor: int = 5) -> Transfer:
    return Transfer(c.account("core"), c.account("bank"), amount_minor)


def test_a_receipt_proves_a_transaction_with_its_outcome(c):
    signed, committed = c.send("core", payment(c))
    receipt = build_receipt(c.engine.application.store, signed.transaction_id)
    report = verify_receipt(receipt, c.genesis_bytes, allow_simulated=True)
    assert report.transaction_id == signed.transaction_id.hex()
    assert report.heights == (committed.height,)
    assert (report.code, report.call_count, report.is_simulated) == (0, 1, True)


def test_a_refusal_has_a_receipt_too(c):
    signed, committed = c.send("core", payment(c, 6_000_000_00))
    receipt = build_receipt(c.engine.application.store, signed.transaction_id)
    report = verify_receipt(receipt, c.genesis_bytes, allow_simulated=True)
    assert (report.codespace, report.code) == ("accounts", committed.result.code)


def test_a_state_proof_shows_what_is_there_and_what_is_not(c):
    trade = Trade(c)
    trade.register()
    _, leaf = trade.certify()
    keys = [LEAVES.key(leaf), LEAVES.key(bytes(20))]
    receipt = build_receipt(c.engine.application.store, None, keys)
    report = verify_receipt(receipt, c.genesis_bytes, allow_simulated=True)
    assert report.present_keys == (keys[0].hex(),)
    assert report.absent_keys == (keys[1].hex(),)


def test_that_an_intent_has_expired_for_ever_is_proven_by_its_absence(c):
    never_sent, used = c.sign("core", payment(c)), c.sign("core", payment(c))
    c.engine.submit(used.raw).result(30)
    keys = [MARKERS.key(sent.payer, sent.idempotency_key) for sent in (never_sent, used)]
    valid_until_ms = decode_transaction(never_sent.raw).body.valid_until_ms
    c.advance_to(valid_until_ms + 1)
    receipt = build_receipt(c.engine.application.store, None, keys)
    report = verify_receipt(receipt, c.genesis_bytes, allow_simulated=True)
    assert report.absent_keys == (keys[0].hex(),)
    assert report.present_keys == (keys[1].hex(),)
    assert valid_until_ms < report.time_ms <= valid_until_ms + limits.MARKER_RETENTION_MS
    with pytest.raises(Expired):
        c.engine.submit(never_sent.raw)


def test_a_simulated_clock_is_refused_unless_it_is_allowed(c):
    signed, _ = c.send("core", payment(c))
    receipt = build_receipt(c.engine.application.store, signed.transaction_id)
    with pytest.raises(VerificationFailed, match="clock"):
        verify_receipt(receipt, c.genesis_bytes)


def test_one_flipped_byte_anywhere_is_refused(c):
    signed, _ = c.send("core", payment(c))
    keys = [ACCOUNTS.key(c.account("core"))]  # a present key: each of its bytes is proven
    receipt = build_receipt(c.engine.application.store, signed.transaction_id, keys)
    verify_receipt(receipt, c.genesis_bytes, allow_simulated=True)
    step = max(len(receipt) // 150, 1)
    for at in range(0, len(receipt), step):
        flipped = receipt[:at] + bytes((receipt[at] ^ 1,)) + receipt[at + 1 :]
        with pytest.raises(VerificationFailed):
            verify_receipt(flipped, c.genesis_bytes, allow_simulated=True)


def test_parts_of_two_receipts_do_not_make_a_third(c):
    store = c.engine.application.store
    receipts = []
    for amount_minor in (5, 6):
        signed, _ = c.send("core", payment(c, amount_minor))
        receipts.append(decode(build_receipt(store, signed.transaction_id)))
    first, second = receipts
    assert isinstance(first, tuple)
    assert isinstance(second, tuple)
    one, other = first[3], second[3]
    assert isinstance(one, tuple)
    assert isinstance(other, tuple)
    for position in (0, 1, 4, 6):
        mixed = (*one[:position], other[position], *one[position + 1 :])
        forged = encode((*first[:3], mixed, None))
        with pytest.raises(VerificationFailed):
            verify_receipt(forged, c.genesis_bytes, allow_simulated=True)


def test_another_genesis_file_does_not_verify_it(c):
    signed, _ = c.send("core", payment(c))
    receipt = build_receipt(c.engine.application.store, signed.transaction_id)
    stranger = c.genesis_bytes.replace(
        c["core"].keys["operator"].public_key.hex().encode(),
        SigningKey(bytes(32)).public_key.hex().encode(),
    )
    with pytest.raises(VerificationFailed, match="signature"):
        verify_receipt(receipt, stranger, allow_simulated=True)


def test_what_was_never_ordered_has_no_receipt(c):
    signed = c.sign("core", payment(c))
    assert try_out(c, "core", payment(c)).reference == "ok"
    with pytest.raises(NoReceipt):
        build_receipt(c.engine.application.store, signed.transaction_id)


def test_the_proof_of_expiry_is_given_within_both_bounds_and_only_for_what_was_not_ordered():
    c = Consortium()
    node = EmbeddedNode(c.engine, c.genesis_bytes)
    used, unused = c.sign("core", payment(c)), c.sign("core", payment(c))
    c.engine.submit(used.raw).result(30)
    valid_until_ms = decode_transaction(unused.raw).body.valid_until_ms
    with pytest.raises(NoReceipt):
        node.expiry_proof(unused.raw)
    c.advance_to(valid_until_ms + 1)
    proof = node.expiry_proof(unused.raw)
    report = verify_receipt(proof, c.genesis_bytes, allow_simulated=True)
    assert report.expired_transaction_id == unused.transaction_id.hex()
    assert valid_until_ms < report.time_ms <= valid_until_ms + limits.MARKER_RETENTION_MS
    with pytest.raises(NoReceipt):
        node.expiry_proof(used.raw)
    c.advance_to(valid_until_ms + limits.MARKER_RETENTION_MS + 10)
    with pytest.raises(NoReceipt, match="24 hours"):
        node.expiry_proof(unused.raw)
    assert verify_receipt(proof, c.genesis_bytes, allow_simulated=True) == report
    c.close()


def test_a_proof_of_expiry_of_another_or_a_changed_transaction_is_refused(c):
    first, second = c.sign("core", payment(c)), c.sign("core", payment(c))
    c.engine.submit(second.raw).result(30)
    c.advance_to(c.now_ms() + 600_001)
    proof = build_expiry_proof(c.engine.application.store, first.raw)
    engine = decode(proof)
    assert isinstance(engine, tuple)
    header, _, absence = engine[3]
    forged = encode((*engine[:3], (header, second.raw, absence), None))
    with pytest.raises(VerificationFailed, match="expiry"):
        verify_receipt(forged, c.genesis_bytes, allow_simulated=True)
    start = proof.index(first.raw)
    for at in range(0, len(proof), 7):
        if start <= at < start + len(first.raw):
            continue  # the signatures of a transaction that was never ordered prove nothing
        flipped = proof[:at] + bytes((proof[at] ^ 1,)) + proof[at + 1 :]
        with pytest.raises(VerificationFailed):
            verify_receipt(flipped, c.genesis_bytes, allow_simulated=True)
