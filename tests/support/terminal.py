"""A consortium with a running node, and a terminal for each party: what tests of commands share."""

import contextlib
import io
import json
import os
import sys
from pathlib import Path

from xinlian.api import BackgroundServer
from xinlian.bootstrap import run_node
from xinlian.cli.app import main
from xinlian.cli.demo.case import load_case
from xinlian.cli.demo.plan import plan_consortium
from xinlian.cli.demo.world import draw_keyrings
from xinlian.client import Organisation
from xinlian.client.genesis_plan import build_genesis
from xinlian.modules.accounts.types import AssetKind, account_id, asset_id
from xinlian.primitives import format_id

ROOT = Path(__file__).parents[2]
CASE = ROOT / "examples" / "receivable-finance"


class Desk:
    """A consortium with a running node, and a terminal for each party."""

    def __init__(self, folder):
        self.folder = folder
        case = load_case(CASE)
        keyrings = draw_keyrings(folder, case.cast())
        os.environ["XINLIAN_PASSPHRASE"] = (folder / "passphrase").read_text()
        self.organisations = {
            name: Organisation("test-cli", member.uscc, member.name, keyrings[name])
            for name, member in case.cast().items()
        }
        self.plan = plan_consortium(
            "test-cli", case.starts_at_ms, case.cast(), self.organisations, {"core": 500_000_000}
        )
        self.genesis = folder / "genesis.json"
        self.genesis.write_bytes(build_genesis(self.plan))
        operator = self.organisations["bank"].keys["operator"]
        self.node = run_node(folder / "node", self.genesis.read_bytes(), operator)
        self.server = BackgroundServer(self.node.app)
        self.server.start()

    def close(self):
        self.server.stop()
        self.node.close()
        del os.environ["XINLIAN_PASSPHRASE"]

    def home(self, name):
        return str(self.folder / name)

    def account(self, name):
        deposit = asset_id(AssetKind.DEPOSIT, self.organisations["settle"].party, "CNY", 2)
        return format_id("account", account_id(self.organisations[name].party, deposit, 1))


def run(*arguments):
    """Run the command line in this process; return (exit code, standard output)."""
    out, before = io.StringIO(), sys.argv
    sys.argv = ["xinlian", *arguments]
    try:
        with contextlib.redirect_stdout(out):
            main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
        return code, out.getvalue()
    finally:
        sys.argv = before
    return 0, out.getvalue()


def call(*arguments):
    """Run a command that must succeed; return its JSON."""
    code, out = run(*arguments, "--json")
    assert code == 0, out
    return json.loads(out)


def refused(*arguments):
    """Run a command that must be refused; return the reference of the refusal."""
    code, out = run(*arguments, "--json")
    assert code == 1, out
    error = json.loads(out)
    assert error["detail"]
    return error["error"]
