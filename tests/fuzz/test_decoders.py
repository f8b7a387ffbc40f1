"""Whatever bytes come in, only declared errors come out of a decoder.

Each is run over valid inputs, over what earlier runs found worth keeping, and over mutations of
both that are led by which lines they reach.  The same runs every time; ``make soak`` tries more.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import PROFILE
from fuzz.mutation import explore
from fuzz.samples import kept
from xinlian.crypto.codec import encode
from xinlian.testing.strategies import values

DECODERS = (
    "transaction",
    "message",
    "codec",
    "state_proof",
    "receipt",
    "proof_file",
    "countersignature",
    "genesis",
    "plan",
    "disclosure",
    "document",
    "package",
    "keyring",
    "profile",
    "cursor",
    "signature",
    "manifest",
    "countersignature",
    "checkpoint",
    "condition",
    "abci",
    "event_id",
    "event_stream",
)
CANONICAL = (
    "transaction",
    "message",
    "codec",
    "state_proof",
    "receipt",
    "proof_file",
    "disclosure",
    "package",
    "manifest",
    "countersignature",
    "checkpoint",
)
SOAK_FACTOR = 100


def test_every_decoder_is_named_here(targets, sample_inputs):
    assert set(DECODERS) == set(targets) == set(sample_inputs)


@pytest.mark.parametrize("name", DECODERS)
def test_what_the_writers_write_is_accepted(targets, sample_inputs, name):
    accepted = [targets[name].run(data) for data in sample_inputs[name]]
    assert accepted[0]
    assert name in ("message", "state_proof") or all(accepted)


@pytest.mark.parametrize("name", DECODERS)
def test_what_was_found_before_is_read_or_refused(targets, name):
    assert kept(name), "the corpus is kept in the tests"
    for data in kept(name):
        targets[name].run(data)


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("name", DECODERS)
def test_mutated_bytes_are_read_or_refused(targets, sample_inputs, name):
    target = targets[name]
    runs = target.runs * SOAK_FACTOR if PROFILE == "soak" else target.runs
    explore(target.run, [*sample_inputs[name], *kept(name)], f"fuzz {name}", runs)


@pytest.mark.parametrize("name", CANONICAL)
@given(value=values)
def test_any_canonical_value_is_read_or_refused(targets, name, value):
    targets[name].run(encode(value))


@pytest.mark.parametrize("name", DECODERS)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(targets, name, data):
    targets[name].run(data)
