"""Tests of how the log fares, on real stores."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from gateway.audit.published import Published
from gateway.console.outside import Endpoint
from gateway.console.web.bench import Tools
from gateway.console.web.health import Health, health
from gateway.storage.contract import Cosignature, Stamp
from gateway.storage.sqlite import SqliteStore
from tests.gateway.audit.builders import keys
from tests.gateway.console.web import written_log
from tests.gateway.console.web.written_log import NOW, Written, reading


@contextmanager
def _tools(written: Written) -> Iterator[Tools]:
    reader, index = written.reader(), written.index()
    try:
        yield Tools(reader, Published(reader, written.key), index)
    finally:
        index.close()
        reader.close()


def _us(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def test_a_log_nobody_signed(written: Written) -> None:
    """Size and time are those of the newest checkpoint; nobody vouches, and that is no error."""
    with _tools(written) as tools:
        state = health(tools, None)
    assert state.size == written.size
    assert state.at == NOW - timedelta(minutes=3)
    assert (state.vouchers, state.behind) == ([], 0)


def test_what_each_witness_and_authority_signed_last(tmp_path: Path) -> None:
    """The newest signature of each, how far the log has grown since, and the trouble the gateway speaks of."""
    own = written_log.write(tmp_path)
    with reading(own) as reader:
        notes = list(reader.notes(below=None, limit=10))
    store = SqliteStore(own.store, lock_wait=2.0)
    newest, older = notes[0], notes[-1]
    with store.write() as transaction:
        transaction.cosign([Cosignature(note.size, "witness-a", _us(NOW), "line") for note in (older, newest)])
        transaction.cosign([Cosignature(older.size, "witness-b", _us(NOW), "line")])
        transaction.stamp([Stamp(newest.size, "tsa", _us(NOW), b"der")])
    store.close()
    told = Endpoint("witness", "second", "witness-b", None, older.size, "unreachable")
    with _tools(own) as tools:
        state = health(tools, [told])
    covered = {one.name: (one.size, one.behind, one.problem) for one in state.vouchers}
    assert covered == {
        "witness-a": (newest.size, 0, None),
        "witness-b": (older.size, own.size - older.size, "unreachable"),
        "tsa": (newest.size, 0, None),
    }
    assert [one.name for one in state.of("authority")] == ["tsa"]


def test_an_empty_log_is_no_error(tmp_path: Path) -> None:
    """Before the first entry there is nothing to tell, and it is told as such."""
    places, signer, _ = keys(tmp_path)
    store = SqliteStore(places.store, lock_wait=2.0)
    with store.write() as transaction:
        assert transaction.newest_note() is None
    store.close()
    empty = Written(tmp_path, signer.key, "", 0, {})
    with _tools(empty) as tools:
        assert health(tools, None) == Health(0, None, (), 0)
