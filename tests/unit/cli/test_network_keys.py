"""What a validator's proposal must hold is shown without its private key; the next key is used."""

import pytest

from unit.cli.test_network import run
from unit.cli.test_network_sync import refusal
from xinlian.cli.network_init import example_members, make_network
from xinlian.cli.network_places import engine_home
from xinlian.client.profile import load_genesis, load_profile
from xinlian.crypto.ed25519 import SUITE_ED25519, verify_signature
from xinlian.engines.cometbft import read_keys
from xinlian.modules.members.types import organisation_id, possession_bytes
from xinlian.storage import LmdbStore


@pytest.fixture
def home(tmp_path):
    made = make_network(
        tmp_path / "n", example_members(2), 1, simulated=False, commit_ms=100, quiet_seconds=30
    )
    return made.homes[0]


def proof_of(home, *options):
    command = ["network", "validator-proof", "--home", str(home), "--data", str(home / "node")]
    return run(*command, *options)


def verifies(home, key, possession):
    chain_id = load_genesis(home)[1].chain_id
    party = organisation_id(chain_id, load_profile(home).uscc)
    message = possession_bytes(chain_id, party, "validator")
    return verify_signature(SUITE_ED25519, bytes.fromhex(key), message, bytes.fromhex(possession))


def test_the_proof_is_by_the_key_of_the_nodes_votes(home):
    shown = proof_of(home)
    assert shown["public_key"] == read_keys(engine_home(home / "node")).consensus_key.hex()
    assert verifies(home, shown["public_key"], shown["possession"])


def test_the_next_key_is_drawn_once_and_takes_the_place_of_the_old_one(home):
    before = read_keys(engine_home(home / "node")).consensus_key
    shown = proof_of(home, "--next")
    assert shown == proof_of(home, "--next")
    assert shown["public_key"] == before.hex() != shown["successor"]
    assert verifies(home, shown["successor"], shown["possession"])
    use = ["network", "use-next-key", "--data", str(home / "node")]
    run(*use)
    assert read_keys(engine_home(home / "node")).consensus_key.hex() == shown["successor"]
    assert refusal(use) == "cometbft/no_key"


def test_a_running_node_keeps_its_key(home):
    proof_of(home, "--next")
    store = LmdbStore(home / "node")
    assert refusal(["network", "use-next-key", "--data", str(home / "node")]) == "storage/in_use"
    store.close()
