"""Items and vaults with defaults."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha512
from pathlib import Path
from typing import Any

from gateway.storage.sqlite import SqliteStore
from gateway.vault import Item, Space, Vault
from gateway.vault.sealing import Sealer
from tests.gateway.jobs.builders import Clock
from tests.helpers import builders

KEY = bytes(range(32))
TAG = b"t" * 16
ITEM = Item(
    Space.ANSWER, b"i" * 32, "H14", "open", builders.AT, builders.AT + timedelta(hours=1), "Nguyễn".encode(), (TAG,)
)


def item(number: int = 0, **changes: Any) -> Item:
    """An item of an hour."""
    return replace(ITEM, **({"id": bytes([number]) * 32} | changes))


def sealer(key: bytes = KEY) -> Sealer:
    """A sealer whose salts can be said in advance."""
    numbers = iter(range(1_000_000))
    return Sealer(key, lambda size: sha512(next(numbers).to_bytes(4)).digest()[:size])


def vault(folder: Path, clock: Clock, key: bytes = KEY) -> Vault:
    """One process's vault over the store in `folder`."""
    return Vault(SqliteStore(folder / "log.sqlite"), sealer(key), now=clock)
