"""The rows of deferred answers in PostgreSQL.

Rule of this file: statements only. Transactions, locks and errors are those of `postgres` and `postgres_reader`,
which hand in how a statement is run.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from gateway.storage.jobs import Due, JobRow, JobState

Read = Callable[..., Sequence[Any]]
Run = Callable[..., int]
_COLUMNS = "id, agency, state, owner, lease, created, expires, decided, attempts, sealed"

HELD = "SELECT count(*) FROM job"
ONE = f"SELECT {_COLUMNS} FROM job WHERE id = $1"  # noqa: S608  # a constant
DUE = """SELECT EXISTS (SELECT FROM job WHERE state = 'pending' AND lease <= $1 AND expires > $1),
    EXISTS (SELECT FROM job WHERE expires <= $1)"""
_TAKE = f"""WITH free AS (
        SELECT id FROM job WHERE state = 'pending' AND lease <= $2 AND expires > $2 ORDER BY created, id LIMIT $4
    ), taken AS (
        UPDATE job SET owner = $1, lease = $3, attempts = attempts + 1 WHERE id IN (SELECT id FROM free)
        RETURNING {_COLUMNS}
    ) SELECT {_COLUMNS} FROM taken ORDER BY created, id"""  # noqa: S608  # a constant


class PostgresJobs:
    """Jobs inside one transaction: see `gateway.storage.jobs`. `run` gives the number of rows changed."""

    def __init__(self, read: Read, run: Run) -> None:
        self._read, self._run = read, run

    def held(self) -> int:
        """See the contract."""
        return int(self._read(HELD)[0][0])

    def pending_of(self, agency: str) -> int:
        """See the contract."""
        return int(self._read("SELECT count(*) FROM job WHERE state = 'pending' AND agency = $1", agency)[0][0])

    def put(self, row: JobRow) -> None:
        """See the contract."""
        self._run(
            f"INSERT INTO job ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",  # noqa: S608  # a constant
            row.id,
            row.agency,
            row.state.value,
            row.owner,
            row.lease_us,
            row.created_us,
            row.expires_us,
            row.decided,
            row.attempts,
            row.sealed,
        )

    def take(self, owner: str, *, now_us: int, until_us: int, limit: int) -> Sequence[JobRow]:
        """See the contract."""
        return [row(found) for found in self._read(_TAKE, owner, now_us, until_us, limit)]

    def renew(self, owner: str, jobs: Collection[str], *, until_us: int) -> None:
        """See the contract."""
        self._run(
            "UPDATE job SET lease = $3 WHERE owner = $1 AND state = 'pending' AND id = ANY($2::text[])",
            owner,
            list(jobs),
            until_us,
        )

    def end(self, job: str, owner: str, *, state: JobState, sealed: bytes, expires_us: int) -> bool:
        """See the contract."""
        ended = self._run(
            """UPDATE job SET state = $3, sealed = $4, expires = $5, owner = '', lease = 0
                WHERE id = $1 AND owner = $2 AND state = 'pending'""",
            job,
            owner,
            state.value,
            sealed,
            expires_us,
        )
        return ended == 1

    def sweep(self, now_us: int, limit: int) -> None:
        """See the contract."""
        self._run(
            "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE expires <= $1 ORDER BY expires LIMIT $2)",
            now_us,
            limit,
        )


def row(found: Sequence[Any]) -> JobRow:
    """A result of `ONE` as a value."""
    identity, agency, state, *rest = found
    return JobRow(identity, agency, JobState(state), *rest)


def as_due(found: Sequence[Any]) -> Due:
    """A result of `DUE` as a value."""
    return Due(work=found[0], expired=found[1])
