"""The tables of the store, written once for every engine: the access log, and beside it deferred answers.

Rule of this file: `entry`, `tile`, `checkpoint` and `key_epoch` only ever grow; `claim` and `job` alone forget. Types
are those SQLite's STRICT tables know; other engines get their wider names.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

VERSION: Final = 2
"""Of this schema. A store with another number is refused."""

_LONG = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

entry = Table(
    "entry",
    metadata,
    Column("idx", _LONG, primary_key=True, autoincrement=False),
    Column("ts", _LONG, nullable=False),
    Column("subj_tag", LargeBinary, nullable=False),
    Column("actor_tag", LargeBinary, nullable=False),
    Column("env", LargeBinary),  # NULL only after a redaction, which is an entry of its own
    Column("leaf", LargeBinary, nullable=False),
    CheckConstraint("idx >= 0"),
    CheckConstraint("length(subj_tag) = 16 AND length(actor_tag) = 16 AND length(leaf) = 32"),
    sqlite_strict=True,
)
Index("entry_subject", entry.c.subj_tag, entry.c.idx)
Index("entry_actor", entry.c.actor_tag, entry.c.idx)

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
    sqlite_strict=True,
)

key_epoch = Table(
    "key_epoch",
    metadata,
    Column("kid", LargeBinary, primary_key=True),
    Column("first_idx", _LONG, ForeignKey(entry.c.idx), nullable=False),
    Column("ts", _LONG, nullable=False),
    CheckConstraint("length(kid) = 16"),
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
