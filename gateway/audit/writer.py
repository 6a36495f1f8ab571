"""One batch of entries into the one log, durable and signed. Runs in the log's writer thread.

A batch is one transaction over all processes (`Store.write`):

    1  read the tail behind the last durable size; the newest entry known here must still be there, else the
       log was rolled back; entries of other processes are taken over only under a checkpoint this log's key
       signed
    2  claim the one-time ids; an event whose id is taken is left out
    3  announce key epochs that have no entry yet, give out indices, complete tiles, sign the checkpoint of the new size
    4  add rows, tiles, checkpoint and claims; commit

Why the checkpoint is signed before the commit, in the same transaction. Signed afterwards, a crash would
leave entries no checkpoint covers, and every start would have to sign a tail it cannot tell from rows someone
added by hand. So here every durable entry is covered by a durable signature, and a tail without one is an
alarm, not work to catch up on. The price: a commit that fails leaves a signature for a tree that does not
exist. It never leaves this process (nobody is answered before the commit is known), and Ed25519 over the same
tree gives the same note, so a batch that turns out to have been kept carries exactly the note that was made.

A commit whose outcome is unknown is tried once more by the same path: step 1 then shows whether the batch is
there. Rule of this file: the edge kept in memory is always one that was read back or committed, never a hope.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.audit.edge import WIDTH, Edge, rebuild
from gateway.audit.entry import Sealed, announcement, microseconds, seal
from gateway.audit.epoch import Epoch
from gateway.audit.errors import LogBroken, LogUnavailable, Replayed
from gateway.audit.events import EntryKind
from gateway.audit.receipt import Once, Receipt
from gateway.storage.contract import (
    Batch,
    Claim,
    EpochRow,
    Note,
    OutcomeUnknown,
    Row,
    Store,
    StoreUnavailable,
    TileRow,
    Transaction,
)
from signing.errors import SigningError
from signing.notes import Checkpoint, NoteSigner, open_checkpoint

CLAIM_GRACE = timedelta(minutes=10)
"""How long a claim outlives the token's `exp`: far longer than the clock tolerance of 30 s."""

SWEEP_EVERY = timedelta(seconds=1)
SWEEP_LEAST = 256


