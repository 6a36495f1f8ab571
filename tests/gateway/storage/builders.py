"""Batches and filled stores for the tests of storage."""

from gateway.storage.contract import Batch, Claim, EpochRow, Note, Row, Store, TileRow


def a_batch(first: int, count: int = 1, *, claims: tuple[str, ...] = (), size: int = 100) -> Batch:
    """A batch of rows from index `first` on; `size` bytes of content each. The first announces a key epoch."""
    return Batch(
        rows=[a_row(n, size=size) for n in range(first, first + count)],
        tiles=[TileRow(0, first, bytes(8192))],
        note=Note(first + count, 1, f"note {first + count}"),
        claims=[Claim("H14", jti, 1000) for jti in claims],
        epochs=[EpochRow(bytes([first % 256]) * 16, first, 1, 2, "2026-11")] if first == 0 else [],
    )


def a_row(index: int, *, tag: bytes | None = None, size: int = 100) -> Row:
    """A row whose tag repeats every seven rows unless given, with a leaf of its own."""
    return Row(index, index, tag or bytes([index % 7]) * 16, bytes(16), bytes(size), index.to_bytes(32, "big"))


def filled(store: Store, count: int = 5) -> None:
    """Some batches of one row."""
    for index in range(count):
        with store.write() as transaction:
            transaction.add(a_batch(index, claims=(f"jti-{index}",)))
