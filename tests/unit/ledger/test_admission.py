"""The envelope's checks, row by row: whoever breaks two rules is told the earlier one."""

import pytest

from unit.ledger.fakes import (
    CHAIN,
    OTHER,
    OTHER_KEY,
    PAYER_KEY,
    START_MS,
    STRANGER_KEY,
    Chain,
    badly_signed,
    body,
    signed,
)
from xinlian.ledger import limits
from xinlian.ledger.admission import check_envelope
from xinlian.ledger.errors import (
    Duplicate,
    Expired,
    IdempotencyConflict,
    InvalidSignature,
    PayerNotSigning,
    UnknownSigner,
    ValidityTooLong,
    WrongChain,
)
from xinlian.ledger.executor import BlockEnvironment
from xinlian.ledger.transaction import (
    decode_transaction,
    encode_body,
    encode_transaction,
)
from xinlian.primitives import LedgerError

USED = signed(body(key=b"u" * 16))
PAST_MS, FAR_MS = START_MS - 1, START_MS + limits.VALIDITY_MS_MAX + 1
"""A row breaks its own rule and every later one that can be broken with it."""
ROWS = {
    WrongChain: badly_signed(
        body(chain_id="test-other", valid_until_ms=PAST_MS, signers=[STRANGER_KEY], key=b"u" * 16)
    ),
    Expired: badly_signed(body(valid_until_ms=PAST_MS, signers=[STRANGER_KEY], key=b"u" * 16)),
    ValidityTooLong: badly_signed(
        body(valid_until_ms=FAR_MS, signers=[STRANGER_KEY], key=b"u" * 16)
    ),
    UnknownSigner: badly_signed(body(signers=[STRANGER_KEY], key=b"u" * 16)),
    PayerNotSigning: badly_signed(body(signers=[OTHER_KEY], key=b"u" * 16)),
    Duplicate: badly_signed(body(key=b"u" * 16)),
    IdempotencyConflict: badly_signed(body(b"other", key=b"u" * 16)),
    InvalidSignature: badly_signed(body()),
}


def refusal_of(chain: Chain, raw: bytes) -> LedgerError | None:
    environment = BlockEnvironment(CHAIN, 1, START_MS, 1)
    try:
        check_envelope(
            chain.state,
            environment,
            decode_transaction(raw),
            chain.executor,
            chain.executor.quotas,
        )
    except LedgerError as refusal:
        return refusal
    return None


@pytest.fixture
def chain():
    chain = Chain()
    assert chain.codes(USED) == [("", 0, True)]
    return chain


@pytest.mark.parametrize(
    ("expected", "raw"), ROWS.items(), ids=lambda v: getattr(v, "__name__", "")
)
def test_the_earlier_of_several_refusals_is_given(chain, expected, raw):
    assert type(refusal_of(chain, raw)) is expected


@pytest.mark.parametrize("raw", ROWS.values(), ids=[row.__name__ for row in ROWS])
def test_none_of_them_consumes_a_key_or_changes_the_state(chain, raw):
    before = dict(chain.state.table)
    ((_, code, consumed),) = chain.codes(raw)
    assert code != 0
    assert not consumed
    changed = {key for key in before | chain.state.table if before.get(key) != chain.state.get(key)}
    assert changed == {b"\x00\x00\x03"}  # the record of the chain: height and time


@pytest.mark.parametrize(
    ("valid_until_ms", "expected"),
    [
        (START_MS - 1, Expired),
        (START_MS, type(None)),
        (START_MS + limits.VALIDITY_MS_MAX, type(None)),
        (START_MS + limits.VALIDITY_MS_MAX + 1, ValidityTooLong),
    ],
)
def test_validity_runs_to_the_very_millisecond(valid_until_ms, expected):
    assert type(refusal_of(Chain(), signed(body(valid_until_ms=valid_until_ms)))) is expected


def test_every_signer_must_have_signed_and_the_index_of_the_bad_one_is_told():
    both = (PAYER_KEY, OTHER_KEY)
    assert refusal_of(Chain(), signed(body(signers=both), both)) is None
    decoded = decode_transaction(signed(body(signers=both), both))
    for index in range(2):
        blobs = list(decoded.signatures)
        blobs[index] = STRANGER_KEY.key.sign(b"other")
        raw = encode_transaction(encode_body(decoded.body), tuple(blobs))
        refusal = refusal_of(Chain(), raw)
        assert isinstance(refusal, InvalidSignature)
        assert refusal.signer_index == index


def test_a_party_may_pay_only_with_a_key_of_its_own():
    assert isinstance(refusal_of(Chain(), signed(body(payer=OTHER), (PAYER_KEY,))), PayerNotSigning)
