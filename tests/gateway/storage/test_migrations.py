"""The steps to today's tables, on each engine: they end where `schema` says, and keep what was there."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from gateway.storage import migrate as migrating
from gateway.storage import schema
from gateway.storage.contract import EpochRow, Note, StoreUnavailable
from gateway.storage.migrate import migrate, upgrade
from gateway.storage.opening import Location
from gateway.storage.sqlite import SqliteStore
from tests.helpers.postgres import GATEWAY, Server, as_role, empty_database, execute, query

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CATALOGUE = {
    "columns": """SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull, attstorage::text,
            pg_get_expr(adbin, adrelid)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT relispartition
        ORDER BY relname, attnum""",
    "constraints": """SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(pg_constraint.oid)
        FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
        WHERE connamespace = 'public'::regnamespace AND NOT relispartition ORDER BY 1, 2, 3""",
    "indexes": """SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
        WHERE relnamespace = 'public'::regnamespace AND NOT relispartition ORDER BY 1""",
    "partitioning": "SELECT partrelid::regclass::text, pg_get_partkeydef(partrelid) FROM pg_partitioned_table",
}


async def on(url: str, act: Callable[[Connection], Any]) -> Any:
    """Run something on a SQLAlchemy connection to PostgreSQL, and commit."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(act)
    finally:
        await engine.dispose()


def differences(tables: MetaData) -> Callable[[Connection], list[Any]]:
    """What Alembic would still change."""
    return lambda connection: compare_metadata(
        MigrationContext.configure(connection, opts={"include_object": _ours, "compare_type": True}), tables
    )


