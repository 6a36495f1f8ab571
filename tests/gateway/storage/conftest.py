"""A place for a store on each engine."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.storage.contract import Store
from gateway.storage.jobs import JobStore
from gateway.storage.opening import AnyReader, Location, open_job_store, open_reader, open_store, open_vault_store
from gateway.storage.vault import VaultStore
from tests.helpers.postgres import GATEWAY, Server, as_role, emptied_database, fresh_database


@dataclass(slots=True)
class Place:
    """Where a store is. Everything opened here is closed when the test ends."""

    location: Location
    stack: ExitStack

    @property
    def is_postgresql(self) -> bool:
        """Which engine it is."""
        return self.location.url is not None

    def store(self) -> Store:
        """One more store."""
        store = open_store(self.location)
        self.stack.callback(store.close)
        return store

    def jobs(self) -> JobStore:
        """One more store of jobs."""
        store = open_job_store(self.location)
        self.stack.callback(store.close)
        return store

    def vault(self) -> VaultStore:
        """One more store of the vault."""
        store = open_vault_store(self.location)
        self.stack.callback(store.close)
        return store

    def reader(self) -> AnyReader:
        """One more reader."""
        reader = open_reader(self.location)
        self.stack.callback(reader.close)
        return reader


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty store's place, on each engine; on PostgreSQL with the rights of a gateway."""
    if request.param == "sqlite":
        location = Location(path=tmp_path / "log.sqlite")
    else:
        location = Location(url=as_role(emptied_database(request.getfixturevalue("server")), GATEWAY))
    with ExitStack() as stack:
        yield Place(location, stack)


@pytest.fixture
def database(server: Server) -> str:
    """A migrated, empty database, as the owner reaches it."""
    return fresh_database(server)


@pytest.fixture
def gateways(database: str) -> Iterator[Place]:
    """The same database with the rights of a gateway."""
    with ExitStack() as stack:
        yield Place(Location(url=as_role(database, GATEWAY)), stack)
