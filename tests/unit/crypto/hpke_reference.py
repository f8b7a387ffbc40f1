"""HPKE's base mode written down from RFC 9180 sections 4 to 6, to compare the library with.

One KEM, DHKEM(X25519, HKDF-SHA256), and one KDF, HKDF-SHA256; the AEAD is AES-GCM with a key of 16
bytes (aead_id 1, of which the RFC publishes vectors) or 32 bytes (aead_id 2, which is used here).
"""

import hmac
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEM_ID, KDF_ID, NONCE_BYTES, HASH_BYTES = 0x0020, 0x0001, 12, 32
AEAD_IDS = {16: 0x0001, 32: 0x0002}


class Schedule(NamedTuple):
    """What a context encrypts its first message with."""

    key: bytes
    base_nonce: bytes


def raw(private: X25519PrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    labelled = b"HPKE-v1" + suite + label + ikm
    return hmac.digest(salt or bytes(HASH_BYTES), labelled, "sha256")


def expand(suite: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    blocks, block = b"", b""
    for counter in range(1, 1 + -(-length // HASH_BYTES)):
        block = hmac.digest(prk, block + labelled + bytes([counter]), "sha256")
        blocks += block
    return blocks[:length]


def shared_secret(own: X25519PrivateKey, other: bytes, enc: bytes, recipient: bytes) -> bytes:
    suite = b"KEM" + KEM_ID.to_bytes(2, "big")
    product = own.exchange(X25519PublicKey.from_public_bytes(other))
    prk = extract(suite, b"", b"eae_prk", product)
    return expand(suite, prk, b"shared_secret", enc + recipient, HASH_BYTES)


def schedule(shared: bytes, info: bytes, key_bytes: int) -> Schedule:
    ids = (KEM_ID, KDF_ID, AEAD_IDS[key_bytes])
    suite = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in ids)
    psk_id_hash = extract(suite, b"", b"psk_id_hash", b"")
    context = b"\0" + psk_id_hash + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    key = expand(suite, secret, b"key", context, key_bytes)
    return Schedule(key, expand(suite, secret, b"base_nonce", context, NONCE_BYTES))


def seal(
    ephemeral: bytes, recipient: bytes, plain: bytes, info: bytes, aad: bytes, key_bytes: int
) -> bytes:
    own = X25519PrivateKey.from_private_bytes(ephemeral)
    enc = raw(own)
    used = schedule(shared_secret(own, recipient, enc, recipient), info, key_bytes)
    return enc + AESGCM(used.key).encrypt(used.base_nonce, plain, aad)


def opened(secret: bytes, box: bytes, info: bytes, aad: bytes, key_bytes: int) -> bytes:
    own, enc = X25519PrivateKey.from_private_bytes(secret), box[:32]
    used = schedule(shared_secret(own, enc, enc, raw(own)), info, key_bytes)
    return AESGCM(used.key).decrypt(used.base_nonce, box[32:], aad)
