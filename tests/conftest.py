"""What every test may ask for: a real PostgreSQL, and how thoroughly properties are searched.

``XINLIAN_TEST_PROFILE=soak`` (``make soak``) runs the tests marked ``soak`` too, and searches the
properties longer and at random.  Otherwise the examples are the same in every run, so a red run
can be repeated.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

from support.postgres import Postgres
from xinlian.engines.cometbft import EngineMissing, find_program

PROFILE: Final = os.environ.get("XINLIAN_TEST_PROFILE", "reduced")
_SHARED_DIRECTORY: Final = "XINLIAN_TEST_POSTGRES"

settings.register_profile(
    "reduced",
    derandomize=True,
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("soak", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile(PROFILE)


def pytest_configure(config: pytest.Config) -> None:
    """Choose the server's directory before any worker starts: the workers inherit its name."""
    if not hasattr(config, "workerinput"):
        os.environ[_SHARED_DIRECTORY] = str(Postgres.in_new_directory().directory)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server once the last worker is done."""
    if not hasattr(config, "workerinput"):
        Postgres(Path(os.environ.pop(_SHARED_DIRECTORY))).stop()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests to ``make soak``."""
    if PROFILE == "soak":
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("soak")]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that the tests of the consensus engine were skipped, and why."""
    try:
        find_program()
    except EngineMissing as missing:
        terminalreporter.section("consensus engine missing", red=True)
        terminalreporter.line(f"The tests that need it were skipped: {missing}", red=True)


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    """Return the session's running server."""
    server = Postgres(Path(os.environ[_SHARED_DIRECTORY]))
    server.start_once()
    return server


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    """Return the address of a database that this worker keeps for the whole session."""
    name = f"session_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    postgres.create_database(name)
    return postgres.url(name)


@pytest.fixture
def empty_postgres_url(postgres: Postgres) -> Iterator[str]:
    """Return the address of an empty database that lives as long as the test."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    postgres.create_database(name)
    yield postgres.url(name)
    postgres.drop_database(name)
