"""What the roles of deploy/postgresql-roles.sql may do, tried by logging in as them."""

from contextlib import closing

import asyncpg
import pytest

from gateway.storage.postgres import PostgresStore
from gateway.storage.postgres_reader import PostgresReader
from tests.gateway.storage.builders import filled
from tests.helpers.postgres import CONSOLE, GATEWAY, as_role, execute, query

LOG = ("entry", "tile", "checkpoint", "key_epoch", "cosignature", "timestamp_token")
COLUMN = {
    "entry": "leaf = leaf",
    "tile": "n = n",
    "key_epoch": "ts = ts",
    "claim": "until = until",
    "job": "lease = 0",
    "vault": "state = ''",
    "vault_subject": "tag = tag",
}
FORGOTTEN = {"claim", "job", "vault", "vault_subject"}


def allowed(url: str, statement: str) -> bool:
    """Whether a role may do it."""
    try:
        execute(url, statement)
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True


@pytest.mark.parametrize("table", [*LOG, *sorted(FORGOTTEN), "alembic_version", "entry_default"])
def test_nobody_but_the_owner_changes_what_was_written(database: str, table: str) -> None:
    """A gateway adds and reads; it changes jobs; claims, jobs and the vault forget. A console only reads the log."""
    gateway, console = as_role(database, GATEWAY), as_role(database, CONSOLE)
    change = f"UPDATE {table} SET {COLUMN.get(table, 'ts = ts')}"  # noqa: S608 - names of tables
    change = change.replace("ts = ts", "version_num = ''") if table == "alembic_version" else change
    change = change.replace("ts = ts", "leaf = leaf") if table == "entry_default" else change
    remove, read = f"DELETE FROM {table} WHERE false", f"SELECT FROM {table}"  # noqa: S608 - names of tables
    assert allowed(gateway, change) is (table == "job")
    assert allowed(gateway, remove) is (table in FORGOTTEN)
    assert allowed(gateway, read) is (table != "entry_default")
    assert not allowed(gateway, f"TRUNCATE {table}")
    assert not allowed(gateway, f"ALTER TABLE {table} ADD COLUMN more text")
    assert not allowed(gateway, f"DROP TABLE {table}")
    assert not allowed(console, change)
    assert not allowed(console, remove)
    assert allowed(console, read) is (table in {*LOG, "alembic_version"})
    assert not allowed(console, f"TRUNCATE {table}")


def test_nobody_but_the_owner_makes_tables(database: str) -> None:
    """Neither role may make a table, a partition or a trigger, or become the owner."""
    for role in (GATEWAY, CONSOLE):
        url = as_role(database, role)
        assert not allowed(url, "CREATE TABLE mine (n integer)")
        assert not allowed(url, "CREATE TABLE mine PARTITION OF entry FOR VALUES FROM (1) TO (2)")
        assert not allowed(
            url, "CREATE TRIGGER mine BEFORE INSERT ON entry EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        )
        assert not allowed(url, "SET ROLE lienthong_owner")
        assert not allowed(url, "ALTER TABLE entry OWNER TO " + role)


def test_a_console_cannot_add(database: str) -> None:
    """Its role reads the log and adds nothing to any table."""
    console = as_role(database, CONSOLE)
    for table in [*LOG, *sorted(FORGOTTEN)]:
        assert not allowed(console, f"INSERT INTO {table} DEFAULT VALUES")
    assert allowed(as_role(database, GATEWAY), "INSERT INTO claim VALUES ('H14', 'jti', 1)")


def test_the_rights_are_enough(database: str) -> None:
    """A gateway extends the log, and a console reads it, checkpoints included."""
    with closing(PostgresStore(as_role(database, GATEWAY))) as store:
        filled(store, 3)
    with closing(PostgresReader(as_role(database, CONSOLE))) as reader:
        assert reader.newest_note() is not None
        assert len(reader.rows(0, 9)) == 3
        assert len(reader.newest(below=None, subject_tags=[bytes(16)], limit=3)) == 1
    assert query(database, "SELECT count(*) FROM entry") == [(3,)]
