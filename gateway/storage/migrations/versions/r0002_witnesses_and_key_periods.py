"""What a key epoch is for, where a checkpoint's batch began, what witnesses and time-stamp authorities said.

A checkpoint of before began where the one before it ended; a key epoch of before sealed every kind at any time.
SQLite cannot add a unique column to a table, so its two tables are written anew, row by row as they were. The key
epoch's reference to `entry` goes: PostgreSQL's partitions cannot be referred to by index alone.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

SQLITE = (
    """CREATE TABLE checkpoint_new (
        size INTEGER NOT NULL, ts INTEGER NOT NULL, note TEXT NOT NULL, first_idx INTEGER NOT NULL,
        PRIMARY KEY (size),
        UNIQUE (first_idx),
        CHECK (first_idx >= 0 AND first_idx < size)
    ) STRICT""",
    """INSERT INTO checkpoint_new (size, ts, note, first_idx)
        SELECT size, ts, note, lag(size, 1, 0) OVER (ORDER BY size) FROM checkpoint ORDER BY size""",
    "DROP TABLE checkpoint",
    "ALTER TABLE checkpoint_new RENAME TO checkpoint",
    """CREATE TABLE key_epoch_new (
        kid BLOB NOT NULL, first_idx INTEGER NOT NULL, ts INTEGER NOT NULL, kind INTEGER NOT NULL, period TEXT NOT NULL,
        PRIMARY KEY (kid),
        CHECK (length(kid) = 16)
    ) STRICT""",
    "INSERT INTO key_epoch_new (kid, first_idx, ts, kind, period) SELECT kid, first_idx, ts, 0, '' FROM key_epoch",
    "DROP TABLE key_epoch",
    "ALTER TABLE key_epoch_new RENAME TO key_epoch",
    """CREATE TABLE cosignature (
        size INTEGER NOT NULL, witness TEXT NOT NULL, ts INTEGER NOT NULL, line TEXT NOT NULL,
        PRIMARY KEY (size, witness)
    ) STRICT""",
    """CREATE TABLE timestamp_token (
        size INTEGER NOT NULL, authority TEXT NOT NULL, ts INTEGER NOT NULL, der BLOB NOT NULL,
        PRIMARY KEY (size, authority)
    ) STRICT""",
    "PRAGMA user_version = 3",
)

POSTGRESQL = (
    "ALTER TABLE checkpoint ADD COLUMN first_idx bigint",
    """UPDATE checkpoint SET first_idx = before.size
        FROM (SELECT size AS of, lag(size, 1, 0::bigint) OVER (ORDER BY size) AS size FROM checkpoint) AS before
        WHERE checkpoint.size = before.of""",
    "ALTER TABLE checkpoint ALTER COLUMN first_idx SET NOT NULL",
    "ALTER TABLE checkpoint ADD UNIQUE (first_idx)",
    "ALTER TABLE checkpoint ADD CHECK (first_idx >= 0 AND first_idx < size)",
    "ALTER TABLE key_epoch ADD COLUMN kind integer NOT NULL DEFAULT 0",
    "ALTER TABLE key_epoch ADD COLUMN period text NOT NULL DEFAULT ''",
    "ALTER TABLE key_epoch ALTER COLUMN kind DROP DEFAULT",
    "ALTER TABLE key_epoch ALTER COLUMN period DROP DEFAULT",
    """CREATE TABLE cosignature (
        size bigint NOT NULL, witness text NOT NULL, ts bigint NOT NULL, line text NOT NULL,
        PRIMARY KEY (size, witness)
    )""",
    """CREATE TABLE timestamp_token (
        size bigint NOT NULL, authority text NOT NULL, ts bigint NOT NULL, der bytea NOT NULL,
        PRIMARY KEY (size, authority)
    )""",
)


def upgrade() -> None:
    """Change the tables."""
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
