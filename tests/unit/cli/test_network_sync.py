"""A new node begins on the word of two members at least, and only without a chain of its own."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from unit.cli.test_network import run
from unit.engines.cometbft.test_light import engine, served
from xinlian.cli.app import build_app
from xinlian.cli.network_init import example_members, make_network
from xinlian.cli.network_places import SyncPlace, engine_home, read_place
from xinlian.cli.output import CommandRefused
from xinlian.client.profile import load_genesis
from xinlian.engines.cometbft import LastVoteUnknown
from xinlian.engines.cometbft.last_vote import require_last_vote
from xinlian.storage import LmdbStore


@pytest.fixture
def new(tmp_path):
    made = make_network(
        tmp_path / "n", example_members(2), 2, simulated=False, commit_ms=100, quiet_seconds=30
    )
    home = made.homes[0]
    return home, ["network", "sync", "--home", str(home), "--data", str(home / "node")]


def refusal(arguments):
    with pytest.raises(CommandRefused) as refused:
        CliRunner().invoke(build_app(), arguments, catch_exceptions=False)
    return refused.value.reference


def test_two_members_who_name_one_block_are_believed(new, tmp_path):
    home, command = new
    chain = load_genesis(home)[1].chain_id
    with (
        served(tmp_path, engine(chain=chain), "a") as a,
        served(tmp_path, engine(chain=chain), "b") as b,
    ):
        parts = []
        for number, address in enumerate((a, b)):
            part = tmp_path / f"part{number}.json"
            fields = {"name": "n", "operator": "", "public_key": "", "node_id": "", "address": ""}
            part.write_text(json.dumps({**fields, "light_address": address}))
            parts += ["--part", str(part)]
        run(*command, *parts, "--expect", "ab" * 32)
        noted = read_place(home / "node").sync
        assert noted == SyncPlace((a, b), 8, "AB" * 32)
        assert refusal([*command, *parts, "--expect", "cd" * 32]) == "cometbft/no_common_block"
        assert refusal([*command, *parts[:2]]) == "cli/too_few_members"
        assert refusal([*command, "--server", a, "--server", a]) == "cli/too_few_members"
    assert refusal([*command, "--server", a, "--server", b]) == "cometbft/no_common_block"


def test_a_node_with_a_chain_does_not_begin_again(new):
    home, command = new
    (home / "node" / "chain.lmdb").write_bytes(b"a chain")
    assert refusal([*command, "--server", "a:1", "--server", "b:1"]) == "cli/has_a_chain"
    assert engine_home(home / "node").exists()


def test_a_restored_validators_last_vote_is_raised_above_what_two_members_have(new, tmp_path):
    home, _ = new
    chain = load_genesis(home)[1].chain_id
    copy = tmp_path / "restored"
    shutil.copytree(home / "node", copy)
    with pytest.raises(LastVoteUnknown):
        require_last_vote(engine_home(copy))
    command = ["network", "recover-vote", "--home", str(home), "--data", str(copy)]
    with (
        served(tmp_path, engine(chain=chain, height=9), "a") as a,
        served(tmp_path, engine(chain=chain, height=90), "b") as b,
    ):
        assert refusal([*command, "--server", a]) == "cli/too_few_members"
        told = run(*command, "--server", a, "--server", b)
    assert told["newest_height"] == 90
    assert told["votes_above_height"] == 100
    require_last_vote(engine_home(copy))
    assert refusal([*command, "--server", a, "--server", b]) == "cometbft/no_common_block"
    store = LmdbStore(copy)
    assert refusal([*command, "--server", a, "--server", b]) == "storage/in_use"
    store.close()
