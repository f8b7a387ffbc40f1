"""What the API remembers of signatures and tokens, and what it forgets."""

import pytest

from xinlian.api.replay import (
    NONCES_PER_KEY_MAX,
    TOKEN_LIFE_SECONDS,
    TOKENS_PER_KEY_MAX,
    NonceMemory,
    TokenMemory,
)

ONE, OTHER = b"one", b"other"


def test_a_nonce_is_new_once_until_it_is_forgotten():
    memory = NonceMemory()
    assert memory.use(ONE, "nonce", 60, 0)
    assert not memory.use(ONE, "nonce", 60, 60)
    assert memory.use(OTHER, "nonce", 60, 0)
    assert memory.use(ONE, "nonce", 121, 61)


def test_a_key_beyond_its_ceiling_waits_and_crowds_nobody_out():
    memory = NonceMemory()
    for number in range(NONCES_PER_KEY_MAX):
        assert memory.use(ONE, str(number), 60, 0)
    with pytest.raises(OverflowError):
        memory.use(ONE, "one more", 60, 0)
    assert not memory.use(ONE, "0", 60, 0)
    assert memory.use(OTHER, "0", 60, 0)
    assert memory.use(ONE, "one more", 121, 61)


def test_a_token_is_known_until_it_ends():
    memory = TokenMemory()
    token = memory.issue(b"party", ONE, 100)
    session = memory.find(token, 100 + TOKEN_LIFE_SECONDS - 1)
    assert session is not None
    assert (session.party, session.key_id) == (b"party", ONE)
    assert memory.find(token, 100 + TOKEN_LIFE_SECONDS) is None


@pytest.mark.parametrize("token", ["", "xlt_", "x" * 47, "钥" * 47])
def test_other_texts_are_no_token(token):
    assert TokenMemory().find(token, 0) is None


def test_the_memory_does_not_hold_the_token_itself():
    memory = TokenMemory()
    token = memory.issue(b"party", ONE, 0)
    assert token not in repr(vars(memory))
    assert token.encode() not in memory._sessions


def test_a_key_has_so_many_tokens_and_the_oldest_ends():
    memory = TokenMemory()
    tokens = [memory.issue(b"party", ONE, 0) for _ in range(TOKENS_PER_KEY_MAX + 1)]
    other = memory.issue(b"party", OTHER, 0)
    assert memory.find(tokens[0], 1) is None
    assert all(memory.find(token, 1) for token in [*tokens[1:], other])
