"""Bring a store to the shape this program writes.

A SQLite store does this by itself when it is opened for writing. A PostgreSQL store is migrated by the owner of its
tables, when somebody says so: the gateways' role cannot, and several gateways of two versions may be running.

Rule of this file: all steps in one transaction, under a lock; an interrupted migration has changed nothing.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from gateway.storage.contract import StoreUnavailable
from gateway.storage.opening import Location, open_store
from gateway.storage.partitions import Partitions, create_partitions
from gateway.storage.postgres_session import CONNECT_SECONDS, FAILURES, MAINTENANCE, MIGRATING, reason, reason_of_state

MONTHS_AHEAD: Final = 13
"""How far ahead a migration makes partitions: a year and the month that is missed."""

_FOLDER: Final = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Migrated:
    """What `migrate` did. `before` and `after`: revisions, "" for an empty database; None for a SQLite file."""

    before: str | None
    after: str | None
    partitions: Partitions


def migrate(location: Location, *, now: datetime) -> Migrated:
    """Take a store to the newest revision and make its partitions up to 13 months ahead. Safe to repeat.

    Takes the engine's lock; for PostgreSQL log in as the owner of the tables, and call it where no event loop runs.
    Raises StoreUnavailable: "schema" for a store that is newer than this program.
    """
    if location.url is None:
        store = open_store(location)
        try:
            with store.write():
                pass  # a SQLite store is migrated by being opened
        finally:
            store.close()
        return Migrated(None, None, Partitions((), (), ()))
    before, after = asyncio.run(_migrated(location.url))
    return Migrated(before, after, create_partitions(location, months_ahead=MONTHS_AHEAD, now=now))


def upgrade(connection: Connection, *, held: str | None = None, to: str = "head") -> None:
    """Take the steps up to `to` inside the open transaction.

    `held`: the revision a store without Alembic's table stands for. Raises StoreUnavailable for an unknown revision.
    """
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        if held is not None and not inspect(connection).has_table("alembic_version"):
            command.stamp(config, held)
        command.upgrade(config, to)
    except CommandError as error:
        raise StoreUnavailable("schema") from error


def revision(connection: Connection) -> str:
    """The revision of a store, "" for none."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


async def _migrated(url: str) -> tuple[str, str]:
    async def connect() -> Any:
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings=dict(MIGRATING))

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({MAINTENANCE})"))
            before = await connection.run_sync(revision)
            await connection.run_sync(upgrade)
            return before, await connection.run_sync(revision)
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        raise StoreUnavailable(reason_of_state(state) if state else "cannot_open") from error
    except FAILURES as error:
        raise StoreUnavailable(reason(error)) from error
    finally:
        await engine.dispose()
