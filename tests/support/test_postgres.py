"""The tests' own PostgreSQL: really PostgreSQL, shared by the session, empty where promised."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from support import postgres as support


def test_the_session_has_a_postgresql_of_a_supported_version(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    engine.dispose()
    assert number >= 130_000


@pytest.mark.parametrize("run", ["first", "second"])
def test_an_empty_database_is_empty_each_time(empty_postgres_url: str, run: str) -> None:
    engine = create_engine(empty_postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE only_once (run text)"))
    engine.dispose()


def test_a_server_is_started_once_and_leaves_nothing_behind() -> None:
    server = support.Postgres.in_new_directory()
    server.start_once()
    server.start_once()
    with psycopg.connect(host=str(server.directory), user=support.SUPERUSER, dbname="postgres"):
        pass
    server.stop()
    assert not server.directory.exists()


def test_a_server_that_was_never_asked_for_stops_too() -> None:
    server = support.Postgres.in_new_directory()
    server.stop()
    assert not server.directory.exists()


def test_missing_programs_are_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "find_programs", lambda: None)
    server = support.Postgres.in_new_directory()
    with pytest.raises(RuntimeError, match=r"scripts/setup\.sh postgres"):
        server.start_once()
    server.stop()


def test_the_newest_installed_version_is_taken_where_none_is_on_the_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for version, programs in (("9", 3), ("13", 3), ("17", 2)):
        directory = tmp_path / version / "bin"
        directory.mkdir(parents=True)
        for program in ("initdb", "pg_ctl", "postgres")[:programs]:
            (directory / program).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(support, "_INSTALLED", (f"{tmp_path}/*/bin",))
    assert support.find_programs() == tmp_path / "13" / "bin"
