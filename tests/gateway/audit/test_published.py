"""The log's public part: checkpoint, tiles and proofs of every size over the edges of tiles."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.audit.errors import LogBroken, LogUnavailable
from gateway.audit.outlet import Outlet
from gateway.audit.published import Published
from gateway.storage.sqlite_reader import SqliteReader
from signing import merkle, notes, proofs, tiles
from signing.notes import Checkpoint
from signing.tiles import Tile
from tests.gateway.audit.builders import a_decision, a_log, keys
from tests.gateway.audit.long_log import SIZE, LongLog

EDGES = [1, 2, 3, 8, 127, 128, 129, 254, 255, 256, 257, 258, 300, 384, 510, 511, 512, 513, 514, 599, 600]


@pytest.fixture
def published(whole: LongLog) -> Iterator[Published]:
    """The public part of the long log."""
    made = whole.published()
    yield made
    made.close()


def altered(whole: LongLog, folder: Path, statement: str | tuple[str, tuple[object, ...]]) -> Published:
    """The public part of a copy that someone with the file in hand changed."""
    copy = whole.copy(folder)
    database = sqlite3.connect(copy.places.store)
    database.execute("PRAGMA ignore_check_constraints = ON")
    database.execute(*((statement,) if isinstance(statement, str) else statement))
    database.commit()
    database.close()
    return copy.published()


def test_the_newest_checkpoint(whole: LongLog, published: Published) -> None:
    """It is the note of the last batch, with its size and root."""
    note, checkpoint = published.newest()
    assert note == whole.notes[SIZE]
    assert (checkpoint.size, checkpoint.root) == (SIZE, merkle.root(whole.leaves))


def test_every_tile_and_every_width(whole: LongLog, published: Published) -> None:
    """Each tile of each width holds the hashes of its definition, and nothing wider is given out."""
    roots = [merkle.root(whole.leaves[256 * n : 256 * (n + 1)]) for n in range(2)]
    for n, count in ((0, 256), (1, 256), (2, SIZE - 512)):
        for width in range(1, 257):
            expected = b"".join(whole.leaves[256 * n : 256 * n + width]) if width <= count else None
            assert published.tile(Tile(0, n, width)) == expected
    for width in range(1, 257):
        assert published.tile(Tile(1, 0, width)) == (b"".join(roots[:width]) if width <= 2 else None)
    for tile in (Tile(0, 3, 1), Tile(1, 1, 1), Tile(2, 0, 1), Tile(63, 0, 1), Tile(0, 10**20, 1)):
        assert published.tile(tile) is None


@pytest.mark.parametrize("size", EDGES)
def test_proofs_of_every_tree(whole: LongLog, published: Published, size: int) -> None:
    """In the tree of each checkpoint, entries from its first to its last are proved under exactly that checkpoint."""
    root = merkle.root(whole.leaves[:size])
    for index in sorted({0, 1, size // 2, 255, 256, 511, 512, size - 2, size - 1} & set(range(size))):
        proof = published.proof(index, size)
        assert proof is not None
        assert proof.checkpoint == whole.notes[size]
        assert list(proof.hashes) == merkle.inclusion_proof(index, whole.leaves[:size])
        read = proofs.parse(proof.text())
        checkpoint = proofs.verify(read, whole.leaves[index], whole.signer.key, origin=whole.signer.name)
        assert checkpoint == Checkpoint(whole.signer.name, size, root)
    for index in (-1, size, size + 1, 10**30):
        assert published.proof(index, size) is None


def test_the_newest_tree_is_the_default(whole: LongLog, published: Published) -> None:
    """Without a size the proof is one for the newest checkpoint."""
    for index in range(0, SIZE, 37):
        assert published.proof(index) == published.proof(index, SIZE)
    assert published.proof(SIZE) is None


def test_sizes_without_a_checkpoint(published: Published) -> None:
    """A tree nobody signed proves nothing, and no size is too odd to say so."""
    for size in (0, -1, SIZE + 1, 2**63, 10**30):
        assert published.proof(0, size) is None


async def test_sizes_between_two_checkpoints(tmp_path: Path) -> None:
    """Where a batch brought several entries, the sizes inside it have no checkpoint and so no proof."""
    async with a_log(tmp_path) as log:
        await asyncio.gather(*(log.append(a_decision()) for _ in range(9)))
    places, signer, _ = keys(tmp_path)
    published = Published(SqliteReader(places.store), signer.key)
    found = {size for size in range(12) if published.proof(0, size) is not None}
    published.close()
    assert found == {1, 10}


def test_leaves(whole: LongLog, published: Published) -> None:
    """The leaf of each entry, and none where there is none."""
    assert [published.leaf(index) for index in (0, 255, 256, 599)] == [whole.leaves[n] for n in (0, 255, 256, 599)]
    assert [published.leaf(index) for index in (-1, 600, 10**30)] == [None] * 3


async def test_what_another_process_wrote_is_seen(tmp_path: Path) -> None:
    """The newest checkpoint is that of the store, whoever made it, while the log goes on."""
    places, signer, _ = keys(tmp_path)
    async with a_log(tmp_path) as one:
        published = Published(SqliteReader(places.store), signer.key)
        assert published.newest()[1].size == 1
        async with a_log(tmp_path) as other:
            receipt = await other.append(a_decision())
            assert published.newest()[0] == receipt.checkpoint
        assert (await one.append(a_decision())).checkpoint == published.newest()[0]
        published.close()


def detail(ask: Callable[[], object]) -> str:
    """What is broken."""
    with pytest.raises(LogBroken) as caught:
        ask()
    return caught.value.detail


def test_a_spoilt_store_hands_out_nothing(whole: LongLog, tmp_path: Path) -> None:
    """No proof leaves that does not hold, and no tile with holes."""
    for number, (statement, ask, words) in enumerate(
        (
            (
                "UPDATE entry SET leaf = zeroblob(32) WHERE idx = 590",
                lambda p: p.proof(599),
                "entry 599 is not proved by the tree of size 600",
            ),
            (
                "UPDATE tile SET data = zeroblob(8192) WHERE n = 1",
                lambda p: p.proof(5),
                "entry 5 is not proved by the tree of size 600",
            ),
            ("DELETE FROM tile WHERE n = 1", lambda p: p.tile(Tile(1, 0, 2)), "tile 0/1 is missing"),
            (
                "DELETE FROM entry WHERE idx = 520",
                lambda p: p.tile(Tile(0, 2, 60)),
                "entries from 512 on are missing",
            ),
        )
    ):
        published = altered(whole, tmp_path / str(number), statement)
        assert detail(lambda ask=ask, published=published: ask(published)) == words  # type: ignore[misc]
        published.close()


def test_a_note_that_is_not_the_logs_is_not_handed_out(whole: LongLog, tmp_path: Path) -> None:
    """A checkpoint by another key, or stored under another size, is refused."""
    stranger = notes.NoteSigner(whole.signer.name, keys(tmp_path / "other")[1].private_key)
    note = stranger.sign(Checkpoint(whole.signer.name, SIZE, bytes(32)).body())
    published = altered(whole, tmp_path / "key", ("UPDATE checkpoint SET note = ? WHERE size = 600", (note,)))
    for ask in (published.newest, lambda: published.tile(Tile(0, 0)), lambda: published.proof(0)):
        assert detail(ask) == "the checkpoint of size 600 is not signed by this log's key"
    published.close()

    published = altered(whole, tmp_path / "size", "UPDATE checkpoint SET size = 601 WHERE size = 600")
    assert detail(published.newest) == "the checkpoint stored for size 601 is one of size 600"
    published.close()


def test_no_store_is_unavailable(whole: LongLog, tmp_path: Path) -> None:
    """A store that cannot be read is a log that is unavailable, not a defect."""
    published = Published(SqliteReader(tmp_path / "none.sqlite"), whole.signer.key)
    for ask in (published.newest, lambda: published.tile(Tile(0, 0)), lambda: published.proof(0, 1)):
        with pytest.raises(LogUnavailable):
            ask()
    with pytest.raises(LogUnavailable):
        published.leaf(0)


def test_roots_are_kept_within_bounds(whole: LongLog, published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many roots are asked for, only so many stay in memory, and all are right."""
    monkeypatch.setattr("gateway.audit.published._ROOTS", 1)
    for _ in range(2):
        for n in (0, 1):
            assert published._root(0, n) == merkle.root(whole.leaves[256 * n : 256 * (n + 1)])
            assert len(published._roots) == 1


async def test_the_outlet_serves_off_the_loop(whole: LongLog) -> None:
    """The same three things come out of the outlet; once closed it says so, and closing twice is harmless."""
    outlet = Outlet(whole.published())
    assert await outlet.checkpoint() == whole.notes[SIZE]
    data = await outlet.tile(tiles.tile_of(0, 2, SIZE))
    assert data == b"".join(whole.leaves[512:])
    text = await outlet.proof(5, 300)
    assert text is not None
    assert proofs.parse(text).checkpoint == whole.notes[300]
    assert await outlet.proof(5, 5) is None
    assert await outlet.tile(Tile(0, 9)) is None
    await outlet.close()
    await outlet.close()
    with pytest.raises(LogUnavailable):
        await outlet.checkpoint()
