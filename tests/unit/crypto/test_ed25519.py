"""Both verifiers under ZIP 215: published vectors, and agreement where nothing is published."""

import hashlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.vectors import load
from xinlian.crypto import ed25519, ed25519_reference
from xinlian.crypto.ed25519 import (
    SUITE_ED25519,
    InvalidPublicKey,
    SigningKey,
    check_public_key,
    verify_signature,
)

ORDER = 2**252 + 27742317777372353535851937790883648493
FIELD_PRIME = 2**255 - 19
VERIFIERS = [
    pytest.param(ed25519.verify, id="library"),
    pytest.param(ed25519_reference.verify, id="reference"),
]
SMALL_ORDER = [bytes.fromhex(text) for text in load("zip215_small_order")["encodings"]]


@pytest.mark.parametrize("verify", VERIFIERS)
@pytest.mark.parametrize("vector", load("ed25519_rfc8032")["vectors"])
def test_rfc_8032_signatures_verify_and_are_made_again(verify, vector):
    message, signature = bytes.fromhex(vector["message"]), bytes.fromhex(vector["signature"])
    key = SigningKey(bytes.fromhex(vector["seed"]))
    assert key.public_key.hex() == vector["public_key"]
    assert key.sign(message) == signature
    assert verify(key.public_key, message, signature)
    assert not verify(key.public_key, message + b"\0", signature)


@pytest.mark.parametrize("verify", VERIFIERS)
@pytest.mark.parametrize("vector", load("ed25519_speccheck")["vectors"], ids=lambda v: v["what"])
def test_edge_cases_of_taming_the_many_eddsas_have_their_zip_215_result(verify, vector):
    fields = (bytes.fromhex(vector[name]) for name in ("public_key", "message", "signature"))
    assert verify(*fields) is vector["zip215"]


@pytest.mark.parametrize("verify", VERIFIERS)
def test_all_196_small_order_pairs_verify_with_s_zero(verify):
    message = load("zip215_small_order")["message"].encode()
    assert len(set(SMALL_ORDER)) == 14
    for key in SMALL_ORDER:
        for r in SMALL_ORDER:
            assert verify(key, message, r + bytes(32)), (key.hex(), r.hex())


@pytest.mark.parametrize("verify", VERIFIERS)
def test_small_order_pairs_do_not_verify_with_another_s(verify):
    one = (1).to_bytes(32, "little")
    group_order = ORDER.to_bytes(32, "little")
    for key in SMALL_ORDER:
        assert not verify(key, b"Zcash", SMALL_ORDER[0] + one)
        assert not verify(key, b"Zcash", SMALL_ORDER[0] + group_order)


@pytest.mark.parametrize("key", SMALL_ORDER, ids=bytes.hex)
def test_no_small_order_key_may_be_registered(key):
    with pytest.raises(InvalidPublicKey):
        check_public_key(SUITE_ED25519, key)


def test_no_non_canonical_key_may_be_registered():
    for y in range(FIELD_PRIME, 2**255):
        for sign in (0, 1 << 255):
            with pytest.raises(InvalidPublicKey):
                check_public_key(SUITE_ED25519, (y | sign).to_bytes(32, "little"))


def test_a_key_that_is_no_point_of_the_curve_may_not_be_registered():
    refused = 0
    for y in range(2, 40):
        encoded = y.to_bytes(32, "little")
        on_curve = ed25519_reference._decode_point(encoded) is not None
        try:
            check_public_key(SUITE_ED25519, encoded)
        except InvalidPublicKey:
            refused += 1
            assert not on_curve
        else:
            assert on_curve
    assert refused > 10


@pytest.mark.parametrize(("suite", "size"), [("sm2", 32), ("ed25519", 31), ("ed25519", 33)])
def test_unknown_suites_and_lengths_are_refused_for_keys_and_signatures(suite, size):
    with pytest.raises(InvalidPublicKey):
        check_public_key(suite, bytes(size))
    assert verify_signature(suite, bytes(size), b"", bytes(64)) is False


@pytest.mark.parametrize("verify", VERIFIERS)
@pytest.mark.parametrize("size", [0, 63, 65, 1024])
def test_a_signature_of_another_length_does_not_verify(verify, size):
    assert not verify(SigningKey(bytes(32)).public_key, b"", bytes(size))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100))
@settings(max_examples=30)
def test_both_verifiers_accept_every_honest_signature(seed, message):
    key = SigningKey(seed)
    signature = key.sign(message)
    check_public_key(SUITE_ED25519, key.public_key)
    assert ed25519.verify(key.public_key, message, signature)
    assert ed25519_reference.verify(key.public_key, message, signature)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 96 * 8 + 7))
@settings(max_examples=40)
def test_both_verifiers_agree_on_every_flipped_bit(seed, bit):
    key = SigningKey(seed)
    message = b"m"
    fields = bytearray(key.public_key + key.sign(message) + message)
    fields[bit // 8] ^= 1 << bit % 8
    flipped = bytes(fields[:32]), bytes(fields[96:]), bytes(fields[32:96])
    assert ed25519.verify(*flipped) is False
    assert ed25519_reference.verify(*flipped) is False


def torsioned(
    seed: bytes, key_torsion: bytes, r_torsion: bytes, message: bytes
) -> tuple[bytes, bytes]:
    """Return (public key, signature) that hold in the cofactored equation alone."""
    secret, nonce = (
        int.from_bytes(hashlib.sha512(seed + part).digest(), "little") % ORDER
        for part in (b"a", b"r")
    )
    points = []
    for scalar, torsion in ((secret, key_torsion), (nonce, r_torsion)):
        small = ed25519_reference._decode_point(torsion)
        assert small is not None
        of_base = ed25519_reference._multiply_both(scalar, 0, ed25519_reference._BASE)
        points.append(encoded_point(ed25519_reference._add(of_base, small)))
    public_key, r = points
    digest = hashlib.sha512(r + public_key + message).digest()
    s = (nonce + int.from_bytes(digest, "little") * secret) % ORDER
    return public_key, r + s.to_bytes(32, "little")


def encoded_point(point: tuple[int, int, int, int]) -> bytes:
    inverse = pow(point[2], -1, FIELD_PRIME)
    x, y = point[0] * inverse % FIELD_PRIME, point[1] * inverse % FIELD_PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


def test_both_verifiers_accept_signatures_with_torsion_components():
    random_source = random.Random(215)
    for _ in range(16):
        seed = random_source.randbytes(32)
        key, signature = torsioned(
            seed, random_source.choice(SMALL_ORDER), random_source.choice(SMALL_ORDER), b"mixed"
        )
        assert ed25519.verify(key, b"mixed", signature)
        assert ed25519_reference.verify(key, b"mixed", signature)
        assert not ed25519.verify(key, b"other", signature)
        assert not ed25519_reference.verify(key, b"other", signature)


@given(st.binary(min_size=64, max_size=64), st.sampled_from(SMALL_ORDER))
@settings(max_examples=40)
def test_both_verifiers_agree_on_random_signatures_under_small_order_keys(signature, key):
    assert ed25519.verify(key, b"", signature) is ed25519_reference.verify(key, b"", signature)


def test_a_private_key_is_not_shown():
    key = SigningKey(b"\x07" * 32)
    assert "0707" not in repr(key)
    assert key.public_key.hex() in repr(key)
    assert key.suite == SUITE_ED25519
