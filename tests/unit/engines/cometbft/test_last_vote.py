"""A copy of a validator's folder knows that it is one, and votes above what was signed before."""

import json
import shutil

import pytest

from engines.cometbft_network import seed
from xinlian.engines.cometbft import LastVoteUnknown, create_keys, raise_last_vote
from xinlian.engines.cometbft.last_vote import (
    FILE,
    MARGIN_HEIGHTS,
    MARK_NAME,
    require_last_vote,
)


@pytest.fixture
def home(tmp_path):
    create_keys(tmp_path / "engine", seed("node"), seed("consensus"))
    return tmp_path / "engine"


def vote(home):
    return json.loads((home / FILE).read_text())


def test_a_folder_votes_where_it_was_made_and_where_it_was_moved_to(home, tmp_path):
    require_last_vote(home)
    home.rename(tmp_path / "moved")
    require_last_vote(tmp_path / "moved")
    create_keys(tmp_path / "moved", seed("other"), seed("another"))
    require_last_vote(tmp_path / "moved")


def test_a_copy_does_not_vote_until_its_last_vote_is_above_all_that_there_is(home, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(home, copy)
    with pytest.raises(LastVoteUnknown, match="recover-vote"):
        require_last_vote(copy)
    assert raise_last_vote(copy, 100) == 100 + MARGIN_HEIGHTS
    require_last_vote(copy)
    assert vote(copy) == {"height": "110", "round": (1 << 31) - 1, "step": 3}
    assert (copy / FILE).stat().st_mode & 0o777 == 0o600
    require_last_vote(home)  # the other folder is as it was: both must never run


def test_a_last_vote_is_never_set_back(home):
    raise_last_vote(home, 100)
    assert raise_last_vote(home, 7) == 100 + MARGIN_HEIGHTS
    (home / FILE).write_text("damaged")
    assert raise_last_vote(home, 7) == 7 + MARGIN_HEIGHTS


@pytest.mark.parametrize(
    "content", [None, b"", b"\xff", b"{}", b'{"height":"x"}', b'{"height":"-1"}']
)
def test_a_lost_or_damaged_last_vote_is_not_known(home, content):
    (home / FILE).unlink()
    if content is not None:
        (home / FILE).write_bytes(content)
    with pytest.raises(LastVoteUnknown):
        require_last_vote(home)
    create_keys(home, seed("node"), seed("consensus"))  # keys are there: nothing is begun anew
    with pytest.raises(LastVoteUnknown):
        require_last_vote(home)


def test_keys_that_were_restored_alone_do_not_begin_at_height_nought(home):
    shutil.rmtree(home / "data")
    (home / MARK_NAME).unlink()
    create_keys(home, seed("node"), seed("consensus"))
    with pytest.raises(LastVoteUnknown):
        require_last_vote(home)
