"""The root of the command line."""

from typer.testing import CliRunner

from xinlian import __version__
from xinlian.cli.app import build_app


def test_the_version_is_printed_without_a_command():
    answer = CliRunner().invoke(build_app(), ["--version"])
    assert (answer.exit_code, answer.stdout) == (0, f"xinlian {__version__}\n")
