"""What one write transaction does in PostgreSQL. When it begins, commits and whom it excludes stands in `postgres`.

Rule of this file: no SQL of the log's meaning, only of its rows; every table but `claim`, `job` and the vault's is only
added to.
After a statement that failed the transaction is lost, whatever its caller makes of the error.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from gateway.storage.contract import Batch, Cosignature, Note, Stamp, StoreUnavailable
from gateway.storage.postgres_jobs import PostgresJobs
from gateway.storage.postgres_session import FAILURES, Session, reason
from gateway.storage.postgres_vault import PostgresVault

_T = TypeVar("_T")
_NEWEST_NOTE = "SELECT size, ts, note FROM checkpoint ORDER BY size DESC LIMIT 1"
_TAIL = "SELECT idx, leaf FROM entry WHERE idx >= $1 ORDER BY idx"
_TILE = "SELECT data FROM tile WHERE level = $1 AND n = $2"
_ANNOUNCED = "SELECT kid FROM key_epoch WHERE kid = ANY($1::bytea[])"
_CLAIMED = """SELECT claim.iss, claim.jti FROM unnest($1::text[], $2::text[]) AS wanted (iss, jti)
    JOIN claim ON claim.jti = wanted.jti AND claim.iss = wanted.iss"""
_FORGET = """DELETE FROM claim USING (SELECT jti, iss FROM claim WHERE until < $1 ORDER BY until LIMIT $2) AS old
    WHERE claim.jti = old.jti AND claim.iss = old.iss"""
_COSIGN = """INSERT INTO cosignature (size, witness, ts, line)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[])
    ON CONFLICT (size, witness) DO NOTHING"""
_STAMP = """INSERT INTO timestamp_token (size, authority, ts, der)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bytea[])
    ON CONFLICT (size, authority) DO NOTHING"""

# one round trip for a whole batch: the lock is held that long
_ADD = """WITH entries AS (
        INSERT INTO entry (idx, ts, subj_tag, actor_tag, env, leaf)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[])
    ), tiles AS (
        INSERT INTO tile (level, n, data) SELECT * FROM unnest($7::integer[], $8::bigint[], $9::bytea[])
    ), epochs AS (
        INSERT INTO key_epoch (kid, first_idx, ts, kind, period)
        SELECT * FROM unnest($10::bytea[], $11::bigint[], $12::bigint[], $13::integer[], $14::text[])
    ), claims AS (
        INSERT INTO claim (iss, jti, until) SELECT * FROM unnest($15::text[], $16::text[], $17::bigint[])
    ) INSERT INTO checkpoint (size, ts, note, first_idx) VALUES ($18, $19, $20, $21)"""


class PostgresJobTransaction:
    """Inside `PostgresJobStore.write`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.failed: str | None = None
        """The reason of the statement that failed."""

    @property
    def jobs(self) -> PostgresJobs:
        """See `gateway.storage.jobs`."""
        return PostgresJobs(self._read, self._run)

    @property
    def vault(self) -> PostgresVault:
        """See `gateway.storage.vault`."""
        return PostgresVault(self._read, self._run)

    def _read(self, statement: str, *values: Any) -> Sequence[Any]:
        return self._tried(self._session.fetch, statement, *values)

    def _run(self, statement: str, *values: Any) -> int:
        return self._tried(self._session.changed, statement, *values)

    def _tried(self, act: Callable[..., _T], statement: str, *values: Any) -> _T:
        if self.failed is not None:
            raise StoreUnavailable(self.failed)
        try:
            return act(statement, *values)
        except FAILURES as error:
            self.failed = reason(error)
            raise StoreUnavailable(self.failed) from error


class PostgresTransaction(PostgresJobTransaction):
    """Inside `PostgresStore.write`. `lock_jobs` keeps out those who hold only jobs and the vault."""

    def __init__(self, session: Session, *, lock_jobs: str) -> None:
        super().__init__(session)
        self._lock_jobs: str | None = lock_jobs

    @property
    def jobs(self) -> PostgresJobs:
        """See `gateway.storage.jobs`."""
        self._keep_out()
        return super().jobs

    @property
    def vault(self) -> PostgresVault:
        """See `gateway.storage.vault`."""
        self._keep_out()
        return super().vault

    def _keep_out(self) -> None:
        if self._lock_jobs is not None:
            self._tried(self._session.fetch, self._lock_jobs)
            self._lock_jobs = None

    def newest_note(self) -> Note | None:
        """See the contract."""
        found = self._read(_NEWEST_NOTE)
        return Note(*found[0]) if found else None

    def tail(self, start: int) -> list[tuple[int, bytes]]:
        """See the contract."""
        return [(index, leaf) for index, leaf in self._read(_TAIL, start)]

    def tile(self, level: int, n: int) -> bytes | None:
        """See the contract."""
        found = self._read(_TILE, level, n)
        return found[0][0] if found else None

    def announced(self, kids: Sequence[bytes]) -> frozenset[bytes]:
        """See the contract."""
        return frozenset(kid for (kid,) in self._read(_ANNOUNCED, list(kids)))

    def claimed(self, pairs: Sequence[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """See the contract."""
        found = self._read(_CLAIMED, [iss for iss, _ in pairs], [jti for _, jti in pairs])
        return frozenset((iss, jti) for iss, jti in found)

    def add(self, batch: Batch) -> None:
        """See the contract."""
        rows, note = batch.rows, batch.note
        self._run(
            _ADD,
            [row.index for row in rows],
            [row.at_us for row in rows],
            [row.subject_tag for row in rows],
            [row.actor_tag for row in rows],
            [row.envelope for row in rows],
            [row.leaf for row in rows],
            [tile.level for tile in batch.tiles],
            [tile.n for tile in batch.tiles],
            [tile.data for tile in batch.tiles],
            [epoch.kid for epoch in batch.epochs],
            [epoch.first_index for epoch in batch.epochs],
            [epoch.at_us for epoch in batch.epochs],
            [epoch.kind for epoch in batch.epochs],
            [epoch.period for epoch in batch.epochs],
            [claim.issuer for claim in batch.claims],
            [claim.jti for claim in batch.claims],
            [claim.until_us for claim in batch.claims],
            note.size,
            note.at_us,
            note.text,
            rows[0].index,
        )

    def forget(self, before_us: int, limit: int) -> None:
        """See the contract."""
        self._run(_FORGET, before_us, limit)

    def cosign(self, cosignatures: Sequence[Cosignature]) -> None:
        """See the contract."""
        if cosignatures:
            self._run(
                _COSIGN,
                [one.size for one in cosignatures],
                [one.witness for one in cosignatures],
                [one.at_us for one in cosignatures],
                [one.line for one in cosignatures],
            )

    def stamp(self, stamps: Sequence[Stamp]) -> None:
        """See the contract."""
        if stamps:
            self._run(
                _STAMP,
                [one.size for one in stamps],
                [one.authority for one in stamps],
                [one.at_us for one in stamps],
                [one.der for one in stamps],
            )
