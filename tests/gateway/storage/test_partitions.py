"""The months of a PostgreSQL log."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.storage.contract import StoreUnavailable
from gateway.storage.opening import Location
from gateway.storage.partitions import Partitions, create_partitions, months
from gateway.storage.postgres import PostgresStore
from tests.gateway.storage.builders import a_batch, a_row
from tests.helpers.postgres import GATEWAY, as_role, query


def test_months_are_those_of_utc() -> None:
    """The month of a moment is taken in UTC, and years end where they should."""
    hanoi = timezone(timedelta(hours=7))
    assert months(datetime(2026, 12, 1, 3, tzinfo=hanoi), 3) == [
        (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)),
        (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)),
    ]
    assert months(datetime(2028, 1, 31, 23, 59, 59, tzinfo=UTC), 2)[1][1] == datetime(2028, 3, 1, tzinfo=UTC)


def test_a_month_whose_entries_came_first_stays_in_the_default(database: str) -> None:
    """It is named, the months around it are made, and its entries stay where they are and are found."""
    row = replace(a_row(0), at_us=int(datetime(2031, 2, 3, tzinfo=UTC).timestamp()) * 1_000_000)
    with closing(PostgresStore(database)) as store:
        with store.write() as transaction:
            transaction.add(replace(a_batch(0), rows=[row]))
        location, now = Location(url=database), datetime(2031, 1, 20, tzinfo=UTC)
        assert create_partitions(location, months_ahead=2, now=now) == Partitions(
            ("entry_2031_01", "entry_2031_03"), (), ("entry_2031_02",)
        )
        assert create_partitions(location, months_ahead=2, now=now) == Partitions(
            (), ("entry_2031_01", "entry_2031_03"), ("entry_2031_02",)
        )
        with store.write() as transaction:
            assert list(transaction.tail(0)) == [(0, row.leaf)]
    assert query(database, "SELECT tableoid::regclass::text FROM entry") == [("entry_default",)]


def test_partitions_are_made_while_gateways_write(database: str) -> None:
    """A gateway that is connected goes on, and uses what was made."""
    now = datetime(2032, 5, 1, tzinfo=UTC)
    with closing(PostgresStore(database)) as store:
        with store.write() as transaction:
            transaction.add(a_batch(0))
        create_partitions(Location(url=database), months_ahead=0, now=now)
        with store.write() as transaction:
            late = replace(a_row(1), at_us=int(now.timestamp()) * 1_000_000)
            transaction.add(replace(a_batch(1), rows=[late]))
    assert query(database, "SELECT tableoid::regclass::text FROM entry WHERE idx = 1") == [("entry_2032_05",)]


def test_only_the_owner_makes_partitions(database: str) -> None:
    """A gateway's role is refused."""
    with pytest.raises(StoreUnavailable) as caught:
        create_partitions(
            Location(url=as_role(database, GATEWAY)), months_ahead=0, now=datetime(2033, 1, 1, tzinfo=UTC)
        )
    assert caught.value.reason == "forbidden"


def test_a_file_has_no_partitions(tmp_path: Path) -> None:
    """There is nothing to do for SQLite."""
    now = datetime(2033, 1, 1, tzinfo=UTC)
    assert create_partitions(Location(path=tmp_path / "log"), months_ahead=3, now=now) == Partitions((), (), ())
