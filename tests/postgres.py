"""A Postgres of the tests' own: from the packages of the machine, in a temporary folder.

It listens on a Unix socket in that folder and nowhere else, and writes without waiting for the
disk, because nobody cuts the power here.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

START_SECONDS = 60.0
ACCOUNT = "postgres"
"""The account of the machine that runs it where the tests run as root, which Postgres refuses."""
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "autovacuum": "off",
}


@dataclass(eq=False)
class Postgres:
    """A server that runs.

    Args:
        folder: holds its socket.
        launch: starts its program.
    """

    folder: Path
    launch: "Callable[[], subprocess.Popen[bytes]]"
    _server: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._server = self.launch()
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                log = self.folder / "log"
                assert self._server.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Ask for a fast end, which waits for no client."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(START_SECONDS)
            self._server = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let all its processes stand still while the context lasts."""
        assert self._server is not None
        leader = psutil.Process(self._server.pid)
        leader.suspend()  # first, so that it makes no others
        stopped = [leader, *leader.children()]
        try:
            for process in stopped[1:]:
                process.suspend()
            yield
        finally:
            for process in reversed(stopped):
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def url(self, database: str) -> str:
        """Return where a database is, as `DATABASE_URL` has it."""
        return f"postgresql://quoth@/{database}?host={self.folder}"

    def emptied(self) -> str:
        """Return the URL of a database from which everything is gone that was in it before."""
        url = self.url("postgres")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS dbos CASCADE")
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return url


def programs() -> Path | None:
    """Return the folder with the newest Postgres there is; None if there is none."""
    found = shutil.which("initdb")
    packaged = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(packaged, key=lambda path: float(path.parts[-3]))
    path = newest[-1] if newest else Path(found) if found else None
    return path.parent if path else None


@contextmanager
def running(programs: Path) -> Iterator[Postgres]:
    """Run a server while the context lasts.

    Args:
        programs: the folder of `initdb` and `postgres`.
    """
    # Not below pytest's folders: those let nobody else in, and a socket's path has to be short.
    home = Path(tempfile.mkdtemp(prefix="quoth-pg-"))
    try:
        start = _Starter(home)
        data = home / "data"
        making = start(
            programs / "initdb", "-D", data, "-U", "quoth", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        assert making.wait(START_SECONDS) == 0, start.log.read_text()
        given = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        program = programs / "postgres"
        postgres = Postgres(home, lambda: start(program, "-D", data, "-k", home, *given))
        postgres.start()
        try:
            yield postgres
        finally:
            postgres.stop()
    finally:
        shutil.rmtree(home)


class _Starter:
    """Starts programs in a folder, as an account that Postgres accepts."""

    def __init__(self, home: Path) -> None:
        self.log = home / "log"
        self._home = home
        self._account = pwd.getpwnam(ACCOUNT) if os.geteuid() == 0 else None
        if self._account:
            os.chown(home, self._account.pw_uid, self._account.pw_gid)

    def __call__(self, program: Path, *arguments: str | Path) -> "subprocess.Popen[bytes]":
        account = self._account
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [program, *arguments],
                cwd=self._home,
                stdout=log,
                stderr=log,
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
            )
