"""What the doctor of a network names: each cause once, with what to do; a well one is said well.

A network of which two are killed is examined in ``tests/engines/test_cometbft_processes.py``.
"""

import json
import socket
import time

import msgspec
import pytest
from typer.testing import CliRunner

from unit.engines.cometbft.local_engine import answering
from unit.engines.cometbft.test_light import engine, served
from unit.engines.cometbft.test_rounds import ANSWERS
from xinlian.cli import network_doctor
from xinlian.cli.app import build_app
from xinlian.cli.metrics import Condition, LeftOut
from xinlian.cli.network_init import example_members, make_network
from xinlian.cli.network_places import engine_home, read_place, write_place

WELL = Condition(7, 7, "", "00" * 32, 0, ())


@pytest.fixture
def node(tmp_path, monkeypatch):
    made = make_network(
        tmp_path / "n", example_members(1), 1, simulated=False, commit_ms=100, quiet_seconds=30
    )
    conditions = [WELL]
    monkeypatch.setattr(network_doctor, "condition_of", lambda _data: conditions[0])
    return made.homes[0], conditions


def examined(home, *arguments):
    command = ["network", "doctor", "--home", str(home), "--data", str(home / "node"), "--json"]
    done = CliRunner().invoke(build_app(), [*command, *arguments], catch_exceptions=False)
    found = json.loads(done.stdout)
    assert done.exit_code == (0 if found["well"] else 1)
    assert all(finding["next_step"] for finding in found["findings"])
    return found, [finding["name"] for finding in found["findings"]]


def voting(tmp_path, *, still_seconds=1.0, **sync):
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - still_seconds))
    status = {"sync_info": {**ANSWERS["status"]["sync_info"], "latest_block_time": at, **sync}}
    answers = {**ANSWERS, "status": status}

    def answer(calls):
        found = calls if isinstance(calls, list) else [calls]
        return json.dumps([{"id": c["id"], "result": answers[c["method"]]} for c in found]).encode()

    (tmp_path / "rpc.sock").unlink(missing_ok=True)
    return answering(tmp_path / "rpc.sock", answer)


def point_engine(home, tmp_path):
    config = engine_home(home / "node") / "config" / "config.toml"
    config.write_text(f'[rpc]\nladdr = "unix://{tmp_path}/rpc.sock"\n')


def test_silent_validators_are_named_when_nothing_goes_on_and_not_before(node, tmp_path):
    home, conditions = node
    point_engine(home, tmp_path)
    with voting(tmp_path, still_seconds=1_000):
        found, names = examined(home)
        assert names == ["network/clock_differs", "network/too_few_validators"]
        assert "silent: B, D" in found["findings"][1]["detail"]
    with voting(tmp_path, still_seconds=40):  # a chain that rests is no chain that stands still
        assert examined(home)[1] == ["network/clock_differs"]
        conditions[0] = msgspec.structs.replace(WELL, waiting=3)
        assert "network/too_few_validators" in examined(home)[1]
    with voting(tmp_path, catching_up=True):
        assert examined(home)[1] == ["network/catching_up"]


def test_what_proposers_left_out_is_reported_and_is_no_fault_by_itself(node, tmp_path):
    home, conditions = node
    point_engine(home, tmp_path)
    left_out = LeftOut(7, 2, ("ab",), "A" * 40)
    conditions[0] = msgspec.structs.replace(WELL, left_out=(left_out,))
    with voting(tmp_path, catching_up=True):
        found, _ = examined(home)
    assert found["left_out"] == json.loads(msgspec.json.encode([left_out]))


def test_why_an_engine_ended_is_read_from_its_log(node):
    home, conditions = node
    log = engine_home(home / "node") / "engine.log"
    log.write_text("panic: state.AppHash does not match AppHash after replay.\n")
    conditions[0] = msgspec.structs.replace(WELL, failure="the engine stopped")
    assert examined(home)[1] == ["network/node_stopped", "network/app_hash_mismatch"]
    log.write_text("")
    conditions[0] = WELL
    assert examined(home)[1] == ["network/engine_silent"]


def test_a_taken_port_a_full_disk_and_an_unreachable_peer_are_named(node, monkeypatch):
    home, conditions = node
    conditions[0] = None
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        place = read_place(home / "node")
        changed = msgspec.structs.replace(place, listen=listen, peers=("id@127.0.0.1:1", "odd"))
        write_place(home / "node", changed)
        monkeypatch.setattr(network_doctor, "FREE_BYTES_MIN", 1 << 80)
        _, names = examined(home)
    assert names == [
        "network/disk_low",
        "network/not_running",
        "network/port_taken",
        "network/port_unreachable",
    ]


def test_another_state_and_another_clock_at_a_member_are_named(node, tmp_path, monkeypatch):
    home, conditions = node
    point_engine(home, tmp_path)
    conditions[0] = msgspec.structs.replace(WELL, height=100)
    with voting(tmp_path, catching_up=True), served(tmp_path, engine(), "other") as server:
        assert "network/app_hash_mismatch" in examined(home, "--server", server)[1]
        same = (100).to_bytes(32, "big").hex()
        conditions[0] = msgspec.structs.replace(WELL, height=100, app_hash=same)
        assert examined(home, "--server", server)[1] == ["network/catching_up"]
        monkeypatch.setattr(network_doctor, "clock_ahead_seconds", lambda _server: -60.0)
        assert "network/clock_differs" in examined(home, "--server", server)[1]
