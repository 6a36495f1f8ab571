"""Look-ups in a PostgreSQL log through a connection whose transactions are read-only.

A commit can be seen a moment before it is on the disk (`postgres` says why). A checkpoint that is handed out must
never be taken back by a crash, so one that was not seen before is given only after a flush. Entries and hashes need
no such wait: nothing vouches for them but a checkpoint.

Rule of this file: nothing here can write, and no transaction outlives a look-up.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

from gateway.storage import postgres_jobs, postgres_vault
from gateway.storage.contract import Cosignature, EpochRow, Note, Row, Stamp, StoreUnavailable
from gateway.storage.jobs import Due, JobRow
from gateway.storage.postgres_session import FAILURES, LOOK_UP_SECONDS, LOOKING_UP, Session, lost, reason
from gateway.storage.vault import VaultRow, Wanted

_ROWS: Final = "SELECT idx, ts, subj_tag, actor_tag, env, leaf FROM entry"

# per tag the newest of it, from the index of tags, whatever the planner believes about how rare the tags are
_TAGGED: Final = """SELECT found.* FROM unnest($1::bytea[]) AS wanted (tag) CROSS JOIN LATERAL (
        SELECT idx, ts, subj_tag, actor_tag, env, leaf FROM entry
        WHERE subj_tag = wanted.tag AND idx < $2 ORDER BY idx DESC LIMIT $3
    ) AS found ORDER BY idx DESC LIMIT $3"""
_NOTES: Final = "SELECT size, ts, note FROM checkpoint WHERE size < $1 ORDER BY size DESC LIMIT $2"
_FLUSH: Final = """SELECT CASE WHEN NOT pg_is_in_recovery()
    THEN pg_logical_emit_message(true, 'lienthong', '') END"""  # a standby only shows what was flushed
_END: Final = 2**63 - 1


class PostgresReader:
    """The reader contract over one database. Belongs to the one thread that uses it; connects when first used."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: Session | None = None
        self._flushed = 0  # size of the largest checkpoint known to be on the disk

    def claimed(self, issuer: str, jti: str) -> bool:
        """See the contract."""
        return bool(self._read("SELECT 1 FROM claim WHERE jti = $1 AND iss = $2", jti, issuer))

    def newest_note(self) -> Note | None:
        """See the contract."""
        found = self.notes(below=None, limit=1)
        return found[0] if found else None

    def note(self, size: int) -> Note | None:
        """See the contract."""
        found = self._kept(self._read("SELECT size, ts, note FROM checkpoint WHERE size = $1", size))
        return found[0] if found else None

    def leaves(self, start: int, end: int) -> list[bytes]:
        """See the contract."""
        wanted = "SELECT leaf FROM entry WHERE idx >= $1 AND idx < $2 ORDER BY idx"
        return [leaf for (leaf,) in self._read(wanted, start, end)]

    def tile(self, level: int, n: int) -> bytes | None:
        """See the contract."""
        found = self._read("SELECT data FROM tile WHERE level = $1 AND n = $2", level, n)
        return found[0][0] if found else None

    def rows(self, start: int, end: int) -> list[Row]:
        """See the contract."""
        return [Row(*found) for found in self._read(f"{_ROWS} WHERE idx >= $1 AND idx < $2 ORDER BY idx", start, end)]

    def newest(self, *, below: int | None, subject_tags: Sequence[bytes] | None, limit: int) -> Sequence[Row]:
        """See the contract."""
        before = _END if below is None else below
        if subject_tags is None:
            found = self._read(f"{_ROWS} WHERE idx < $1 ORDER BY idx DESC LIMIT $2", before, limit)
        else:
            found = self._read(_TAGGED, list(set(subject_tags)), before, limit)
        return [Row(*row) for row in found]

    def notes(self, *, below: int | None, limit: int) -> Sequence[Note]:
        """See the contract."""
        return self._kept(self._read(_NOTES, _END if below is None else below, limit))

    def epochs(self) -> list[EpochRow]:
        """See the contract."""
        wanted = "SELECT kid, first_idx, ts, kind, period FROM key_epoch ORDER BY first_idx"
        return [EpochRow(*found) for found in self._read(wanted)]

    def cosignatures(self, *, size: int | None, limit: int) -> list[Cosignature]:
        """See the contract."""
        return [Cosignature(*found) for found in self._about("witness, ts, line FROM cosignature", size, limit)]

    def stamps(self, *, size: int | None, limit: int) -> list[Stamp]:
        """See the contract."""
        return [Stamp(*found) for found in self._about("authority, ts, der FROM timestamp_token", size, limit)]

    def job(self, job: str) -> JobRow | None:
        """See `gateway.storage.jobs`."""
        found = self._read(postgres_jobs.ONE, job)
        return postgres_jobs.row(found[0]) if found else None

    def jobs_held(self) -> int:
        """See `gateway.storage.jobs`."""
        return int(self._read(postgres_jobs.HELD)[0][0])

    def jobs_due(self, now_us: int) -> Due:
        """See `gateway.storage.jobs`."""
        return postgres_jobs.as_due(self._read(postgres_jobs.DUE, now_us)[0])

    def vault_rows(self, space: str, ids: Collection[bytes]) -> list[VaultRow]:
        """See `gateway.storage.vault`."""
        return [VaultRow(*found) for found in self._read(postgres_vault.SOME, space, list(ids))]

    def vault_about(self, tag: bytes, wanted: Wanted) -> list[VaultRow]:
        """See `gateway.storage.vault`."""
        found = self._read(postgres_vault.ABOUT, *postgres_vault.limits(wanted), tag, wanted.each)
        return [VaultRow(*one) for one in found]

    def vault_listed(self, wanted: Wanted) -> list[VaultRow]:
        """See `gateway.storage.vault`."""
        return [VaultRow(*one) for one in self._read(postgres_vault.LISTED, *postgres_vault.limits(wanted))]

    def vault_ending(self, space: str, by_us: int, limit: int) -> list[VaultRow]:
        """See `gateway.storage.vault`."""
        return [VaultRow(*one) for one in self._read(postgres_vault.ENDING, space, by_us, limit)]

    def vault_held(self, space: str, agency: str | None, now_us: int) -> int:
        """See `gateway.storage.vault`."""
        return int(self._read(postgres_vault.HELD, space, agency, now_us)[0][0])

    def close(self) -> None:
        """Let go of the connection."""
        self._drop(politely=True)

    def _about(self, columns: str, size: int | None, limit: int) -> Sequence[Any]:
        if size is None:
            return self._read(f"SELECT size, {columns} ORDER BY size DESC, 2 LIMIT $1", limit)
        return self._read(f"SELECT size, {columns} WHERE size = $1 ORDER BY 2 LIMIT $2", size, limit)

    def _kept(self, found: Sequence[Any]) -> Sequence[Note]:
        notes = [Note(*one) for one in found]
        largest = max((note.size for note in notes), default=0)
        if largest > self._flushed:
            self._read(_FLUSH)
            self._flushed = largest
        return notes

    def _read(self, statement: str, *values: Any) -> Sequence[Any]:
        """The rows of a look-up. A connection that died since the last one is replaced at once."""
        for again in (self._session is not None, False):
            try:
                if self._session is None:
                    self._session = Session.open(self._url, LOOKING_UP, answer_seconds=LOOK_UP_SECONDS)
                return self._session.fetch(statement, *values)
            except FAILURES as error:
                self._drop()
                if not (again and lost(error)):
                    raise StoreUnavailable(reason(error)) from error
            except BaseException:
                self._drop()
                raise
        raise AssertionError  # the second turn returns or raises

    def _drop(self, *, politely: bool = False) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close(politely=politely)
