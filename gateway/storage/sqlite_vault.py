"""The vault's rows in SQLite.

Rule of this file: statements only. Transactions, locks and errors are those of `sqlite` and `sqlite_reader`, which
hand in how a statement is run.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import ColumnCollection, Select, delete, exists, func, insert, select, tuple_

from gateway.storage.schema import vault as table
from gateway.storage.schema import vault_subject as named
from gateway.storage.vault import VaultRow, Wanted

Read = Callable[[Any], list[Any]]
Run = Callable[..., int]
_COLUMNS = (
    table.c.space,
    table.c.id,
    table.c.agency,
    table.c.state,
    table.c.created,
    table.c.expires,
    table.c.sealed,
)


class SqliteVault:
    """The vault inside one transaction: see `gateway.storage.vault`. `run` gives the number of rows changed."""

    def __init__(self, read: Read, run: Run) -> None:
        self._read, self._run = read, run

    def row(self, space: str, id: bytes) -> VaultRow | None:  # noqa: A002 - the column's name
        """See the contract."""
        found = self._read(some(space, [id]))
        return VaultRow(*found[0]) if found else None

    def put(self, row: VaultRow, tags: Collection[bytes]) -> None:
        """See the contract."""
        self.remove(row.space, row.id)
        written = {
            "space": row.space,
            "id": row.id,
            "agency": row.agency,
            "state": row.state,
            "created": row.created_us,
            "expires": row.expires_us,
            "sealed": row.sealed,
        }
        self._run(insert(table).values(written))
        about = [{"tag": tag, "space": row.space, "id": row.id} for tag in sorted(set(tags))]
        if about:
            self._run(insert(named), about)

    def remove(self, space: str, id: bytes) -> None:  # noqa: A002 - the column's name
        """See the contract."""
        self._run(delete(named).where(named.c.space == space, named.c.id == id))
        self._run(delete(table).where(table.c.space == space, table.c.id == id))

    def about(self, tag: bytes, spaces: Collection[str], limit: int) -> Sequence[VaultRow]:
        """See the contract."""
        wanted = _tagged(tag).where(table.c.space.in_(sorted(spaces))).limit(limit)
        return [VaultRow(*found) for found in self._read(wanted)]

    def sweep(self, now_us: int, limit: int) -> int:
        """See the contract."""
        old = select(table.c.space, table.c.id).where(table.c.expires <= now_us).order_by(table.c.expires).limit(limit)
        ended = self._read(old)
        if not ended:
            return 0
        self._run(delete(named).where(tuple_(named.c.space, named.c.id).in_(ended)))
        return self._run(delete(table).where(tuple_(table.c.space, table.c.id).in_(ended)))


def some(space: str, ids: Collection[bytes]) -> Select[Any]:
    """The rows of some ids."""
    return select(*_COLUMNS).where(table.c.space == space, table.c.id.in_(list(ids)))


def about(tag: bytes, wanted: Wanted) -> Select[Any]:
    """The wanted rows with a tag."""
    if wanted.each is None:
        return _newest(_limited(_tagged(tag), wanted), table.c, wanted.limit)
    turn = func.row_number().over(partition_by=table.c.agency, order_by=(table.c.created.desc(), table.c.id))
    by_turn = _limited(_tagged(tag), wanted).add_columns(turn.label("turn")).subquery()
    rows = select(*(by_turn.c[column.name] for column in _COLUMNS)).where(by_turn.c.turn <= wanted.each)
    return _newest(rows, by_turn.c, wanted.limit)


def listed(wanted: Wanted) -> Select[Any]:
    """The wanted rows."""
    return _newest(_limited(select(*_COLUMNS), wanted), table.c, wanted.limit)


def ending(space: str, by_us: int, limit: int) -> Select[Any]:
    """Those that end by a time, the earliest first."""
    rows = select(*_COLUMNS).where(table.c.space == space, table.c.expires <= by_us)
    return rows.order_by(table.c.expires, table.c.id).limit(limit)


def held(space: str, agency: str | None, now_us: int) -> Select[int]:
    """How many have not ended."""
    counted = select(func.count()).select_from(table).where(table.c.space == space, table.c.expires > now_us)
    return counted if agency is None else counted.where(table.c.agency == agency)


def _tagged(tag: bytes) -> Select[Any]:
    points = exists().where(named.c.tag == tag, named.c.space == table.c.space, named.c.id == table.c.id)
    return select(*_COLUMNS).where(points)


def _limited(rows: Select[Any], wanted: Wanted) -> Select[Any]:
    rows = rows.where(table.c.space == wanted.space, table.c.expires > wanted.now_us)
    if wanted.agency is not None:
        rows = rows.where(table.c.agency == wanted.agency)
    if wanted.state is not None:
        rows = rows.where(table.c.state == wanted.state)
    return rows


def _newest(rows: Select[Any], columns: ColumnCollection[str, Any], limit: int) -> Select[Any]:
    return rows.order_by(columns.created.desc(), columns.id).limit(limit)
