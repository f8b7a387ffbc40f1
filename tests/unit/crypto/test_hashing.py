import hashlib

from hypothesis import given
from hypothesis import strategies as st

from xinlian.crypto.hashing import HASH_BYTES, Domain, tagged_hash


def test_a_hash_is_domain_then_length_prefixed_fields():
    by_hand = hashlib.sha256(b"\x01" + b"\x00\x00\x00\x02ab" + b"\x00\x00\x00\x00").digest()
    assert tagged_hash(Domain.TRANSACTION_ID, b"ab", b"") == by_hand
    assert len(by_hand) == HASH_BYTES


def test_no_two_uses_share_a_domain_byte():
    numbers = [domain.value for domain in Domain.__members__.values()]
    assert len(numbers) == len(set(numbers)) == len(Domain.__members__)
    assert all(0 < number < 256 for number in numbers)


@given(st.lists(st.binary(max_size=8), max_size=4), st.lists(st.binary(max_size=8), max_size=4))
def test_different_fields_give_different_hashes(first, second):
    same = tagged_hash(Domain.HEADER, *first) == tagged_hash(Domain.HEADER, *second)
    assert same == (first == second)
    assert tagged_hash(Domain.HEADER, *first) != tagged_hash(Domain.APP_HASH, *first)
