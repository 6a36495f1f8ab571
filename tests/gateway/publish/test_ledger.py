"""What can be published of a store: extensions that hold, and signatures that were kept."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.audit.keys import Places, open_signer
from gateway.publish.ledger import Kept, Ledger
from gateway.storage.sqlite import SqliteStore
from mocks.witness.consistency import consistent
from mocks.witness.notes import cosignature
from signing.cosignatures import parse_witness_vkey
from signing.merkle import EMPTY_ROOT
from tests.gateway.audit.builders import ORIGIN, a_log, a_refusal
from tests.gateway.publish.builders import grow, note
from tests.signing.test_cosignatures import a_witness

SIZES = (1, 2, 3, 4, 7, 8, 255, 256, 257, 300, 511, 512, 513)


@pytest_asyncio.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    """The ledger of the log under `tmp_path`."""
    opened = Ledger(SqliteStore(Places.under(tmp_path).store), open_signer(_made(tmp_path), ORIGIN).key)
    yield opened
    await opened.close()


def _made(folder: Path) -> Places:
    places = Places.under(folder)
    places.store.parent.mkdir(parents=True, exist_ok=True)
    return places


async def test_extensions_convince_another_verifier(tmp_path: Path, ledger: Ledger) -> None:
    """From every size to the newest, over tile boundaries, as RFC 9162 section 2.1.4.2 checks it step by step."""
    sizes = []
    async with a_log(tmp_path) as log:
        while not sizes or sizes[-1] < 520:
            receipt = await log.append(a_refusal())
            sizes.append(receipt.index + 1)
    newest = await ledger.newest()
    assert newest == sizes[-1]
    roots = {0: EMPTY_ROOT}
    for size in {*SIZES, newest} & set(sizes):
        same = await ledger.extension(size, size)
        assert same is not None
        assert same.hashes == ()
        roots[size] = same.checkpoint.root
    for old, root in roots.items():
        for size in set(roots) - {0}:
            found = await ledger.extension(old, size)
            if old > size:
                assert found is None
                continue
            assert found is not None
            assert found.note == note(tmp_path, size).text
            assert consistent(old, root, size, roots[size], found.hashes)
            if found.hashes:
                assert not consistent(old, bytes(32), size, roots[size], found.hashes)


async def test_only_signed_sizes_are_extended_to(tmp_path: Path, ledger: Ledger) -> None:
    """A size no checkpoint was signed for cannot be published."""
    size = await grow(tmp_path, 2)
    assert await ledger.extension(1, size + 1) is None


async def test_an_empty_store_has_nothing_to_publish(ledger: Ledger) -> None:
    """No checkpoint, no kept signatures."""

    def made() -> None:
        with ledger._store.write() as transaction:
            assert transaction.newest_note() is None

    await ledger._in(made)
    assert await ledger.newest() is None
    assert await ledger.stamped("tsa") is None


async def test_the_newest_signature_that_verifies_counts(tmp_path: Path, ledger: Ledger) -> None:
    """Lines under another key of the same name, or of a tree that is not there, are passed over."""
    first = await grow(tmp_path, 1)
    second = await grow(tmp_path, 1)
    good, other = a_witness(), a_witness(seed=9)
    key = parse_witness_vkey(good.vkey)
    assert await ledger.cosigned(key) is None
    for size, by in ((first, good), (second, other), (second + 7, good)):
        body = note(tmp_path, min(size, second)).text.partition("\n\n")[0] + "\n"
        line = cosignature(body, 5, name=by.name, key_id=by.key_id, key=by.key).rstrip("\n")
        await ledger.cosign(size, key.name, at_us=5_000_000, line=line)
    assert await ledger.cosigned(key) == Kept(first, 5_000_000)


@pytest.mark.parametrize("times", [1, 2])
async def test_a_signature_is_kept_once(tmp_path: Path, ledger: Ledger, times: int) -> None:
    """Keeping again changes nothing: the first stays."""
    size = await grow(tmp_path, 1)
    for number in range(times):
        await ledger.stamp(size, "tsa", at_us=7 + number, der=b"der")
    assert await ledger.stamped("tsa") == Kept(size, 7)
    assert await ledger.stamped("another") is None


class Counting(SqliteStore):
    """A store that counts its transactions."""

    ended = 0

    @contextmanager
    def write(self) -> Iterator[Any]:
        """One transaction more, once it has ended."""
        with super().write() as transaction:
            yield transaction
        self.ended += 1


async def test_a_size_is_published_only_after_a_transaction_has_ended_behind_it(tmp_path: Path) -> None:
    """What a reader shows may not be on the disk yet; the end of a transaction waits for everything before it."""
    store = Counting(Places.under(tmp_path).store)
    ledger = Ledger(store, open_signer(_made(tmp_path), ORIGIN).key)
    for number in (1, 2):
        size = await grow(tmp_path, 1)
        assert [await ledger.newest(), await ledger.newest()] == [size, size]
        assert store.ended == number
    await ledger.close()
