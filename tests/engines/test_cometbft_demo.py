"""The demonstration's whole story on four validators: the same acts, checks and proofs."""

import io

import pytest
from rich.console import Console

from engines.cometbft_network import engine_missing
from xinlian.cli.demo.case import load_full_case
from xinlian.cli.demo.command import CASE_DEFAULT
from xinlian.cli.demo.narrator import Narrator
from xinlian.cli.demo.story import tell


@pytest.mark.soak
@pytest.mark.skipif(bool(engine_missing()), reason=f"needs the engine: {engine_missing()}")
def test_the_story_is_the_same_on_four_validators(tmp_path):
    narrator = Narrator(Console(file=io.StringIO(), width=120))
    report = tell(load_full_case(CASE_DEFAULT), tmp_path, narrator, is_network=True)
    assert report.checks
    assert report.to_money.transactions > 20
