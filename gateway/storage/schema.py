"""The tables of the store as they are now: the access log, and beside it deferred answers and the vault.

A new SQLite store is made from here; every other store gets here by the steps in `gateway.storage.migrations`.

Rule of this file: `claim`, `job` and the vault alone forget, every other table only ever grows. Types are those
SQLite's STRICT tables know; PostgreSQL gets their wider names. No table refers to an entry by a foreign key:
PostgreSQL keeps entries in partitions, where an index alone is not unique to the engine.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

REVISION: Final = "0003"
"""The newest migration: what `alembic_version` of a store says that is as written here."""

VERSION: Final = 4
"""The same for SQLite's `user_version`, which costs one look and which programs without migrations refuse."""

EARLIER: Final = {2: "0001", 3: "0002"}
"""Other values of `user_version` a store may be migrated from, and the migration each stands for."""

_LONG = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()


def _entries(into: MetaData, *key: str) -> Table:
    table = Table(
        "entry",
        into,
        Column("idx", _LONG, nullable=False, autoincrement=False),
        Column("ts", _LONG, nullable=False),
        Column("subj_tag", LargeBinary, nullable=False),
        Column("actor_tag", LargeBinary, nullable=False),
        Column("env", LargeBinary),  # NULL only after a redaction, which is an entry of its own
        Column("leaf", LargeBinary, nullable=False),
        PrimaryKeyConstraint(*key),
        CheckConstraint("idx >= 0"),
        CheckConstraint("length(subj_tag) = 16 AND length(actor_tag) = 16 AND length(leaf) = 32"),
        sqlite_strict=True,
        postgresql_partition_by="RANGE (ts)",
    )
    Index("entry_subject", table.c.subj_tag, table.c.idx)
    Index("entry_actor", table.c.actor_tag, table.c.idx)
    return table


entry = _entries(metadata, "idx")

tile = Table(
    "tile",
    metadata,
    Column("level", Integer, nullable=False),
    Column("n", _LONG, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("level", "n"),
    CheckConstraint("length(data) = 8192"),
    sqlite_strict=True,
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", _LONG, primary_key=True, autoincrement=False),
    Column("ts", _LONG, nullable=False),
    Column("note", Text, nullable=False),
    Column("first_idx", _LONG, nullable=False),  # of its batch: no two batches extend one tree
    UniqueConstraint("first_idx"),
    CheckConstraint("first_idx >= 0 AND first_idx < size"),
    sqlite_strict=True,
)

key_epoch = Table(
    "key_epoch",
    metadata,
    Column("kid", LargeBinary, primary_key=True),
    Column("first_idx", _LONG, nullable=False),
    Column("ts", _LONG, nullable=False),
    Column("kind", Integer, nullable=False),  # 0: any
    Column("period", Text, nullable=False),  # "": any
    CheckConstraint("length(kid) = 16"),
    sqlite_strict=True,
)

cosignature = Table(
    "cosignature",
    metadata,
    Column("size", _LONG, nullable=False),
    Column("witness", Text, nullable=False),
    Column("ts", _LONG, nullable=False),
    Column("line", Text, nullable=False),
    PrimaryKeyConstraint("size", "witness"),
    sqlite_strict=True,
)

timestamp_token = Table(
    "timestamp_token",
    metadata,
    Column("size", _LONG, nullable=False),
    Column("authority", Text, nullable=False),
    Column("ts", _LONG, nullable=False),
    Column("der", LargeBinary, nullable=False),
    PrimaryKeyConstraint("size", "authority"),
    sqlite_strict=True,
)

claim = Table(
    "claim",
    metadata,
    Column("iss", Text, nullable=False),
    Column("jti", Text, nullable=False),
    Column("until", _LONG, nullable=False),
    PrimaryKeyConstraint("jti", "iss"),  # looked up by lists of jti
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
Index("claim_until", claim.c.until)

job = Table(
    "job",
    metadata,
    Column("id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("owner", Text, nullable=False),  # "": nobody
    Column("lease", _LONG, nullable=False),
    Column("created", _LONG, nullable=False),
    Column("expires", _LONG, nullable=False),
    Column("decided", _LONG, nullable=False),  # index of an entry; no key, so that the log depends on nothing here
    Column("attempts", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    CheckConstraint("state IN ('pending', 'done', 'failed')"),
    sqlite_strict=True,
)
Index("job_lease", job.c.state, job.c.lease)
Index("job_expires", job.c.expires)

vault = Table(
    "vault",
    metadata,
    Column("space", Text, nullable=False),
    Column("id", LargeBinary, nullable=False),
    Column("agency", Text, nullable=False),  # "": nobody's
    Column("state", Text, nullable=False),
    Column("created", _LONG, nullable=False),
    Column("expires", _LONG, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("space", "id"),
    sqlite_strict=True,
)
Index("vault_created", vault.c.space, vault.c.created)
Index("vault_expires", vault.c.expires)

vault_subject = Table(
    "vault_subject",
    metadata,
    Column("tag", LargeBinary, nullable=False),
    Column("space", Text, nullable=False),
    Column("id", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tag", "space", "id"),
    CheckConstraint("length(tag) = 16"),
    sqlite_strict=True,
)
Index("vault_subject_row", vault_subject.c.space, vault_subject.c.id)

revision = Table(
    "alembic_version",  # as Alembic would make it
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def for_postgresql() -> MetaData:
    """The same tables as PostgreSQL has them: the key of `entry` holds the time, by which it is partitioned."""
    tables = MetaData()
    _entries(tables, "idx", "ts")
    for table in metadata.sorted_tables:
        if table is not entry:
            table.to_metadata(tables)
    return tables
