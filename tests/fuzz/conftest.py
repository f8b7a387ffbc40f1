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
    """The decoders; a keyring's key is derived once, so that its sealed part is read often."""
    with pytest.MonkeyPatch.context() as patch:
        derive = keyring._derive
        known: dict[tuple[object, ...], bytes] = {}

        def derived_once(*arguments):
            if arguments not in known:
                known[arguments] = derive(*arguments) if not known else bytes(32)
            return known[arguments]

        patch.setattr(keyring, "_derive", derived_once)
        yield Targets(samples, tmp_path_factory.mktemp("targets")).all()
