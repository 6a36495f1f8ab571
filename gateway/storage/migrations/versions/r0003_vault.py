"""The vault: sealed rows that end, and whom they are about."""

from alembic import op

revision = "0003"
down_revision = "0002"

SQLITE = (
    """CREATE TABLE vault (
        space TEXT NOT NULL, id BLOB NOT NULL, agency TEXT NOT NULL, state TEXT NOT NULL, created INTEGER NOT NULL,
        expires INTEGER NOT NULL, sealed BLOB NOT NULL,
        PRIMARY KEY (space, id)
    ) STRICT""",
    "CREATE INDEX vault_created ON vault (space, created)",
    "CREATE INDEX vault_expires ON vault (expires)",
    """CREATE TABLE vault_subject (
        tag BLOB NOT NULL, space TEXT NOT NULL, id BLOB NOT NULL,
        PRIMARY KEY (tag, space, id),
        CHECK (length(tag) = 16)
    ) STRICT""",
    "CREATE INDEX vault_subject_row ON vault_subject (space, id)",
    "PRAGMA user_version = 4",
)

POSTGRESQL = (
    """CREATE TABLE vault (
        space text NOT NULL, id bytea NOT NULL, agency text NOT NULL, state text NOT NULL, created bigint NOT NULL,
        expires bigint NOT NULL, sealed bytea NOT NULL,
        PRIMARY KEY (space, id)
    )""",
    "CREATE INDEX vault_created ON vault (space, created)",
    "CREATE INDEX vault_expires ON vault (expires)",
    """CREATE TABLE vault_subject (
        tag bytea NOT NULL, space text NOT NULL, id bytea NOT NULL,
        PRIMARY KEY (tag, space, id),
        CHECK (length(tag) = 16)
    )""",
    "CREATE INDEX vault_subject_row ON vault_subject (space, id)",
)


def upgrade() -> None:
    """Change the tables."""
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
