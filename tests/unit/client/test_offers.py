"""Sealing for one call, and the key of a call in the home folder."""

import stat

import pytest

from xinlian.apps.supply_chain.offer_terms import OfferTerms
from xinlian.client.offers import (
    CallKeyMissing,
    UnsealableKey,
    keep_call_keys,
    kept_secret,
    new_call_keys,
    seal_terms,
)

TERMS = OfferTerms(90_00, 1_00, 0)
CALL, BANK = b"c" * 20, b"b" * 20


def test_every_call_has_keys_of_its_own_and_shows_the_public_one_alone():
    one, other = new_call_keys(), new_call_keys()
    assert one.box_secret != other.box_secret
    assert one.box_key.hex() in repr(one)
    assert one.box_secret.hex() not in repr(one)


def test_the_same_terms_never_give_the_same_box():
    key = new_call_keys().box_key
    boxes = {seal_terms("chain", CALL, BANK, key, TERMS) for _ in range(3)}
    assert len(boxes) == 3


@pytest.mark.parametrize("key", [bytes(32), b"\1" + bytes(31), b"short"])
def test_nothing_is_sealed_to_a_key_that_hides_nothing(key):
    with pytest.raises(UnsealableKey):
        seal_terms("chain", CALL, BANK, key, TERMS)


def test_unsound_terms_are_not_sealed():
    with pytest.raises(ValueError, match="below the advance"):
        seal_terms("chain", CALL, BANK, new_call_keys().box_key, OfferTerms(1_00, 60, 40))


def test_the_key_of_a_call_is_kept_for_its_owner_alone(tmp_path):
    keys = new_call_keys()
    keep_call_keys(tmp_path, keys)
    assert kept_secret(tmp_path, keys.box_key) == keys.box_secret
    (file,) = (tmp_path / "calls").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [None, "", "zz", "00" * 31, "00" * 32])
def test_a_key_that_is_missing_or_another_one_is_told(tmp_path, content):
    keys = new_call_keys()
    if content is not None:
        keep_call_keys(tmp_path, keys)
        (tmp_path / "calls" / f"{keys.box_key.hex()}.key").write_text(content)
    with pytest.raises(CallKeyMissing, match="does not hold"):
        kept_secret(tmp_path, keys.box_key)
