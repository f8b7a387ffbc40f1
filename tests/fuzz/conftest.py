import pytest

from fuzz.samples import Samples
from fuzz.targets import Targets
from xinlian.client import keyring


@pytest.fixture(scope="package")
def samples(tmp_path_factory):
    return Samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="package")
def sample_inputs(samples):
    return samples.all()


@pytest.fixture(scope="package")
def targets(samples, sample_inputs, tmp_path_factory):
    return Targets(samples, tmp_path_factory.mktemp("targets")).all()


_DERIVE = keyring._derive
_KNOWN: dict[tuple[object, ...], bytes] = {}


def _derived_once(*arguments):
    if arguments not in _KNOWN:
        _KNOWN[arguments] = _DERIVE(*arguments) if not _KNOWN else bytes(32)
    return _KNOWN[arguments]


@pytest.fixture(autouse=True)
def cheap_derivation(monkeypatch):
    """A keyring's key is derived once, so that its sealed part is read often; here alone."""
    monkeypatch.setattr(keyring, "_derive", _derived_once)
