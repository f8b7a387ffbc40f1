"""Command line of the stranger's verifier."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from xinlian.verifier.verify import VerificationFailed, verify_receipt

FAILED = 1


def main() -> int:
    """Verify a file; print what it proves as JSON and return 0, or say what is wrong."""
    parser = argparse.ArgumentParser(prog="xinlian.verifier", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--genesis", type=Path, required=True)
    parser.add_argument("--allow-simulated", action="store_true")
    arguments = parser.parse_args()
    try:
        report = verify_receipt(
            arguments.file.read_bytes(),
            arguments.genesis.read_bytes(),
            allow_simulated=arguments.allow_simulated,
        )
    except VerificationFailed as failure:
        sys.stderr.write(f"refused / 不通过: {failure}\n")
        return FAILED
    except OSError as error:
        sys.stderr.write(f"cannot read / 无法读取: {error}\n")
        return FAILED
    sys.stdout.write(json.dumps(asdict(report), ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
