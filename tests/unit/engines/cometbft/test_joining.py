"""Joining, where it cannot succeed: keys and the last vote stay, and the cause is said.

That it succeeds is tried with real processes in ``tests/engines/test_cometbft_joining.py``.
"""

import pytest

from engines.cometbft_network import FAST, operator_key, seed, with_validators
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft import (
    EngineKeys,
    EngineSettings,
    JoiningFailed,
    SyncFrom,
    TrustedBlock,
    create_keys,
    join,
)
from xinlian.engines.cometbft.home import KEY_FILE, VOTES_FILE
from xinlian.engines.cometbft.joining import forget_engine_data
from xinlian.storage import RestoringFolder
from xinlian.testing import Consortium


def test_what_an_attempt_left_is_removed_but_keys_and_the_last_vote(tmp_path):
    create_keys(tmp_path, seed("node"), seed("consensus"))
    kept = {name: (tmp_path / name).read_bytes() for name in (KEY_FILE, VOTES_FILE)}
    (tmp_path / "data" / "state.db").mkdir()
    (tmp_path / "data" / "state.db" / "1.ldb").write_bytes(b"half")
    (tmp_path / "data" / "write-file").write_bytes(b"half")
    forget_engine_data(tmp_path)
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["priv_validator_state.json"]
    assert {name: (tmp_path / name).read_bytes() for name in kept} == kept
    forget_engine_data(tmp_path / "none")


def settings(folder, program, sync):
    return EngineSettings(program, folder / "engine", "127.0.0.1:0", (), FAST, sync=sync)


def test_an_engine_that_ends_at_once_is_quoted_and_nothing_is_adopted(tmp_path):
    c = Consortium()
    keys = [EngineKeys("", SigningKey(seed(f"consensus {n}")).public_key) for n in range(4)]
    genesis_bytes = with_validators(c, keys)
    c.close()
    create_keys(tmp_path / "engine", seed("node"), seed("consensus"))
    program = tmp_path / "cometbft"
    program.write_text("#!/bin/sh\necho no snapshot here\nexit 1\n")
    program.chmod(0o700)
    restoring = RestoringFolder(tmp_path)
    try:
        with pytest.raises(JoiningFailed, match="network sync"):
            join(restoring, genesis_bytes, operator_key(0), settings(tmp_path, program, None))
        sync = SyncFrom(("127.0.0.1:1", "127.0.0.1:2"), TrustedBlock(7, "AB" * 32))
        with pytest.raises(JoiningFailed, match="no snapshot here"):
            join(restoring, genesis_bytes, operator_key(0), settings(tmp_path, program, sync))
    finally:
        restoring.close()
    config = (tmp_path / "engine" / "config" / "config.toml").read_text()
    assert 'rpc_servers = "http://127.0.0.1:1,http://127.0.0.1:2"' in config
    assert not (tmp_path / "chain.lmdb").exists()