def _ours(_thing: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    return not (kind == "table" and (name or "").startswith(("entry_", "alembic_")))


def shape(path: Path) -> list[tuple[str, str, str]]:
    """Every table and index of a SQLite file, without the spaces and quotes in which they may differ."""
    with closing(sqlite3.connect(path)) as database:
        found = database.execute(
            "SELECT type, name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name"
        ).fetchall()
    return [(kind, name, "".join(sql.split()).replace('"', "")) for kind, name, sql in found]


def an_old_store(path: Path) -> None:
    """A store as it was before there were migrations: three batches, of two, one and four entries."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.begin() as connection:
        upgrade(connection, to="0001")
        connection.exec_driver_sql("DROP TABLE alembic_version")
        for index in range(7):
            connection.exec_driver_sql(
                "INSERT INTO entry VALUES (?, 5, zeroblob(16), zeroblob(16), x'01', zeroblob(32))", (index,)
            )
        for size in (2, 3, 7):
            connection.exec_driver_sql("INSERT INTO checkpoint VALUES (?, 9, ?)", (size, f"note {size}"))
        connection.exec_driver_sql("INSERT INTO key_epoch VALUES (zeroblob(16), 2, 8)")
        connection.exec_driver_sql("INSERT INTO claim VALUES ('H14', 'jti-1', 1000)")
    engine.dispose()


def test_the_newest_step_is_the_one_the_schema_names() -> None:
    """One line of steps, ending at `REVISION`."""
    scripts = ScriptDirectory(str(Path(migrating.__file__).parent / "migrations"))
    assert scripts.get_heads() == [schema.REVISION]
    assert scripts.get_bases() == ["0001"]


def test_a_new_sqlite_store_is_what_the_steps_make(tmp_path: Path) -> None:
    """Made from the schema or by every step: the same tables, checks and indexes, and nothing left to do."""
    store = SqliteStore(tmp_path / "new.sqlite")
    with store.write():
        pass
    store.close()
    engine = create_engine(f"sqlite:///{tmp_path / 'steps.sqlite'}", poolclass=NullPool)
    with engine.begin() as connection:
        upgrade(connection)
        assert differences(schema.metadata)(connection) == []
    assert shape(tmp_path / "steps.sqlite") == shape(tmp_path / "new.sqlite")
    for name in ("new", "steps"):
        with closing(sqlite3.connect(tmp_path / f"{name}.sqlite")) as database:
            assert database.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
            assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [(schema.REVISION,)]


def test_an_old_sqlite_store_is_taken_over_when_it_is_opened(tmp_path: Path) -> None:
    """Every row is kept; a checkpoint learns where its batch began, a key epoch that it was for everything."""
    path = tmp_path / "log.sqlite"
    an_old_store(path)
    fresh = SqliteStore(tmp_path / "new.sqlite")
    store = SqliteStore(path)
    with fresh.write(), store.write() as transaction:
        assert transaction.newest_note() == Note(7, 9, "note 7")
        assert len(transaction.tail(0)) == 7
        assert transaction.claimed([("H14", "jti-1")])
    reader = store.reader()
    assert [note.text for note in reader.notes(below=None, limit=9)] == ["note 7", "note 3", "note 2"]
    assert list(reader.epochs()) == [EpochRow(bytes(16), 2, 8, 0, "")]
    reader.close()
    store.close()
    fresh.close()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT size, first_idx FROM checkpoint").fetchall() == [(2, 0), (3, 2), (7, 3)]
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert shape(path) == shape(tmp_path / "new.sqlite")


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    """A store in which a step cannot be done stays as it was, and is refused each time."""
    path = tmp_path / "log.sqlite"
    an_old_store(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE timestamp_token (in_the_way)")
    before = shape(path)
    store = SqliteStore(path)
    for _ in range(2):
        with pytest.raises(StoreUnavailable), store.write():
            pass
    store.close()
    assert shape(path) == before
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (2,)
        assert database.execute("SELECT count(*) FROM checkpoint").fetchone() == (3,)


def test_an_old_store_is_refused_by_a_reader_in_plain_words(tmp_path: Path) -> None:
    """Who only looks does not migrate, and says what is wrong."""
    an_old_store(tmp_path / "log.sqlite")
    reader = SqliteStore(tmp_path / "log.sqlite").reader()
    assert reader.newest_note() == Note(7, 9, "note 7")
    with pytest.raises(StoreUnavailable) as caught:
        reader.epochs()
    assert caught.value.reason == "schema"


def test_two_programs_that_open_an_old_store_at_once_both_succeed(tmp_path: Path) -> None:
    """The lock is held while a store is migrated."""
    path = tmp_path / "log.sqlite"
    an_old_store(path)
    command = [sys.executable, "-c", "import sys, pathlib; from gateway.storage.sqlite import SqliteStore\n"]
    command[-1] += (
        "store = SqliteStore(pathlib.Path(sys.argv[1]), lock_wait=50)\nwith store.write() as t: print(len(t.tail(0)))"
    )
    root = Path(__file__).parents[3]
    both = [subprocess.Popen([*command, str(path)], cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [child.communicate(timeout=60)[0] for child in both] == ["7\n", "7\n"]


def test_opening_a_store_that_needs_nothing_does_not_load_alembic(tmp_path: Path) -> None:
    """A gateway starts quickly: a new store and one that is up to date are opened without the migrations."""
    program = """
import pathlib, sys
from gateway.storage.sqlite import SqliteStore
for _ in range(2):
    store = SqliteStore(pathlib.Path(sys.argv[1]))
    with store.write():
        pass
    store.close()
print('alembic' in sys.modules)
"""
    told = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "log.sqlite")],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "False\n"


def test_a_place_with_a_percent_sign_is_no_obstacle(tmp_path: Path) -> None:
    """The steps are found wherever the program lies."""
    folder = tmp_path / "100%(here)s"
    shutil.copytree(Path(migrating.__file__).parent, folder / "storage")
    engine = create_engine("sqlite://", poolclass=NullPool)
    kept, migrating._FOLDER = migrating._FOLDER, folder / "storage" / "migrations"  # type: ignore[misc]
    try:
        with engine.begin() as connection:
            upgrade(connection)
    finally:
        migrating._FOLDER = kept  # type: ignore[misc]


async def test_postgresql_tables_are_what_the_schema_says(server: Server) -> None:
    """The steps and the schema make the same columns, keys, checks, indexes and partitioning."""
    steps, made = [await asyncio.to_thread(empty_database, server) for _ in range(2)]
    await on(steps, upgrade)
    await on(made, schema.for_postgresql().create_all)
    await asyncio.to_thread(execute, made, "ALTER TABLE entry ALTER COLUMN env SET STORAGE EXTERNAL")
    assert await on(steps, differences(schema.for_postgresql())) == []
    for name, statement in CATALOGUE.items():
        expected = await asyncio.to_thread(query, made, statement)
        assert await asyncio.to_thread(query, steps, statement) == expected, name
        assert expected


def test_migrating_postgresql_makes_tables_and_partitions(server: Server) -> None:
    """An empty database gets everything, a second time changes nothing, and this month and 13 more have a partition."""
    url = empty_database(server)
    first = migrate(Location(url=url), now=NOW)
    second = migrate(Location(url=url), now=NOW)
    assert (first.before, first.after) == ("", schema.REVISION)
    assert (second.before, second.after) == (schema.REVISION, schema.REVISION)
    assert [first.partitions.made[n] for n in (0, -1)] == ["entry_2026_11", "entry_2027_12"]
    assert len(first.partitions.made) == 14
    assert second.partitions.present == first.partitions.made
    assert second.partitions.made == second.partitions.in_default == ()


def test_an_old_postgresql_store_keeps_its_rows(server: Server) -> None:
    """The second step fills in what is new."""
    url = empty_database(server)
    asyncio.run(on(url, lambda connection: upgrade(connection, to="0001")))
    execute(url, "INSERT INTO checkpoint VALUES (3, 1, 'b'), (2, 1, 'a'), (7, 1, 'c')")
    execute(url, "INSERT INTO key_epoch VALUES (decode(repeat('00', 16), 'hex'), 0, 8)")
    assert migrate(Location(url=url), now=NOW).before == "0001"
    assert query(url, "SELECT size, note, first_idx FROM checkpoint ORDER BY size") == [
        (2, "a", 0),
        (3, "b", 2),
        (7, "c", 3),
    ]
    assert query(url, "SELECT first_idx, ts, kind, period FROM key_epoch") == [(0, 8, 0, "")]


def test_two_who_migrate_at_once_both_succeed(server: Server) -> None:
    """One waits for the other."""
    url = empty_database(server)
    results: list[str | None] = []
    both = [
        threading.Thread(target=lambda: results.append(migrate(Location(url=url), now=NOW).after)) for _ in range(2)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert results == [schema.REVISION] * 2


def test_a_newer_postgresql_store_is_not_migrated(server: Server) -> None:
    """Steps this program does not know end it, with the tables as they are."""
    url = empty_database(server)
    migrate(Location(url=url), now=NOW)
    execute(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreUnavailable) as caught:
        migrate(Location(url=url), now=NOW)
    assert caught.value.reason == "schema"


def test_a_gateway_may_not_migrate(server: Server) -> None:
    """The gateways' role cannot make tables."""
    with pytest.raises(StoreUnavailable) as caught:
        migrate(Location(url=as_role(empty_database(server), GATEWAY)), now=NOW)
    assert caught.value.reason == "forbidden"


def test_migrating_a_file_is_opening_it(tmp_path: Path) -> None:
    """The same command serves both engines."""
    an_old_store(tmp_path / "log.sqlite")
    assert migrate(Location(path=tmp_path / "log.sqlite"), now=NOW).partitions.made == ()
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
