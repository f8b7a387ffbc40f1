"""A real PostgreSQL server for the tests: started in a directory of its own, stopped at the end.

Rules this file keeps:
 1. The server listens on a Unix socket in its own directory: no port, no clash, nothing outside.
 2. PostgreSQL refuses to run as root; then it runs as ``postgres``, or else as ``nobody``.
 3. One server serves all workers of a test session; the first that asks starts it.
 4. Nothing is synced to disk: the data die with the session.

Run as a script it prints where PostgreSQL's programs are, or fails: the set-up asks so.  Only the
standard library is imported before a server is wanted.
"""

import contextlib
import fcntl
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

SUPERUSER: Final = "xinlian"
START_SECONDS_MAX: Final = 60
_PROGRAMS: Final = ("initdb", "pg_ctl", "postgres")
_INSTALLED: Final = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
_SETTINGS: Final = """
listen_addresses = ''
unix_socket_directories = '{directory}'
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 16MB
max_connections = 60
timezone = 'UTC'
"""


class Account(NamedTuple):
    """The user a server runs as."""

    uid: int
    gid: int


def find_programs() -> Path | None:
    """Return the directory of the programs: that on PATH, else the newest version installed."""
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    for pattern in _INSTALLED:
        found = Path("/").glob(pattern.lstrip("/"))
        candidates += sorted(found, key=_version, reverse=True)
    for directory in candidates:
        if all(os.access(directory / program, os.X_OK) for program in _PROGRAMS):
            return directory
    return None


def _version(directory: Path) -> int:
    number = re.search(r"\d+", directory.parent.name)
    return int(number.group()) if number else 0


def _unprivileged() -> Account | None:
    """Return whom to run as, or None where we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    message = "PostgreSQL refuses to run as root, and there is no user postgres or nobody"
    raise RuntimeError(message)


class Postgres:
    """One server in one directory, which every worker of the session may ask for."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._data = directory / "data"
        self._account = _unprivileged()

    @classmethod
    def in_new_directory(cls) -> "Postgres":
        """Make the directory, short enough for a socket's path, and no server yet."""
        return cls(Path(tempfile.mkdtemp(prefix="xinlian-pg-", dir=_short_temporary())))

    @property
    def directory(self) -> Path:
        """The directory that holds the data, the log and the socket."""
        return self._directory

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of a database of this server."""
        host = quote(str(self._directory), safe="")
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={host}"

    def start_once(self) -> None:
        """Start the server, unless another worker has done so.

        Raises:
            RuntimeError: the programs are missing, or the server does not start.
        """
        with self._lock():
            if not (self._directory / "started").exists():
                self._start()
                (self._directory / "started").touch()

    def stop(self) -> None:
        """Stop the server, if it runs, and remove its directory."""
        if (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-D", str(self._data), "-m", "immediate", "-w")
        shutil.rmtree(self._directory)

    def create_database(self, name: str) -> None:
        """Create an empty database, in place of one of that name."""
        self._execute(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')

    def drop_database(self, name: str) -> None:
        """Drop a database with whoever is still connected to it."""
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _execute(self, *statements: str) -> None:
        import psycopg  # only here: the set-up runs this file before anything is installed

        with psycopg.connect(
            host=str(self._directory), user=SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def _start(self) -> None:
        if self._account is not None:
            os.chown(self._directory, *self._account)
        self._run(
            *("initdb", "-D", str(self._data), "-U", SUPERUSER, "-A", "trust"),
            *("-E", "UTF8", "--locale=C", "--no-sync"),
        )
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(_SETTINGS.format(directory=self._directory))
        log = str(self._directory / "log")
        seconds = str(START_SECONDS_MAX)
        self._run("pg_ctl", "start", "-D", str(self._data), "-l", log, "-w", "-t", seconds)

    def _run(self, program: str, *arguments: str) -> None:
        programs = find_programs()
        if programs is None:
            message = "PostgreSQL's programs were not found: run `sh scripts/setup.sh postgres`"
            raise RuntimeError(message)
        user, group = self._account or (None, None)
        # The output goes to a file: a server would keep a pipe open for as long as it lives.
        output = self._directory / f"{program}.out"
        with output.open("wb") as stream:
            done = subprocess.run(
                [str(programs / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                cwd=self._directory,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                user=user,
                group=group,
                extra_groups=None if user is None else [],
                check=False,
                timeout=2 * START_SECONDS_MAX,
            )
        if done.returncode != 0:
            log = self._directory / "log"
            said = output.read_text() + (log.read_text() if log.exists() else "")
            message = f"{program} failed with {done.returncode}:\n{said}"
            raise RuntimeError(message)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        with (self._directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _short_temporary() -> str:
    """Return a directory whose name leaves room: a socket's path has at most 103 bytes."""
    return "/tmp" if Path("/tmp").is_dir() else tempfile.gettempdir()  # noqa: S108 - mkdtemp keeps it private


if __name__ == "__main__":
    place = find_programs()
    if place is None:
        sys.exit(1)
    print(place)  # noqa: T201 - the answer to the set-up
