"""Bytes that are no message are answered in words: the field, what was given, what is allowed."""

import contextlib
from typing import Annotated, ClassVar, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.bootstrap import build_contracts, build_registry
from xinlian.contracts.errors import MessageMalformed, NonCanonicalMessage, UnknownMessageType
from xinlian.contracts.fields import WORDS_KEY
from xinlian.contracts.malformed import explain
from xinlian.contracts.message import type_no
from xinlian.modules.accounts.messages import LinkTransfers, Transfer
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.members.messages import SetMandate

encode = msgspec.msgpack.encode
A, B = b"a" * 20, b"b" * 20
KEY = b"k" * 20
SENTENCES = [
    (Transfer, (A, B, 0), "amount_minor", "given 0", "from 1 to 9223372036854775807"),
    (Transfer, (A, B, 1.5), "amount_minor", "a number with decimals", "a whole number"),
    (Transfer, (A, b"b" * 21, 1), "to_account", "given 21 bytes", "allowed is 20 bytes"),
    (Transfer, (A, "bank", 1), "to_account", "a text of 4 characters 'bank'", "20 bytes"),
    (Transfer, (A, None, 1), "to_account", "given nothing", "20 bytes"),
    (Transfer, (A,), "message", "given 1 fields", "from_account, to_account, amount_minor"),
    (RegisterDocument, (B, "x", 1), "root", "given 20 bytes", "32 bytes"),
    (RegisterDocument, (bytes(32), "No Name", 1), "schema", "'No Name'", "a-z, 0-9"),
    (LinkTransfers, ([],), "transfers", "a list of 0 entries", "a list of 2 to 16 entries"),
    (LinkTransfers, ([[A, B, 1], [A, B, -1]],), "transfers[1].amount_minor", "given -1", "from 1"),
    (LinkTransfers, ([[A, B, 1], [A]],), "transfers[1]", "given 1 fields", "from_account"),
    (SetMandate, ("x", []), "message_type", "'x'", "a whole number"),
]


def said_of(message_type, fields):
    raw = encode((type_no(message_type), *fields))
    with pytest.raises(MessageMalformed) as refused:
        build_contracts().decode(raw)
    return str(refused.value)


@pytest.mark.parametrize(("kind", "fields", "field", "given_words", "allowed_words"), SENTENCES)
def test_the_field_what_was_given_and_what_is_allowed(
    kind, fields, field, given_words, allowed_words
):
    english, _, chinese = said_of(kind, fields).partition(" / ")
    assert english.startswith(f"{field}: ")
    assert given_words in english
    assert allowed_words in english
    assert chinese.startswith(f"{field}:给出")
    assert "应为" in chinese


def test_nothing_of_a_library_is_repeated():
    for kind, fields, *_ in SENTENCES:
        assert not {"`", "$[", "Expected"} & set(said_of(kind, fields).split())


def test_bytes_and_long_texts_are_counted_never_shown():
    secret = "correct horse battery staple, and the rest of the passphrase"
    for sent in (secret, secret.encode()):
        assert "horse" not in said_of(Transfer, (A, sent, 1))
    assert "60 characters" in said_of(Transfer, (A, secret, 1))
    assert "\n" not in said_of(Transfer, (A, "a\nb", 1))


def test_an_unknown_number_is_named():
    with pytest.raises(
        UnknownMessageType, match=r"no message has the number 32514; .*编号为 32514"
    ):
        build_contracts().decode(encode([0x7F02]))
    with pytest.raises(UnknownMessageType, match="first entry is its number"):
        build_contracts().decode(b"")


def test_every_pattern_of_a_message_has_words():
    def patterns(hint):
        plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
        metas = get_args(hint)[1:] if plain is not hint else ()
        yield from (m.extra for m in metas if isinstance(m, msgspec.Meta) and m.pattern)
        if get_origin(plain) is tuple:
            yield from patterns(get_args(plain)[0])
        elif get_origin(plain) is not ClassVar and hasattr(plain, "__struct_fields__"):
            for inner in get_type_hints(plain, include_extras=True).values():
                yield from patterns(inner)

    used = [p for kind in build_registry().messages.values() for p in patterns(kind)]
    assert len(used) > 20
    assert all(len(extra[WORDS_KEY]) == 2 for extra in used)


@given(st.binary(max_size=60), st.sampled_from(sorted(build_registry().messages)))
def test_any_bytes_are_answered(tail, number):
    raw = b"\x96" + encode(number) + tail
    assert any(explain(build_registry().messages[number], raw))
    with contextlib.suppress(MessageMalformed, UnknownMessageType, NonCanonicalMessage):
        build_contracts().decode(raw)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=8)
    | st.binary(max_size=40) | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)  # fmt: skip


@given(st.sampled_from(sorted(build_registry().messages.items())), st.data())
def test_a_fault_is_told_wherever_the_decoder_finds_one(numbered, data):
    number, kind = numbered
    count = len(kind.__struct_fields__)
    fields = data.draw(st.lists(VALUES, min_size=max(count - 1, 0), max_size=count + 1))
    raw = encode([number, *fields])
    try:
        msgspec.msgpack.decode(raw, type=kind)
    except msgspec.ValidationError:
        words = explain(kind, raw)
        assert not words.en.startswith("message: given a list")
        assert words.zh
