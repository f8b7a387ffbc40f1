"""Verifying in another process: the same verdicts before it is ready, with it, after its end."""

import os
import signal
import time

import pytest

from golden.vectors import load
from xinlian.crypto.ed25519 import SUITE_ED25519, SigningKey, verify_signature
from xinlian.engines import signatures
from xinlian.engines.signature_worker import FACTS_MAX
from xinlian.engines.signatures import SignaturesAhead, SignatureVerifier
from xinlian.ledger.admission import SignatureFact

KEY = SigningKey(bytes(32))
READY_SECONDS = 60.0
EDGES = load("ed25519_speccheck")["vectors"]


def facts(count: int) -> list[SignatureFact]:
    """Return facts of which every third is false."""
    found = []
    for number in range(count):
        message = number.to_bytes(32, "big")
        signed = message if number % 3 else b"x" * 32
        found.append((SUITE_ED25519, KEY.public_key, message, KEY.sign(signed)))
    return found


def expected(of: list[SignatureFact]) -> list[bool]:
    return [verify_signature(*fact) for fact in of]


@pytest.fixture
def verifier(monkeypatch):
    monkeypatch.setattr(signatures, "cores", lambda: 2)
    monkeypatch.setattr(signatures, "START_AFTER", 0)
    started = SignatureVerifier()
    yield started
    started.close()


@pytest.fixture
def ready(verifier):
    """A verifier whose process answers."""
    deadline = time.monotonic() + READY_SECONDS
    while not verifier.is_helped:
        assert time.monotonic() < deadline
        verifier.verify(facts(1))
    return verifier


def test_the_first_lists_are_verified_before_the_process_is_ready(verifier):
    assert verifier.verify(facts(7)) == expected(facts(7))


def test_the_process_gives_the_verdicts_that_this_one_would(ready):
    assert ready.verify(facts(40)) == expected(facts(40))
    assert ready.verify([]) == []
    edges = [
        (
            SUITE_ED25519,
            *(bytes.fromhex(v[name]) for name in ("public_key", "message", "signature")),
        )
        for v in EDGES
    ]
    assert ready.verify(edges) == [vector["zip215"] for vector in EDGES]
    assert ready.is_helped


def test_a_list_longer_than_a_request_is_sent_in_parts(ready):
    many = facts(2) * (FACTS_MAX // 2 + 5)
    assert ready.verify(many) == [False, True] * (FACTS_MAX // 2 + 5)
    assert ready.is_helped


def test_what_does_not_fit_a_request_has_its_place_among_the_verdicts(ready):
    good = facts(2)[1]
    odd = [
        ("sm2", *good[1:]),
        (SUITE_ED25519, b"", good[2], good[3]),
        (SUITE_ED25519, good[1], b"short", KEY.sign(b"short")),
        (SUITE_ED25519, good[1], good[2], good[3] + b"\0"),
    ]
    mixed = [good, odd[0], facts(1)[0], odd[1], odd[2], good, odd[3]]
    assert ready.verify(mixed) == [True, False, False, False, True, True, False]
    assert ready.is_helped


def test_a_killed_process_is_noticed_and_nothing_is_wrong(ready):
    os.kill(ready.process_id, signal.SIGKILL)
    assert ready.verify(facts(9)) == expected(facts(9))
    assert ready.verify(facts(9)) == expected(facts(9))
    assert not ready.is_helped


def test_a_process_that_cannot_be_started_is_no_need(verifier, monkeypatch):
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    assert verifier.verify(facts(4)) == expected(facts(4))
    assert not verifier.is_helped


def test_for_a_few_signatures_no_process_is_started(monkeypatch):
    monkeypatch.setattr(signatures, "cores", lambda: 2)
    monkeypatch.setattr(signatures, "START_AFTER", 8)
    few = SignatureVerifier()
    started = []
    for count in (8, 1):
        few.verify(facts(count))
        started.append(few.process_id is not None)
    few.close()
    assert started == [False, True]


def test_on_one_core_no_process_is_started(monkeypatch):
    monkeypatch.setattr(signatures, "cores", lambda: 1)
    monkeypatch.setattr(signatures, "START_AFTER", 0)
    alone = SignatureVerifier()
    assert alone.verify(facts(4)) == expected(facts(4))
    assert alone.process_id is None


def test_closing_ends_the_process_and_verifying_goes_on_here(ready):
    process_id = ready.process_id
    ready.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)
    assert ready.verify(facts(4)) == expected(facts(4))
    assert ready.process_id is None


def test_signatures_ahead_give_the_true_ones_of_the_last_request(verifier):
    with SignaturesAhead(verifier) as ahead:
        assert ahead.collect() == []
        for count in (9, 4):
            ahead.request(facts(count))
            assert ahead.collect() == [fact for fact in facts(count) if verify_signature(*fact)]
            assert ahead.collect() == []
