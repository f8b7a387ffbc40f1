"""Making networks: each organisation's secrets in its own folder, and one genesis for all."""

import json
import signal
import subprocess
import sys
import threading
import time

import pytest
from typer.testing import CliRunner

from engines.cometbft_network import engine_missing
from xinlian.cli.app import build_app
from xinlian.cli.network_init import Member, example_members, make_network, with_validators
from xinlian.cli.network_places import engine_home, engine_settings, homes_of, read_place
from xinlian.cli.output import CommandRefused
from xinlian.client.keyring import create_keys
from xinlian.client.profile import load_genesis
from xinlian.engines.cometbft import read_keys, validators_of
from xinlian.ledger.genesis import GenesisInvalid, genesis_hash, parse_genesis
from xinlian.modules.members.uscc import is_valid_uscc

PASSPHRASE = "a passphrase for tests"


def run(*arguments: str) -> dict[str, object]:
    """Run a command in this process; return what it prints as JSON."""
    done = CliRunner().invoke(build_app(), [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    folder = tmp_path_factory.mktemp("network") / "four"
    made = make_network(
        folder, example_members(5), 4, simulated=False, commit_ms=100, quiet_seconds=30
    )
    return folder, made


def test_every_organisation_has_its_own_folder_and_all_have_one_genesis(network):
    folder, made = network
    assert len(made.homes) == 5
    assert homes_of(folder) == list(made.homes[:4])
    files = {load_genesis(home)[0] for home in made.homes}
    assert len(files) == 1
    genesis = parse_genesis(files.pop())
    section = validators_of(genesis)
    assert section is not None
    assert [entry.power for entry in section.validators] == [10] * 4
    keys = {read_keys(engine_home(home / "node")).consensus_key.hex() for home in made.homes[:4]}
    assert {entry.public_key for entry in section.validators} == keys


def test_no_secret_is_readable_by_others_or_lies_twice(network):
    _, made = network
    secrets = [
        path
        for home in made.homes
        for name in ("passphrase", "keyring.json", "priv_validator_key.json", "node_key.json")
        for path in home.rglob(name)
    ]
    assert len(secrets) == 5 * 2 + 4 * 2
    assert all(path.stat().st_mode & 0o077 == 0 for path in secrets)
    assert len({path.read_bytes() for path in secrets}) == len(secrets)


def test_each_node_names_the_others_as_peers(network):
    _, made = network
    places = [read_place(home / "node") for home in made.homes[:4]]
    for place in places:
        others = {other.listen for other in places if other is not place}
        assert {peer.split("@")[1] for peer in place.peers} == others
    assert len({place.api_port for place in places}) == 4


def test_made_up_members_have_codes_that_belong_to_nobody():
    assert all(is_valid_uscc(m.uscc) and m.uscc.startswith("9199") for m in example_members(7))


def test_a_folder_that_holds_something_is_refused(tmp_path):
    (tmp_path / "kept").write_text("mine")
    with pytest.raises(CommandRefused, match="not empty"):
        make_network(tmp_path, example_members(1), 1, simulated=True, commit_ms=1, quiet_seconds=1)
    assert (tmp_path / "kept").read_text() == "mine"


@pytest.mark.parametrize(("members", "validators"), [(2, 3), (1, 0), (65, 1)])
def test_there_are_as_many_members_as_validators(tmp_path, members, validators):
    with pytest.raises(CommandRefused, match="members"):
        make_network(
            tmp_path,
            example_members(members),
            validators,
            simulated=True,
            commit_ms=1,
            quiet_seconds=1,
        )


def test_a_network_that_tolerates_no_failure_is_told_to_whoever_makes_it(tmp_path):
    arguments = ["network", "init", str(tmp_path / "n"), "--validators", "3", "--json"]
    answer = CliRunner().invoke(build_app(), arguments, catch_exceptions=False)
    assert "tolerate no failure" in answer.stdout


def test_a_member_whose_code_is_wrong_is_refused(tmp_path):
    arguments = ["network", "init", str(tmp_path / "n"), "--member", "123=Nobody"]
    with pytest.raises(CommandRefused, match="CODE=NAME"):
        CliRunner().invoke(build_app(), arguments, catch_exceptions=False)
    with pytest.raises((CommandRefused, GenesisInvalid)):
        make_network(
            tmp_path / "m",
            [Member("not a code", "Nobody")],
            1,
            simulated=True,
            commit_ms=1,
            quiet_seconds=1,
        )


def test_four_hosts_exchange_public_parts_and_have_one_genesis(tmp_path, network, monkeypatch):
    monkeypatch.setenv("XINLIAN_PASSPHRASE", PASSPHRASE)
    _, made = network
    parts = []
    operators = []
    for number in range(2):
        home = tmp_path / f"host{number}"
        operators.append(create_keys(home / "keyring.json", ("operator",), PASSPHRASE)["operator"])
        part = tmp_path / f"part{number}.json"
        run(
            *("network", "keys", "--home", str(home), "--data", str(home / "node")),
            *("--address", f"host{number}:26656", "-o", str(part)),
        )
        parts.append(part)
    text = load_genesis(made.homes[0])[0].decode()
    for earlier, key in zip(json.loads(text)["operators"], operators, strict=False):
        text = text.replace(earlier["public_key"], key.public_key.hex())  # of member and operator
    genesis = json.loads(text)
    del genesis["sections"]["validators"]
    del genesis["operators"][len(operators) :]
    (tmp_path / "alone.json").write_text(json.dumps(genesis))
    joined = tmp_path / "genesis.json"
    flags = [flag for part in parts for flag in ("--part", str(part))]
    answer = run("network", "genesis", str(tmp_path / "alone.json"), *flags, "-o", str(joined))
    assert answer["genesis_hash"] == genesis_hash(joined.read_bytes()).hex()
    section = validators_of(parse_genesis(joined.read_bytes()))
    assert section is not None
    assert len(section.validators) == 2
    data = tmp_path / "host0" / "node"
    run(
        *("network", "join", "--data", str(data), "--listen", "0.0.0.0:26656"),
        *("--part", str(parts[1])),
    )
    place = read_place(data)
    assert place.peers[0].endswith("@host1:26656")
    assert not place.is_loopback


def test_what_is_no_part_and_what_is_no_place_are_said_to_be_none(tmp_path):
    (tmp_path / "part.json").write_text("{}")
    arguments = ["network", "join", "--data", str(tmp_path), "--listen", "h:1"]
    with pytest.raises(CommandRefused, match="public part"):
        CliRunner().invoke(
            build_app(),
            [*arguments, "--part", str(tmp_path / "part.json")],
            catch_exceptions=False,
        )
    for content in (None, b"", b"{}", b"\xff"):
        if content is not None:
            (tmp_path / "node.json").write_bytes(content)
        with pytest.raises(CommandRefused, match=r"node\.json"):
            read_place(tmp_path)
    with pytest.raises(CommandRefused, match="no network"):
        homes_of(tmp_path)


def test_a_stranger_cannot_be_added_as_validator(network):
    _, made = network
    genesis_bytes, _ = load_genesis(made.homes[0])
    again = with_validators(genesis_bytes, [])
    with pytest.raises(GenesisInvalid):
        validators_of(parse_genesis(again))


@pytest.mark.skipif(bool(engine_missing()), reason=f"needs the engine: {engine_missing()}")
def test_the_command_runs_a_network_and_ends_it_when_interrupted(tmp_path):
    made = make_network(
        tmp_path / "one", example_members(1), 1, simulated=False, commit_ms=50, quiet_seconds=5
    )
    assert engine_settings(made.homes[0] / "node").peers == ()
    command = [sys.executable, "-m", "xinlian.cli", "network", "up", str(tmp_path / "one")]
    log = made.homes[0] / "node" / "node.log"
    with subprocess.Popen(
        [*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as up:
        deadline = time.monotonic() + 120
        pause = threading.Event()
        while not log.exists() or "/v1/health/ready" not in log.read_text("utf-8"):
            assert up.poll() is None
            assert time.monotonic() < deadline
            pause.wait(0.2)
        pause.wait(1.5)  # a look later
        up.send_signal(signal.SIGINT)
        shown, errors = up.communicate(timeout=60)
    assert up.returncode == 0, errors
    (node,) = json.loads(shown)["items"]
    assert node["is_ready"]
    assert node["height"] >= 1
    assert (made.homes[0] / "node" / "engine" / "data").exists()
