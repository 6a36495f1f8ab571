"""The vault's rows in PostgreSQL.

Rule of this file: statements only. Transactions, locks and errors are those of `postgres` and `postgres_reader`,
which hand in how a statement is run.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from gateway.storage.vault import VaultRow, Wanted

Read = Callable[..., Sequence[Any]]
Run = Callable[..., int]

_COLUMNS = "SELECT v.space, v.id, v.agency, v.state, v.created, v.expires, v.sealed"
_ROWS = f"{_COLUMNS} FROM vault AS v"
SOME = f"{_ROWS} WHERE v.space = $1 AND v.id = ANY($2::bytea[])"
_LIMITED = """v.space = $1 AND v.expires > $2 AND ($3::text IS NULL OR v.agency = $3)
    AND ($4::text IS NULL OR v.state = $4)"""
_NEWEST = "ORDER BY v.created DESC, v.id LIMIT $5"
LISTED = f"{_ROWS} WHERE {_LIMITED} {_NEWEST}"
ABOUT = f"""{_COLUMNS} FROM (
        {_COLUMNS}, row_number() OVER (PARTITION BY v.agency ORDER BY v.created DESC, v.id) AS turn
        FROM vault AS v JOIN vault_subject AS s ON s.space = v.space AND s.id = v.id
        WHERE {_LIMITED} AND s.tag = $6
    ) AS v WHERE $7::bigint IS NULL OR v.turn <= $7 {_NEWEST}"""
ENDING = f"{_ROWS} WHERE v.space = $1 AND v.expires <= $2 ORDER BY v.expires, v.id LIMIT $3"
HELD = "SELECT count(*) FROM vault WHERE space = $1 AND expires > $3 AND ($2::text IS NULL OR agency = $2)"
_TAGGED = f"""{_ROWS} JOIN vault_subject AS s ON s.space = v.space AND s.id = v.id
    WHERE s.tag = $1 AND v.space = ANY($2::text[]) LIMIT $3"""
_REMOVE = """WITH named AS (DELETE FROM vault_subject WHERE space = $1 AND id = $2)
    DELETE FROM vault WHERE space = $1 AND id = $2"""
_SWEEP = """WITH ended AS (
        SELECT space, id FROM vault WHERE expires <= $1 ORDER BY expires LIMIT $2
    ), named AS (
        DELETE FROM vault_subject AS s USING ended WHERE s.space = ended.space AND s.id = ended.id
    ) DELETE FROM vault AS v USING ended WHERE v.space = ended.space AND v.id = ended.id"""


class PostgresVault:
    """The vault inside one transaction: see `gateway.storage.vault`. `run` gives the number of rows changed."""

    def __init__(self, read: Read, run: Run) -> None:
        self._read, self._run = read, run

    def row(self, space: str, id: bytes) -> VaultRow | None:  # noqa: A002 - the column's name
        """See the contract."""
        found = self._read(SOME, space, [id])
        return VaultRow(*found[0]) if found else None

    def put(self, row: VaultRow, tags: Collection[bytes]) -> None:
        """See the contract."""
        self.remove(row.space, row.id)
        self._run(
            """INSERT INTO vault (space, id, agency, state, created, expires, sealed)
                VALUES ($1, $2, $3, $4, $5, $6, $7)""",
            row.space,
            row.id,
            row.agency,
            row.state,
            row.created_us,
            row.expires_us,
            row.sealed,
        )
        if tags:
            self._run(
                "INSERT INTO vault_subject (tag, space, id) SELECT DISTINCT tag, $2::text, $3::bytea "
                "FROM unnest($1::bytea[]) AS tag",
                list(tags),
                row.space,
                row.id,
            )

    def remove(self, space: str, id: bytes) -> None:  # noqa: A002 - the column's name
        """See the contract."""
        self._run(_REMOVE, space, id)

    def about(self, tag: bytes, spaces: Collection[str], limit: int) -> Sequence[VaultRow]:
        """See the contract."""
        return [VaultRow(*found) for found in self._read(_TAGGED, tag, sorted(spaces), limit)]

    def sweep(self, now_us: int, limit: int) -> int:
        """See the contract."""
        return self._run(_SWEEP, now_us, limit)


def limits(wanted: Wanted) -> tuple[Any, ...]:
    """The first five values of `LISTED` and `ABOUT`."""
    return wanted.space, wanted.now_us, wanted.agency, wanted.state, wanted.limit
