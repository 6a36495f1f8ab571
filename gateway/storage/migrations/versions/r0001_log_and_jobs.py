"""Entries, tiles, checkpoints, key epochs, claims and deferred answers.

A SQLite store with `user_version` 2 is exactly this. PostgreSQL keeps entries by UTC month, so that a month can be
given away whole; what falls into no month stands in `entry_default`.
"""

from alembic import op

revision = "0001"
down_revision = None

SQLITE = (
    """CREATE TABLE entry (
        idx INTEGER NOT NULL, ts INTEGER NOT NULL, subj_tag BLOB NOT NULL, actor_tag BLOB NOT NULL, env BLOB,
        leaf BLOB NOT NULL,
        PRIMARY KEY (idx),
        CHECK (idx >= 0),
        CHECK (length(subj_tag) = 16 AND length(actor_tag) = 16 AND length(leaf) = 32)
    ) STRICT""",
    "CREATE INDEX entry_subject ON entry (subj_tag, idx)",
    "CREATE INDEX entry_actor ON entry (actor_tag, idx)",
    """CREATE TABLE tile (
        level INTEGER NOT NULL, n INTEGER NOT NULL, data BLOB NOT NULL,
        PRIMARY KEY (level, n),
        CHECK (length(data) = 8192)
    ) STRICT""",
    """CREATE TABLE checkpoint (
        size INTEGER NOT NULL, ts INTEGER NOT NULL, note TEXT NOT NULL,
        PRIMARY KEY (size)
    ) STRICT""",
    """CREATE TABLE key_epoch (
        kid BLOB NOT NULL, first_idx INTEGER NOT NULL, ts INTEGER NOT NULL,
        PRIMARY KEY (kid),
        CHECK (length(kid) = 16),
        FOREIGN KEY(first_idx) REFERENCES entry (idx)
    ) STRICT""",
    """CREATE TABLE claim (
        iss TEXT NOT NULL, jti TEXT NOT NULL, until INTEGER NOT NULL,
        PRIMARY KEY (jti, iss)
    ) WITHOUT ROWID, STRICT""",
    "CREATE INDEX claim_until ON claim (until)",
    """CREATE TABLE job (
        id TEXT NOT NULL, agency TEXT NOT NULL, state TEXT NOT NULL, owner TEXT NOT NULL, lease INTEGER NOT NULL,
        created INTEGER NOT NULL, expires INTEGER NOT NULL, decided INTEGER NOT NULL, attempts INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (id),
        CHECK (state IN ('pending', 'done', 'failed'))
    ) STRICT""",
    "CREATE INDEX job_lease ON job (state, lease)",
    "CREATE INDEX job_expires ON job (expires)",
    "PRAGMA user_version = 2",
)

POSTGRESQL = (
    """CREATE TABLE entry (
        idx bigint NOT NULL, ts bigint NOT NULL, subj_tag bytea NOT NULL, actor_tag bytea NOT NULL, env bytea,
        leaf bytea NOT NULL,
        PRIMARY KEY (idx, ts),
        CHECK (idx >= 0),
        CHECK (length(subj_tag) = 16 AND length(actor_tag) = 16 AND length(leaf) = 32)
    ) PARTITION BY RANGE (ts)""",
    "ALTER TABLE entry ALTER COLUMN env SET STORAGE EXTERNAL",  # what is encrypted does not shrink
    "CREATE INDEX entry_subject ON entry (subj_tag, idx)",
    "CREATE INDEX entry_actor ON entry (actor_tag, idx)",
    "CREATE TABLE entry_default PARTITION OF entry DEFAULT",
    """CREATE TABLE tile (
        level integer NOT NULL, n bigint NOT NULL, data bytea NOT NULL,
        PRIMARY KEY (level, n),
        CHECK (length(data) = 8192)
    )""",
    "CREATE TABLE checkpoint (size bigint NOT NULL, ts bigint NOT NULL, note text NOT NULL, PRIMARY KEY (size))",
    """CREATE TABLE key_epoch (
        kid bytea NOT NULL, first_idx bigint NOT NULL, ts bigint NOT NULL,
        PRIMARY KEY (kid),
        CHECK (length(kid) = 16)
    )""",
    """CREATE TABLE claim (
        iss text NOT NULL, jti text NOT NULL, until bigint NOT NULL,
        PRIMARY KEY (jti, iss)
    )""",
    "CREATE INDEX claim_until ON claim (until)",
    """CREATE TABLE job (
        id text NOT NULL, agency text NOT NULL, state text NOT NULL, owner text NOT NULL, lease bigint NOT NULL,
        created bigint NOT NULL, expires bigint NOT NULL, decided bigint NOT NULL, attempts integer NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (id),
        CHECK (state IN ('pending', 'done', 'failed'))
    )""",
    "CREATE INDEX job_lease ON job (state, lease)",
    "CREATE INDEX job_expires ON job (expires)",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
