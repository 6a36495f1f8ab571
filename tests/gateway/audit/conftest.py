"""The long log, made once for all tests of a module; and an empty log on each engine."""

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from gateway.audit import check
from gateway.audit.export import Exporter
from gateway.audit.keys import Places
from gateway.storage.contract import Store
from gateway.storage.opening import AnyReader, Location, open_reader, open_store
from tests.gateway.audit import long_log
from tests.gateway.audit.builders import keys
from tests.gateway.audit.long_log import LongLog
from tests.helpers.postgres import GATEWAY, as_role, emptied_database


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> LongLog:
    """A log of 600 entries with a checkpoint at every size; not to be altered."""
    return long_log.make(tmp_path_factory.mktemp("log"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a log is: its keys under `folder`, its store on one of the engines."""

    folder: Path
    location: Location
    exports: "count[int]" = field(default_factory=count)

    def store(self) -> Store:
        """One more store; a log that is opened on it closes it."""
        return open_store(self.location)

    def reader(self) -> AnyReader:
        """A reader, which the caller closes."""
        return open_reader(self.location)

    def verified(self) -> check.Report:
        """What the checker says of an export of the log, its contents included."""
        places, signer, ring = keys(self.folder)
        out = self.folder / f"export-{next(self.exports)}"
        reader = self.reader()
        try:
            Exporter(reader, signer.key, out, ring=ring).write()
        finally:
            reader.close()
        return check.check_export(out, key=check.parse_key(signer.vkey), keys=check.read_keys(places.ring))


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty store's place, on each engine; on PostgreSQL with the rights of a gateway."""
    if request.param == "sqlite":
        location = Location(path=Places.under(tmp_path).store)
        Places.under(tmp_path).store.parent.mkdir()
    else:
        location = Location(url=as_role(emptied_database(request.getfixturevalue("server")), GATEWAY))
    return Place(tmp_path, location)
