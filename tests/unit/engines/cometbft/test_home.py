"""The engine's folder: keys that are its owner's alone, and never replaced."""

import subprocess
import tomllib

import pytest

from engines.cometbft_network import engine_missing, seed
from unit.engines.cometbft.test_network import FOUR, genesis
from xinlian.engines.cometbft.home import (
    CONFIG_FILE,
    GENESIS_FILE,
    KEY_FILE,
    NODE_KEY_FILE,
    VOTES_FILE,
    Tuning,
    address_of,
    create_keys,
    draw_successor,
    read_keys,
    use_successor,
    write_config,
    write_genesis,
)
from xinlian.engines.cometbft.process import find_program
from xinlian.ledger.genesis import GenesisInvalid, encode_genesis


def test_keys_are_readable_by_their_owner_alone(tmp_path):
    create_keys(tmp_path / "engine", seed("n"), seed("c"))
    for name in (KEY_FILE, NODE_KEY_FILE, VOTES_FILE):
        assert (tmp_path / "engine" / name).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "engine").stat().st_mode & 0o777 == 0o700


def test_a_key_that_is_there_is_never_replaced(tmp_path):
    first = create_keys(tmp_path, seed("n"), seed("c"))
    assert create_keys(tmp_path, seed("other n"), seed("other c")) == first
    assert read_keys(tmp_path) == first


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"priv_key":{"type":"","value":"*"}}'])
def test_keys_that_cannot_be_read_are_said_to_be_missing(tmp_path, content):
    if content is not None:
        create_keys(tmp_path, seed("n"), seed("c"))
        (tmp_path / NODE_KEY_FILE).write_bytes(content)
    with pytest.raises(GenesisInvalid, match="no readable keys"):
        read_keys(tmp_path)


def test_the_folder_of_one_chain_is_refused_for_another(tmp_path):
    create_keys(tmp_path, seed("n"), seed("c"))
    one, other = encode_genesis(genesis(*FOUR)), encode_genesis(genesis(*FOUR[:3]))
    write_genesis(tmp_path, one)
    write_genesis(tmp_path, one)
    with pytest.raises(GenesisInvalid, match="another chain"):
        write_genesis(tmp_path, other)


def test_the_configuration_says_what_was_asked_for(tmp_path):
    create_keys(tmp_path, seed("n"), seed("c"))
    write_config(
        tmp_path,
        socket=tmp_path / "app.sock",
        rpc_socket=tmp_path / "rpc.sock",
        listen="127.0.0.1:1234",
        peers=["aa@127.0.0.1:1", "bb@127.0.0.1:2"],
        tuning=Tuning(commit_ms=70, quiet_seconds=9, is_loopback=True),
    )
    config = tomllib.loads((tmp_path / CONFIG_FILE).read_text("utf-8"))
    assert config["proxy_app"] == f"unix://{tmp_path / 'app.sock'}"
    assert config["rpc"]["laddr"] == f"unix://{tmp_path / 'rpc.sock'}"
    assert config["p2p"]["persistent_peers"] == "aa@127.0.0.1:1,bb@127.0.0.1:2"
    assert config["p2p"]["allow_duplicate_ip"] is True
    assert config["consensus"]["timeout_commit"] == "70ms"
    assert config["consensus"]["create_empty_blocks_interval"] == "9s"


@pytest.mark.skipif(bool(engine_missing()), reason=f"needs the engine: {engine_missing()}")
def test_the_engine_itself_reads_the_keys_as_they_were_meant(tmp_path):
    keys = create_keys(tmp_path, seed("n"), seed("c"))
    write_genesis(tmp_path, encode_genesis(genesis(*FOUR)))
    assert (tmp_path / GENESIS_FILE).exists()

    def says(*arguments: str) -> str:
        return subprocess.run(
            [find_program(), *arguments, "--home", tmp_path],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert says("show-node-id").strip() == keys.node_id
    shown = says("show-validator")
    assert "PubKeyEd25519" in shown
    assert len(address_of(keys.consensus_key)) == 20


def test_the_next_key_takes_the_place_of_the_first_and_leaves_the_last_vote(tmp_path):
    create_keys(tmp_path, seed("n"), seed("c"))
    vote = (tmp_path / VOTES_FILE).read_bytes()
    successor = draw_successor(tmp_path, seed("next"))
    assert draw_successor(tmp_path, seed("other")).public_key == successor.public_key
    assert use_successor(tmp_path) == read_keys(tmp_path).consensus_key == successor.public_key
    assert read_keys(tmp_path).node_id == create_keys(tmp_path, seed("x"), seed("y")).node_id
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / VOTES_FILE).read_bytes() == vote
    with pytest.raises(GenesisInvalid, match="no readable consensus key"):
        use_successor(tmp_path)
