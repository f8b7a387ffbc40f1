"""The engine's process, with small programs in its place: started again, given up, ended."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from xinlian.engines.cometbft import process
from xinlian.engines.cometbft.process import (
    ENDS_MAX,
    PROGRAM_VARIABLE,
    VERSION,
    EngineMissing,
    EngineProcess,
    find_program,
)


def program(folder: Path, text: str) -> Path:
    path = folder / "engine-program"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_without_the_program_both_languages_say_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv(PROGRAM_VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(EngineMissing, match=r"make engine.*/.*make engine"):
        find_program()


def test_a_program_of_another_version_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv(PROGRAM_VARIABLE, str(program(tmp_path, "echo 0.40.0")))
    with pytest.raises(EngineMissing, match=r"0\.40\.0"):
        find_program()


def test_a_program_that_does_not_run_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv(PROGRAM_VARIABLE, str(program(tmp_path, "exit 3")))
    with pytest.raises(EngineMissing, match="does not run"):
        find_program()


def test_the_pinned_version_is_taken(monkeypatch, tmp_path):
    path = program(tmp_path, f"echo {VERSION}")
    monkeypatch.setenv(PROGRAM_VARIABLE, str(path))
    assert find_program() == path


def test_an_engine_that_ends_is_started_again_and_the_node_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "RESTART_SECONDS", (0.01,))
    again = threading.Event()
    # The first run ends at once; the second one stays.
    path = program(
        tmp_path, f"if [ -e {tmp_path}/ran ]; then exec sleep 60; fi; touch {tmp_path}/ran"
    )
    engine = EngineProcess(path, tmp_path, tmp_path / "rpc.sock", again.set, lambda _: None)
    engine.start()
    assert again.wait(30)
    assert engine.pid is not None
    engine.close()
    assert engine.pid is None


def test_an_engine_that_ends_too_often_is_given_up_with_its_last_words(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "RESTART_SECONDS", (0.01,))
    given_up: list[BaseException] = []
    told = threading.Event()

    def give_up(failure: BaseException) -> None:
        given_up.append(failure)
        told.set()

    path = program(tmp_path, f"echo run >> {tmp_path}/runs; echo the disk is full; exit 1")
    engine = EngineProcess(path, tmp_path, tmp_path / "rpc.sock", lambda: None, give_up)
    engine.start()
    assert told.wait(30)
    engine.close()
    assert (tmp_path / "runs").read_text().count("run") == ENDS_MAX
    assert "the disk is full" in str(given_up[0])


def test_one_that_does_not_want_to_end_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "STOP_SECONDS", 0.2)
    ready = tmp_path / "ready"
    path = program(tmp_path, f"trap '' TERM; touch {ready}; while :; do sleep 0.1; done")
    engine = EngineProcess(path, tmp_path, tmp_path / "rpc.sock", lambda: None, lambda _: None)
    engine.start()
    waiting = threading.Event()
    while not ready.exists():
        waiting.wait(0.01)
    engine.close()
    assert engine.pid is None


def test_the_socket_of_one_that_was_killed_is_cleared_for_the_next(tmp_path):
    (tmp_path / "rpc.sock").write_text("left behind")
    path = program(tmp_path, f"test -e {tmp_path}/rpc.sock || exec sleep 60")
    engine = EngineProcess(path, tmp_path, tmp_path / "rpc.sock", lambda: None, lambda _: None)
    engine.start()
    waiting = threading.Event()
    while engine.pid is None:
        waiting.wait(0.01)
    assert not (tmp_path / "rpc.sock").exists()
    engine.close()


def test_closed_before_it_began_it_never_runs(tmp_path):
    path = program(tmp_path, f"touch {tmp_path}/ran")
    engine = EngineProcess(path, tmp_path, tmp_path / "rpc.sock", lambda: None, lambda _: None)
    engine.close()
    engine.start()
    engine.close()
    assert not (tmp_path / "ran").exists()


def test_an_engine_that_outlived_its_node_is_ended_before_the_next_one_begins(tmp_path):
    wait = "import sys, time; print(flush=True); time.sleep(600)"
    sleeper = [sys.executable, "-c", wait, "--home"]
    stranger = subprocess.Popen([*sleeper, "/elsewhere"], stdout=subprocess.PIPE)
    orphan = subprocess.Popen([*sleeper, str(tmp_path)], stdout=subprocess.PIPE)
    engine = EngineProcess(
        program(tmp_path, "exit 0"), tmp_path, tmp_path / "rpc.sock", lambda: None, lambda _: None
    )
    pid_file = tmp_path / "engine.pid"
    try:
        for other in (stranger, orphan):
            assert other.stdout is not None
            assert other.stdout.read(1)  # it runs by its own name
            pid_file.write_text(f"{other.pid}\n")
            engine._end_leftover()
        assert orphan.wait(20) == -signal.SIGKILL
        assert stranger.poll() is None
        for text in ("", "no number", str(os.getpid()), "99999999"):
            pid_file.write_text(text)
            engine._end_leftover()
    finally:
        for other in (stranger, orphan):
            other.kill()
            other.communicate()


def test_an_engine_that_says_it_can_never_go_on_is_ended_and_started_again(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "RESTART_SECONDS", (0.01,))
    monkeypatch.setattr(process, "STUCK_LOOK_SECONDS", 0.05)
    again = threading.Event()
    failure = '{"_msg":"CONSENSUS FAILURE!!!","module":"consensus"}'
    path = program(
        tmp_path,
        f"if [ ! -e {tmp_path}/ran ]; then touch {tmp_path}/ran; echo '{failure}'; fi\n"
        "exec sleep 600",
    )
    engine = EngineProcess(path, tmp_path, tmp_path / "rpc.sock", again.set, lambda _: None)
    engine.start()
    assert again.wait(30)
    assert engine.pid is not None
    engine.close()


NODE = """
import sys, threading
from pathlib import Path
from xinlian.engines.cometbft.process import EngineProcess

folder = Path(sys.argv[1])
program, socket = folder / "engine-program", folder / "rpc.sock"
EngineProcess(program, folder, socket, lambda: None, lambda _: None).start()
threading.Event().wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the system kills with the parent on Linux")
def test_an_engine_dies_with_its_killed_node_though_it_hangs_when_it_is_asked_to_stop(tmp_path):
    ready = tmp_path / "ready"
    program(tmp_path, f"trap '' TERM; touch {ready}; while :; do sleep 0.1; done")
    node = subprocess.Popen([sys.executable, "-c", NODE, str(tmp_path)])
    pause = threading.Event()
    while not ready.exists():
        pause.wait(0.01)
    engine = int((tmp_path / "engine.pid").read_text("ascii"))
    node.kill()
    node.wait()
    deadline = time.monotonic() + 30
    while (Path("/proc") / str(engine) / "exe").exists():
        assert time.monotonic() < deadline, "the engine outlived its node"
        pause.wait(0.01)


def test_a_program_whose_node_is_gone_does_not_begin(tmp_path):
    path = program(tmp_path, f"touch {tmp_path}/ran")
    elsewhere = "1" if os.getpid() != 1 else "2"
    subprocess.run([*process.LAUNCHER, elsewhere, str(path)], check=True)
    assert not (tmp_path / "ran").exists()
    subprocess.run([*process.LAUNCHER, str(os.getpid()), str(path)], check=True)
    assert (tmp_path / "ran").exists()
