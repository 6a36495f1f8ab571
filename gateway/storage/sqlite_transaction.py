"""What one write transaction does in a SQLite store. When it begins, commits and whom it excludes stands in `sqlite`.

Rule of this file: no SQL of the log's meaning, only of its rows; every table but `claim`, `job` and the vault's is only
added to.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, tuple_
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError

from gateway.storage import schema
from gateway.storage.contract import Batch, Cosignature, Note, Stamp, StoreUnavailable
from gateway.storage.sqlite_jobs import SqliteJobs
from gateway.storage.sqlite_reader import IN_CLAUSE, reason
from gateway.storage.sqlite_vault import SqliteVault

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})

# asked in every transaction: built once
_TAIL: Final = (
    select(schema.entry.c.idx, schema.entry.c.leaf)
    .where(schema.entry.c.idx >= bindparam("start"))
    .order_by(schema.entry.c.idx)
)
_INSERTS: Final = {table: insert(table) for table in schema.metadata.tables.values()}
_CLAIMED: Final = select(schema.claim.c.iss, schema.claim.c.jti).where(
    schema.claim.c.jti.in_(bindparam("ids", expanding=True))
)
_ANNOUNCED: Final = select(schema.key_epoch.c.kid).where(schema.key_epoch.c.kid.in_(bindparam("kids", expanding=True)))
_COSIGN: Final = sqlite_insert(schema.cosignature).on_conflict_do_nothing(index_elements=["size", "witness"])
_STAMP: Final = sqlite_insert(schema.timestamp_token).on_conflict_do_nothing(index_elements=["size", "authority"])


class SqliteTransaction:
    """Inside `SqliteStore.write`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def jobs(self) -> SqliteJobs:
        """See `gateway.storage.jobs`."""
        return SqliteJobs(self._read, self._run)

    @property
    def vault(self) -> SqliteVault:
        """See `gateway.storage.vault`."""
        return SqliteVault(self._read, self._run)

    def newest_note(self) -> Note | None:
        """See the contract."""
        table = schema.checkpoint.c
        found = self._read(select(table.size, table.ts, table.note).order_by(table.size.desc()).limit(1))
        return Note(*found[0]) if found else None

    def tail(self, start: int) -> list[tuple[int, bytes]]:
        """See the contract."""
        return self._read(_TAIL, {"start": start})

    def tile(self, level: int, n: int) -> bytes | None:
        """See the contract."""
        table = schema.tile.c
        found = self._read(select(table.data).where(table.level == level, table.n == n))
        return found[0][0] if found else None

    def announced(self, kids: Sequence[bytes]) -> frozenset[bytes]:
        """See the contract."""
        found: set[bytes] = set()
        for at in range(0, len(kids), IN_CLAUSE):
            found |= {kid for (kid,) in self._read(_ANNOUNCED, {"kids": list(kids[at : at + IN_CLAUSE])})}
        return frozenset(found)

    def claimed(self, pairs: Sequence[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """See the contract."""
        wanted = set(pairs)
        found: set[tuple[str, str]] = set()
        for at in range(0, len(pairs), IN_CLAUSE):
            ids = [jti for _, jti in pairs[at : at + IN_CLAUSE]]
            found |= {(iss, jti) for iss, jti in self._read(_CLAIMED, {"ids": ids})}
        return frozenset(found & wanted)

    def add(self, batch: Batch) -> None:
        """See the contract."""
        self._insert(
            schema.entry,
            [
                {
                    "idx": row.index,
                    "ts": row.at_us,
                    "subj_tag": row.subject_tag,
                    "actor_tag": row.actor_tag,
                    "env": row.envelope,
                    "leaf": row.leaf,
                }
                for row in batch.rows
            ],
        )
        self._insert(schema.tile, [{"level": t.level, "n": t.n, "data": t.data} for t in batch.tiles])
        note = batch.note
        checkpoint = {"size": note.size, "ts": note.at_us, "note": note.text, "first_idx": batch.rows[0].index}
        self._insert(schema.checkpoint, [checkpoint])
        epochs = [
            {"kid": e.kid, "first_idx": e.first_index, "ts": e.at_us, "kind": e.kind, "period": e.period}
            for e in batch.epochs
        ]
        self._insert(schema.key_epoch, epochs)
        claims = [{"iss": c.issuer, "jti": c.jti, "until": c.until_us} for c in batch.claims]
        self._insert(schema.claim, claims)

    def forget(self, before_us: int, limit: int) -> None:
        """See the contract."""
        table = schema.claim.c
        old = select(table.jti, table.iss).where(table.until < before_us).order_by(table.until).limit(limit)
        self._run(delete(schema.claim).where(tuple_(table.jti, table.iss).in_(old)))

    def cosign(self, cosignatures: Sequence[Cosignature]) -> None:
        """See the contract."""
        rows = [{"size": c.size, "witness": c.witness, "ts": c.at_us, "line": c.line} for c in cosignatures]
        if rows:
            self._run(_COSIGN, rows)

    def stamp(self, stamps: Sequence[Stamp]) -> None:
        """See the contract."""
        rows = [{"size": s.size, "authority": s.authority, "ts": s.at_us, "der": s.der} for s in stamps]
        if rows:
            self._run(_STAMP, rows)

    def _read(self, statement: Any, values: Mapping[str, Any] = _NOTHING) -> list[Any]:
        with _translated():
            return [tuple(row) for row in self._connection.execute(statement, values)]

    def _run(self, statement: Any, rows: list[dict[str, Any]] | None = None) -> int:
        with _translated():
            return int(self._connection.execute(statement, rows).rowcount)

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._run(_INSERTS[table], rows)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StoreUnavailable(reason(error)) from error
