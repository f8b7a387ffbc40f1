"""HPKE: the RFC's vector, the library against the RFC written down, and what does not open."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from unit.crypto import hpke_reference as rfc
from xinlian.crypto.hpke import BOX_KEY_BYTES, OVERHEAD_BYTES, SUITE, box_key_of, open_box

RECIPIENT = bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")
RECIPIENT_KEY = bytes.fromhex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d")
EPHEMERAL = bytes.fromhex("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736")
ENC = bytes.fromhex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431")
SHARED = bytes.fromhex("fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc")
KEY_A1 = bytes.fromhex("4531685d41d65f03dc48f6b8302c05b0")
NONCE_A1 = bytes.fromhex("56d890e5accaaf011cff4b7d")
CIPHERTEXT_A1 = bytes.fromhex(
    "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"
)
INFO = b"Ode on a Grecian Urn"
PLAIN = b"Beauty is truth, truth beauty"
AES_256 = 32


def test_the_written_down_rfc_gives_the_vector_of_its_appendix():
    """RFC 9180 A.1.1, base mode: DHKEM(X25519), HKDF-SHA256, AES-128-GCM, sequence number 0."""
    assert box_key_of(RECIPIENT) == RECIPIENT_KEY
    assert rfc.schedule(SHARED, INFO, 16) == (KEY_A1, NONCE_A1)
    sealed = rfc.seal(EPHEMERAL, RECIPIENT_KEY, PLAIN, INFO, b"Count-0", 16)
    assert sealed == ENC + CIPHERTEXT_A1
    assert rfc.opened(RECIPIENT, sealed, INFO, b"Count-0", 16) == PLAIN


@pytest.mark.parametrize("length", [0, 1, 25, 1_000])
def test_what_the_rfc_seals_is_opened_and_the_other_way_round(length):
    plain = bytes(length)
    sealed = rfc.seal(EPHEMERAL, RECIPIENT_KEY, plain, INFO, b"", AES_256)
    assert open_box(RECIPIENT, sealed, INFO) == plain
    public = X25519PublicKey.from_public_bytes(RECIPIENT_KEY)
    box = SUITE.encrypt(plain, public, info=INFO)
    assert len(box) == length + OVERHEAD_BYTES
    assert rfc.opened(RECIPIENT, box, INFO, b"", AES_256) == plain


def test_a_box_that_was_changed_cut_or_sealed_for_something_else_does_not_open():
    box = rfc.seal(EPHEMERAL, RECIPIENT_KEY, PLAIN, INFO, b"", AES_256)
    assert open_box(RECIPIENT, box, INFO) == PLAIN
    assert open_box(RECIPIENT, box, INFO + b"!") is None
    assert open_box(EPHEMERAL, box, INFO) is None
    for place in (0, 31, 32, len(box) - 1):
        changed = bytearray(box)
        changed[place] ^= 1
        assert open_box(RECIPIENT, bytes(changed), INFO) is None
    for length in (0, 31, 32, 47, len(box) - 1):
        assert open_box(RECIPIENT, box[:length], INFO) is None


@pytest.mark.parametrize(
    "point",
    [
        bytes(32),
        b"\1" + bytes(31),
        bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    ],
)
def test_a_box_whose_point_has_small_order_does_not_open(point):
    """The product would be zero whatever the key: RFC 9180 section 7.1.4."""
    assert open_box(RECIPIENT, point + CIPHERTEXT_A1, INFO) is None


def test_a_private_key_has_one_length():
    for length in (0, BOX_KEY_BYTES - 1, BOX_KEY_BYTES + 1):
        with pytest.raises(ValueError, match="32 bytes"):
            box_key_of(bytes(length))
