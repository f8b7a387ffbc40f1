"""HKDF against the published vectors: RFC 5869, appendix A.1 to A.3."""

import pytest

from xinlian.crypto.hkdf import OUTPUT_BYTES_MAX, hkdf_sha256

_A1 = (
    bytes([0x0B] * 22),
    bytes(range(0x0D)),
    bytes(range(0xF0, 0xFA)),
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
)
_A2 = (
    bytes(range(0x50)),
    bytes(range(0x60, 0xB0)),
    bytes(range(0xB0, 0x100)),
    (
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
        "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
        "cc30c58179ec3e87c14c01d5c1f3434f1d87"
    ),
)
_A3 = (
    bytes([0x0B] * 22),
    b"",
    b"",
    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
)


@pytest.mark.parametrize(("key", "salt", "info", "output"), [_A1, _A2, _A3])
def test_published_vectors_hold(key, salt, info, output):
    expected = bytes.fromhex(output)
    assert hkdf_sha256(key, salt, info, len(expected)) == expected


@pytest.mark.parametrize("length_bytes", [0, -1, OUTPUT_BYTES_MAX + 1])
def test_a_length_out_of_range_is_refused(length_bytes):
    with pytest.raises(ValueError, match="bytes can be derived"):
        hkdf_sha256(b"key", b"", b"", length_bytes)
