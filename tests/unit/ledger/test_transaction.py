"""The envelope: one encoding, documented bounds, and refusals in their order of precedence."""

import dataclasses

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.ledger.fakes import OTHER_KEY, PAYER_KEY, body, signed
from xinlian.ledger import limits
from xinlian.ledger.errors import (
    MalformedEnvelope,
    NonCanonicalEncoding,
    TransactionTooLarge,
    Undecodable,
    UnsupportedVersion,
)
from xinlian.ledger.transaction import (
    Call,
    TransactionBody,
    decode_transaction,
    encode_body,
    encode_transaction,
    transaction_id_of,
)

SIGNATURE = (bytes(64),)


def test_decoding_gives_what_was_signed():
    written = body(b"first", b"second", signers=(PAYER_KEY, OTHER_KEY))
    raw = signed(written, (OTHER_KEY, PAYER_KEY))
    decoded = decode_transaction(raw)
    assert decoded.body == written
    assert decoded.raw == raw
    assert decoded.payer == written.payer
    assert decoded.signers == written.signers
    assert decoded.transaction_id == transaction_id_of(encode_body(written))


def test_nobody_changes_the_id_by_touching_signatures():
    encoded = encode_body(body())
    ids = {
        decode_transaction(encode_transaction(encoded, (bytes((number,)),))).transaction_id
        for number in range(3)
    }
    assert len(ids) == 1


BREACHES = {
    "chain_id empty": ("chain_id", {"chain_id": ""}),
    "chain_id long": ("chain_id", {"chain_id": "c" * (limits.CHAIN_ID_CHARS_MAX + 1)}),
    "payer": ("payer", {"payer": bytes(19)}),
    "idempotency_key": ("idempotency_key", {"idempotency_key": bytes(15)}),
    "valid_until zero": ("valid_until_ms", {"valid_until_ms": 0}),
    "valid_until far": ("valid_until_ms", {"valid_until_ms": 1 << 62}),
    "no signers": ("signers", {"signers": ()}),
    "short signer": ("signers", {"signers": (bytes(19),)}),
    "signer twice": ("signers", {"signers": (bytes(20), bytes(20))}),
    "signers unsorted": ("signers", {"signers": (b"b" * 20, b"a" * 20)}),
    "17 signers": ("signers", {"signers": tuple(bytes(19) + bytes((n,)) for n in range(17))}),
    "no calls": ("calls", {"calls": ()}),
    "1001 calls": ("calls", {"calls": (Call(bytes(20), b""),) * 1_001}),
    "acting_for": ("acting_for", {"calls": (Call(bytes(21), b""),)}),
}


@pytest.mark.parametrize(("field", "changes"), BREACHES.values(), ids=BREACHES)
def test_a_field_beyond_its_bounds_is_named(field, changes):
    written = msgspec.structs.replace(body(), **changes)
    blobs = SIGNATURE * len(written.signers)
    with pytest.raises(MalformedEnvelope) as refusal:
        decode_transaction(encode_transaction(encode_body(written), blobs))
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "blobs", [(), SIGNATURE * 2, (bytes(limits.SIGNATURE_BYTES_MAX + 1),)], ids=len
)
def test_there_is_one_bounded_signature_a_signer(blobs):
    with pytest.raises(MalformedEnvelope) as refusal:
        decode_transaction(encode_transaction(encode_body(body()), blobs))
    assert refusal.value.field == "signatures"


def longer_header(data: bytes) -> bytes:
    """Spell the fixarray at the front as an array 16."""
    return b"\xdc\x00" + bytes((data[0] & 0x0F,)) + data[1:]


def test_a_second_spelling_of_the_same_transaction_is_refused():
    encoded = encode_body(body())
    for spelling in (
        longer_header(encode_transaction(encoded, SIGNATURE)),
        encode_transaction(longer_header(encoded), SIGNATURE),
    ):
        with pytest.raises(NonCanonicalEncoding):
            decode_transaction(spelling)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xc0",
        b"\x90",
        b"\x92\xc4\x00\x90",
        encode_transaction(b"\x97", SIGNATURE),
        encode_transaction(encode_body(body()) + b"\0", SIGNATURE),
        encode_transaction(encode_body(body()), SIGNATURE) + b"\0",
        encode_transaction(msgspec.msgpack.encode({"version": 1}), SIGNATURE),
        encode_transaction(msgspec.msgpack.encode([1.0, "c", b"", b"", 1, [], []]), SIGNATURE),
        encode_transaction(b"\x91" * 100_000 + b"\xc0", SIGNATURE),
        b"\x91" * 100_000 + b"\xc0",
    ],
)
def test_other_bytes_are_undecodable(raw):
    with pytest.raises(Undecodable):
        decode_transaction(raw)


@given(st.integers(0, 400), st.integers(1, 255))
def test_no_changed_byte_gives_the_same_transaction_or_another_error_than_a_refusal(at, mask):
    raw = bytearray(signed(body()))
    raw[at % len(raw)] ^= mask
    try:
        decoded = decode_transaction(bytes(raw))
    except (
        Undecodable,
        NonCanonicalEncoding,
        UnsupportedVersion,
        MalformedEnvelope,
    ):
        return
    assert (decoded.body, decoded.signatures) != (
        body(),
        decode_transaction(signed(body())).signatures,
    )


def test_a_message_of_any_nesting_is_carried_as_it_is():
    deep = b"\x91" * 200_000 + b"\xc0"
    assert decode_transaction(signed(body(deep))).body.calls[0].message == deep


@dataclasses.dataclass
class Breach:
    """A transaction that breaks every rule from one of them on."""

    expected: type[Exception]
    raw: bytes


def many_breaches() -> list[Breach]:
    bad_fields: TransactionBody = msgspec.structs.replace(body(), version=2, payer=b"short")
    bad_version = encode_transaction(encode_body(bad_fields), ())
    fat = encode_transaction(bytes(limits.TRANSACTION_BYTES_MAX), ())
    return [
        Breach(TransactionTooLarge, fat),
        Breach(Undecodable, longer_header(bad_version) + b"\0"),
        Breach(NonCanonicalEncoding, longer_header(bad_version)),
        Breach(UnsupportedVersion, bad_version),
        Breach(
            MalformedEnvelope,
            encode_transaction(encode_body(msgspec.structs.replace(bad_fields, version=1)), ()),
        ),
    ]


@pytest.mark.parametrize("breach", many_breaches(), ids=lambda breach: breach.expected.__name__)
def test_of_several_breaches_the_earlier_is_given(breach):
    with pytest.raises(breach.expected):
        decode_transaction(breach.raw)
