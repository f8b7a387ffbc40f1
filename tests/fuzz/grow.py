"""Add to the corpus what a longer run finds: ``python -m fuzz.grow 20000`` in ``tests``."""

import argparse
import hashlib
import tempfile
from pathlib import Path

from fuzz.mutation import explore
from fuzz.samples import CORPUS, Samples, kept
from fuzz.targets import Targets
from xinlian.client import keyring

KEPT_MAX = 40
KEPT_BYTES_MAX = 3_000


def grow(folder: Path, runs: int) -> None:
    """Explore each decoder and write down the smallest of what was new."""
    samples = Samples(folder)
    inputs = samples.all()
    keyring._derive = lambda *_: bytes(32)
    for name, target in Targets(samples, folder / "targets").all().items():
        found = explore(target.run, [*inputs[name], *kept(name)], f"grow {name}", runs)
        room = KEPT_MAX - len(kept(name))
        small = sorted((data for data in found if len(data) <= KEPT_BYTES_MAX), key=len)
        for data in small[: max(room, 0)]:
            path = CORPUS / name / hashlib.sha256(data).hexdigest()[:16]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        print(name, len(found), "new ways")  # noqa: T201 - what it is for


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=int)
    with tempfile.TemporaryDirectory() as made:
        (Path(made) / "targets").mkdir()
        grow(Path(made), parser.parse_args().runs)
