"""The rows of deferred answers in SQLite.

Rule of this file: statements only. Transactions, locks and errors are those of `sqlite` and `sqlite_reader`, which
hand in how a statement is run.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Select, delete, exists, func, insert, select, update

from gateway.storage.jobs import Due, JobRow, JobState
from gateway.storage.schema import job as table

Read = Callable[[Any], list[Any]]
Run = Callable[[Any], int]
_COLUMNS = (
    table.c.id,
    table.c.agency,
    table.c.state,
    table.c.owner,
    table.c.lease,
    table.c.created,
    table.c.expires,
    table.c.decided,
    table.c.attempts,
    table.c.sealed,
)


class SqliteJobs:
    """Jobs inside one transaction: see `gateway.storage.jobs`. `run` gives the number of rows changed."""

    def __init__(self, read: Read, run: Run) -> None:
        self._read, self._run = read, run

    def held(self) -> int:
        """See the contract."""
        return int(self._read(counted())[0][0])

    def pending_of(self, agency: str) -> int:
        """See the contract."""
        mine = counted().where(table.c.state == JobState.PENDING.value, table.c.agency == agency)
        return int(self._read(mine)[0][0])

    def put(self, row: JobRow) -> None:
        """See the contract."""
        written = {name.removesuffix("_us"): value for name, value in asdict(row).items()}
        self._run(insert(table).values(written | {"state": row.state.value}))

    def take(self, owner: str, *, now_us: int, until_us: int, limit: int) -> Sequence[JobRow]:
        """See the contract."""
        free = (
            select(table.c.id)
            .where(table.c.state == JobState.PENDING.value, table.c.lease <= now_us, table.c.expires > now_us)
            .order_by(table.c.created)
            .limit(limit)
        )
        ids = [found for (found,) in self._read(free)]
        if not ids:
            return []
        taken = {"owner": owner, "lease": until_us, "attempts": table.c.attempts + 1}
        self._run(update(table).where(table.c.id.in_(ids)).values(taken))
        rows = self._read(select(*_COLUMNS).where(table.c.id.in_(ids)).order_by(table.c.created))
        return [row(found) for found in rows]

    def renew(self, owner: str, jobs: Collection[str], *, until_us: int) -> None:
        """See the contract."""
        mine = update(table).where(
            table.c.owner == owner, table.c.state == JobState.PENDING.value, table.c.id.in_(jobs)
        )
        self._run(mine.values({"lease": until_us}))

    def end(self, job: str, owner: str, *, state: JobState, sealed: bytes, expires_us: int) -> bool:
        """See the contract."""
        mine = update(table).where(table.c.id == job, table.c.owner == owner, table.c.state == JobState.PENDING.value)
        outcome = {"state": state.value, "sealed": sealed, "expires": expires_us, "owner": "", "lease": 0}
        return self._run(mine.values(outcome)) == 1

    def sweep(self, now_us: int, limit: int) -> None:
        """See the contract."""
        old = select(table.c.id).where(table.c.expires <= now_us).order_by(table.c.expires).limit(limit)
        self._run(delete(table).where(table.c.id.in_(old)))


def counted() -> Select[int]:
    """How many rows there are."""
    return select(func.count()).select_from(table)


def one(job: str) -> Select[Any]:
    """The row of an id."""
    return select(*_COLUMNS).where(table.c.id == job)


def row(found: Sequence[Any]) -> JobRow:
    """A result of `one` as a value."""
    identity, agency, state, *rest = found
    return JobRow(identity, agency, JobState(state), *rest)


def due(now_us: int) -> Select[bool, bool]:
    """Whether there is a free pending job, and whether there is an expired row."""
    free = exists().where(table.c.state == JobState.PENDING.value, table.c.lease <= now_us, table.c.expires > now_us)
    return select(free, exists().where(table.c.expires <= now_us))


def as_due(found: Sequence[Any]) -> Due:
    """A result of `due` as a value."""
    return Due(work=bool(found[0]), expired=bool(found[1]))
