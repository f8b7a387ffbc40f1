"""What a sealed offer says: one length, one reading, one purpose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.apps.supply_chain.offer_terms import (
    SEALED_BYTES,
    TERMS_BYTES,
    OfferTerms,
    box_purpose,
    decode_terms,
    encode_terms,
    open_terms,
)
from xinlian.client.offers import new_call_keys, seal_terms
from xinlian.primitives import AMOUNT_MINOR_MAX

AMOUNTS = st.integers(0, AMOUNT_MINOR_MAX)
CALL, BANK = b"c" * 20, b"b" * 20


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_sound_terms_have_one_encoding_and_others_none(advance, discount, fee):
    terms = OfferTerms(advance, discount, fee)
    if terms.is_sound:
        assert terms.net_minor == advance - discount - fee > 0
        assert len(encode_terms(terms)) == TERMS_BYTES
        assert decode_terms(encode_terms(terms)) == terms
    else:
        with pytest.raises(ValueError, match="below the advance"):
            encode_terms(terms)


@given(st.binary(max_size=40))
def test_bytes_are_sound_terms_in_their_one_encoding_or_nothing(raw):
    terms = decode_terms(raw)
    assert terms is None or encode_terms(terms) == raw


def test_amounts_beyond_the_range_of_the_ledger_are_no_terms():
    raw = encode_terms(OfferTerms(AMOUNT_MINOR_MAX, 0, 0))
    assert decode_terms(raw[:1] + b"\xff" * 8 + raw[9:]) is None
    assert decode_terms(b"\x02" + raw[1:]) is None


def test_a_box_opens_for_its_call_its_bank_and_its_chain_alone():
    keys, terms = new_call_keys(), OfferTerms(90_00, 1_00, 50)
    box = seal_terms("chain", CALL, BANK, keys.box_key, terms)
    assert len(box) == SEALED_BYTES == 73
    assert open_terms(keys.box_secret, box, box_purpose("chain", CALL, BANK)) == terms
    for purpose in (
        box_purpose("chain2", CALL, BANK),
        box_purpose("chain", BANK, CALL),
        box_purpose("chain", CALL, b"x" * 20),
    ):
        assert open_terms(keys.box_secret, box, purpose) is None
