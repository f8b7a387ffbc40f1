"""The process of signatures: its format, and the same verdicts as the rule everybody else uses."""

import io

import pytest

from golden.vectors import load
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.signature_worker import (
    COUNT_BYTES,
    FACT_BYTES,
    FACTS_MAX,
    READY,
    serve,
    verdicts,
)

KEY = SigningKey(bytes(32))
MESSAGE = b"m" * 32
GOOD = KEY.public_key + MESSAGE + KEY.sign(MESSAGE)
BAD = KEY.public_key + b"n" * 32 + KEY.sign(MESSAGE)


def answered(requests: bytes) -> bytes:
    answers = io.BytesIO()
    serve(io.BytesIO(requests), answers)
    return answers.getvalue()


def request(*facts: bytes) -> bytes:
    return len(facts).to_bytes(COUNT_BYTES, "big") + b"".join(facts)


def test_it_says_that_it_is_ready_then_one_byte_a_fact_in_order():
    assert answered(b"") == READY
    assert answered(request(GOOD, BAD) + request() + request(GOOD)) == READY + b"\x01\x00\x01"


@pytest.mark.parametrize(
    "requests",
    [request(GOOD)[:-1], request(GOOD)[:COUNT_BYTES], b"\0\0\0", b"\0\0\0\x02" + GOOD],
    ids=["cut", "no facts", "cut count", "one fact of two"],
)
def test_a_request_that_breaks_off_ends_it_without_an_answer(requests):
    assert answered(requests) == READY


def test_a_request_beyond_its_ceiling_ends_it():
    too_many = (FACTS_MAX + 1).to_bytes(COUNT_BYTES, "big") + bytes(FACT_BYTES)
    assert answered(too_many + request(GOOD)) == READY


@pytest.mark.parametrize("vector", load("ed25519_speccheck")["vectors"], ids=lambda v: v["what"])
def test_edge_cases_of_taming_the_many_eddsas_have_their_zip_215_result(vector):
    fields = [bytes.fromhex(vector[name]) for name in ("public_key", "message", "signature")]
    assert len(fields[1]) == 32, "a message of another length is never sent to this process"
    assert verdicts(b"".join(fields)) == bytes((vector["zip215"],))
