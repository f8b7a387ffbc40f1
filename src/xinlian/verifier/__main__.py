"""Command line of the stranger's verifier."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from xinlian.verifier.files import verify_checkpoint, verify_file
from xinlian.verifier.reading import VerificationFailed
from xinlian.verifier.trust import TrustRoot, root_of_genesis

FAILED = 1


def main() -> int:
    """Verify a file; print what it proves as JSON and return 0, or say what is wrong."""
    parser = argparse.ArgumentParser(prog="xinlian.verifier", description=__doc__)
    parser.add_argument("file", type=Path)
    root = parser.add_mutually_exclusive_group(required=True)
    root.add_argument("--genesis", type=Path)
    root.add_argument("--checkpoint", type=Path)
    parser.add_argument("--allow-simulated", action="store_true")
    arguments = parser.parse_args()
    try:
        found = verify_file(
            arguments.file.read_bytes(),
            _root_of(arguments),
            allow_simulated=arguments.allow_simulated,
        )
    except VerificationFailed as failure:
        sys.stderr.write(f"refused / 不通过: {failure}\n")
        return FAILED
    except OSError as error:
        sys.stderr.write(f"cannot read / 无法读取: {error}\n")
        return FAILED
    sys.stdout.write(json.dumps(asdict(found), ensure_ascii=False, indent=2) + "\n")
    return 0


def _root_of(arguments: argparse.Namespace) -> TrustRoot:
    if arguments.genesis is not None:
        return root_of_genesis(arguments.genesis.read_bytes())
    checkpoint: bytes = arguments.checkpoint.read_bytes()
    return verify_checkpoint(checkpoint, allow_simulated=arguments.allow_simulated)[0]


if __name__ == "__main__":
    raise SystemExit(main())