@dataclass(frozen=True, slots=True)
class Item:
    """One event to write: its entries, and the id it may be written under once."""

    sealed: tuple[Sealed, ...]
    once: Once | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a transaction is about to add (None: nothing), and what its callers are told when it is kept."""

    batch: Batch | None
    edge: Edge
    results: list[Receipt | Replayed]
    announced: frozenset[bytes] = frozenset()

    def kept_in(self, fresh: Sequence[tuple[int, bytes]]) -> bool:
        """Whether these newer entries hold the batch: all of it or nothing, so its first leaf tells."""
        if self.batch is None:
            return False
        first = self.batch.rows[0]
        return (first.index, first.leaf) in fresh


class Writer:
    """Catches up with the store and extends it. Belongs to one thread; `note` may be read from any."""

    def __init__(
        self,
        store: Store,
        signer: NoteSigner,
        *,
        now: Callable[[], datetime],
        urandom: Callable[[int], bytes],
    ) -> None:
        self._store, self._signer = store, signer
        self._now, self._urandom = now, urandom
        self._announced: frozenset[bytes] = frozenset()
        self._edge: Edge | None = None
        self._uncertain: _Plan | None = None
        self._swept = now()
        self._claims_since = 0
        self.note = ""

    def start(self, epoch: Epoch) -> None:
        """Rebuild the edge from the store and announce the key epoch if it has no entry yet.

        Raises LogBroken when the store contradicts its newest checkpoint, LogUnavailable when it cannot be
        used.
        """
        self._commit([], [epoch])

    def commit(self, items: Sequence[Item]) -> list[Receipt | Replayed]:
        """Make a batch durable; one result per item, in order.

        Raises LogBroken and LogUnavailable for all of them.
        """
        return self._commit(items, [])

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    def _commit(self, items: Sequence[Item], epochs: Sequence[Epoch]) -> list[Receipt | Replayed]:
        self._uncertain = None
        try:
            try:
                return self._transact(items, epochs)
            except OutcomeUnknown:
                return self._transact(items, epochs)
        except StoreUnavailable as error:
            raise LogUnavailable("store") from error

    def _transact(self, items: Sequence[Item], epochs: Sequence[Epoch]) -> list[Receipt | Replayed]:
        with self._store.write() as transaction:
            edge, fresh = self._catch_up(transaction)
            if self._uncertain is not None and self._uncertain.kept_in(fresh):
                self._announced |= self._uncertain.announced
                return self._uncertain.results
            plan = self._plan(transaction, edge, items, epochs)
            if plan.batch is not None:
                transaction.add(plan.batch)
            self._sweep(transaction)
            self._uncertain = plan
        self._edge = plan.edge
        self._announced |= plan.announced
        if plan.batch is not None:
            self.note = plan.batch.note.text
            self._claims_since += len(plan.batch.claims)
        return plan.results

    # -- step 1

    def _catch_up(self, transaction: Transaction) -> tuple[Edge, Sequence[tuple[int, bytes]]]:
        """The edge of what the store holds now, and the entries that were not known here before."""
        if self._edge is None:
            self._edge = self._rebuilt(transaction)
            return self._edge, ()
        known = self._edge
        tail = transaction.tail(max(known.size - 1, 0))
        if known.size and (not tail or tail[0] != (known.size - 1, known.last)):
            raise LogBroken(f"entry {known.size - 1} is no longer what was made durable: rolled back or altered")
        fresh = tail[1:] if known.size else tail
        if fresh:
            _check_contiguous(fresh, known.size)
            edge, _ = known.extend([leaf for _, leaf in fresh])
            self._check_signed(transaction.newest_note(), edge)
            self._edge = edge
        return self._edge, fresh

    def _rebuilt(self, transaction: Transaction) -> Edge:
        note = transaction.newest_note()
        if note is None:
            if transaction.tail(0):
                raise LogBroken("there are entries but no checkpoint")
            return Edge()
        size = note.size
        behind = size % WIDTH
        tail = transaction.tail(size - (behind or 1))
        _check_contiguous(tail, size - (behind or 1))
        if len(tail) != (behind or 1):
            raise LogBroken(f"the newest checkpoint covers {size} entries, the store ends elsewhere")
        leaves = [leaf for _, leaf in tail] if behind else []

        def tile(level: int, n: int) -> bytes:
            data = transaction.tile(level, n)
            if data is None:
                raise LogBroken(f"tile {level}/{n} is missing")
            return data

        edge = rebuild(size, leaves, tail[-1][1], tile)
        self._check_signed(note, edge)
        return edge

    def _check_signed(self, note: Note | None, edge: Edge) -> None:
        """Only what this log's key signed is taken over: rows added by hand are never built upon."""
        if note is None or note.size != edge.size:
            raise LogBroken(f"no checkpoint covers exactly the {edge.size} entries of the store")
        try:
            checkpoint = open_checkpoint(note.text, self._signer.key, origin=self._signer.name)
        except SigningError as error:
            raise LogBroken(f"the checkpoint of size {note.size} is not signed by this log's key") from error
        if (checkpoint.size, checkpoint.root) != (edge.size, edge.frontier.root()):
            raise LogBroken(f"the checkpoint of size {note.size} has another root than the entries")
        self.note = note.text

    # -- steps 2 and 3

    def _plan(self, transaction: Transaction, edge: Edge, items: Sequence[Item], epochs: Sequence[Epoch]) -> _Plan:
        admitted, claims = self._admitted(transaction, items)
        sealed = [one for item, ok in zip(items, admitted, strict=True) if ok for one in item.sealed]
        at = self._now()
        known, new = self._unannounced(transaction, [*epochs, *(s.epoch for s in sealed if s.epoch is not None)])
        opening = [self._announcement(epoch, at) for epoch in new]
        entries = [*opening, *sealed]
        if not entries:
            return _Plan(None, edge, [Replayed() for _ in items], known)
        longer, tiles = edge.extend([one.leaf for one in entries])
        at_us = microseconds(at)
        text = self._signer.sign(Checkpoint(self._signer.name, longer.size, longer.frontier.root()).body())
        batch = Batch(
            rows=[_row(edge.size + number, one) for number, one in enumerate(entries)],
            tiles=[TileRow(tile.level, tile.n, tile.data) for tile in tiles],
            note=Note(longer.size, at_us, text),
            claims=claims,
            epochs=[
                EpochRow(epoch.kid, edge.size + number, at_us, _kind_of(epoch), epoch.period)
                for number, epoch in enumerate(new)
            ],
        )
        results: list[Receipt | Replayed] = []
        index = edge.size + len(opening)
        for item, ok in zip(items, admitted, strict=True):
            if not ok:
                results.append(Replayed())
                continue
            leaf, count = item.sealed[0].leaf, len(item.sealed)
            results.append(Receipt(index, leaf, self._signer.name, text, longer.size, count))
            index += count
        return _Plan(batch, longer, results, known | {epoch.kid for epoch in new})

    def _unannounced(self, transaction: Transaction, needed: Sequence[Epoch]) -> tuple[frozenset[bytes], list[Epoch]]:
        """Which of these epochs have their entry, and those that have none yet, each once."""
        fresh = {epoch.kid: epoch for epoch in needed if epoch.kid not in self._announced}
        if not fresh:
            return frozenset(), []
        known = transaction.announced(list(fresh))
        return known, [epoch for kid, epoch in fresh.items() if kid not in known]

    def _announcement(self, epoch: Epoch, at: datetime) -> Sealed:
        event = announcement(epoch, origin=self._signer.name, vkey=self._signer.vkey, at=at)
        return seal(event, None, self._urandom)[0]

    def _admitted(self, transaction: Transaction, items: Sequence[Item]) -> tuple[list[bool], list[Claim]]:
        """Per item whether it may be written, and the claims of those that may.

        The first of two equal ids wins.
        """
        wanted = [(item.once.iss, item.once.jti) for item in items if item.once is not None]
        taken = set(transaction.claimed(wanted)) if wanted else set()
        admitted: list[bool] = []
        claims: list[Claim] = []
        for item in items:
            once = item.once
            if once is None:
                admitted.append(True)
                continue
            fresh = (once.iss, once.jti) not in taken
            admitted.append(fresh)
            if fresh:
                taken.add((once.iss, once.jti))
                claims.append(Claim(once.iss, once.jti, microseconds(once.expires_at + CLAIM_GRACE)))
        return admitted, claims

    def _sweep(self, transaction: Transaction) -> None:
        """Forget expired claims about once a second, twice as many as were made since: bounded, and it keeps up."""
        now = self._now()
        if now - self._swept < SWEEP_EVERY:
            return
        transaction.forget(microseconds(now), SWEEP_LEAST + 2 * self._claims_since)
        self._swept, self._claims_since = now, 0


def _kind_of(epoch: Epoch) -> int:
    return next(kind.value for kind in EntryKind if kind.label == epoch.seals)


def _check_contiguous(tail: Sequence[tuple[int, bytes]], start: int) -> None:
    for expected, (index, _) in enumerate(tail, start):
        if index != expected:
            raise LogBroken(f"entry {expected} is missing")


def _row(index: int, sealed: Sealed) -> Row:
    return Row(index, sealed.at_us, sealed.subject_tag, sealed.actor_tag, sealed.envelope, sealed.leaf)
