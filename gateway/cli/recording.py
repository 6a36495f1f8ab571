"""From a command to the access log: what a command changes is an entry before it takes effect.

Rule of this file: the log is opened like a gateway opens it, also while gateways run: writers take turns.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.settings import DEFAULT_CONFIG

if TYPE_CHECKING:
    from config.running import GatewaySettings
    from gateway.audit.events import Event
    from gateway.console.accounts.occurrences import Occurrence, Record
    from gateway.vault import Vault

    Append = Callable[[Event], Awaitable[object]]


class _Unseen:
    """A command has no metrics."""

    def committed(self, _: float, __: int, /) -> None:
        """Nothing to report to."""

    def failed(self) -> None:
        """Nothing to report to."""

    def queue(self, _: int, /) -> None:
        """Nothing to report to."""


@asynccontextmanager
async def opened(data_dir: Path, config: Path = DEFAULT_CONFIG) -> "AsyncIterator[tuple[Append, GatewaySettings]]":
    """What makes an event durable in the log of a data folder, and how its gateways run.

    Raises `DoorClosed` where the log cannot be opened or written, `ConfigError` where gateway.toml does not say which
    one it is.
    """
    from config.errors import ConfigError, Findings
    from config.gateway import Overrides
    from config.loader import examine
    from gateway.audit.errors import KeyFileRefused, LogError
    from gateway.audit.keys import Places, open_signer
    from gateway.audit.log import AccessLog
    from gateway.audit.ring import KeyRing
    from gateway.console.model import DoorClosed
    from gateway.storage.opening import open_store, parse_location

    def now() -> datetime:
        return datetime.now(UTC)

    findings, environ = Findings(), os.environ  # noqa: TID251 - a command hands it on
    settings = examine(config, environ, Overrides(data_dir=data_dir), findings, at=None).gateway
    # the registries' addresses and secrets are no concern of this command, so mistakes in other files do not stop it
    wrong = tuple(one for one in findings.problems if Path(one.file).name == "gateway.toml")
    if wrong:
        raise ConfigError(wrong)
    places = Places.under(data_dir)
    location = parse_location(settings.store, places.store)
    try:
        places.store.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        log = await AccessLog.open(
            open_store(location),
            open_signer(places, settings.log_origin),
            KeyRing(places.ring),
            origin=settings.log_origin,
            now=now,
            urandom=os.urandom,
            observe=_Unseen(),
        )
    except (KeyFileRefused, OSError) as error:
        raise DoorClosed(str(error)) from error
    except LogError as error:
        raise DoorClosed(error.code) from error

    async def append(event: "Event") -> None:
        try:
            await log.append(event)
        except LogError as error:
            raise DoorClosed(error.code) from error

    try:
        yield append, settings
    finally:
        await log.close()


@asynccontextmanager
async def with_vault(
    data_dir: Path, config: Path = DEFAULT_CONFIG
) -> "AsyncIterator[tuple[Append, Vault, GatewaySettings]]":
    """The same, and the vault of the data folder. Raises as `opened` does, and `KeyFileRefused` for the vault's key."""
    from gateway.audit.keys import Places
    from gateway.storage.opening import open_vault_store, parse_location
    from gateway.vault import Vault
    from gateway.vault.sealing import Sealer
    from gateway.vault.vault import open_key

    async with opened(data_dir, config) as (append, settings):
        key = open_key(data_dir / "keys" / "vault-key", os.urandom)
        location = parse_location(settings.store, Places.under(data_dir).store)
        vault = Vault(open_vault_store(location), Sealer(key, os.urandom), now=lambda: datetime.now(UTC))
        try:
            yield append, vault, settings
        finally:
            await vault.close()


@asynccontextmanager
async def recording(data_dir: Path, config: Path = DEFAULT_CONFIG) -> "AsyncIterator[Record]":
    """What makes an occurrence durable in the log of a data folder. Raises as `opened` does."""
    from gateway.console.recording import notice

    async with opened(data_dir, config) as (append, _):

        async def record(occurrence: "Occurrence") -> None:
            await append(notice(occurrence).as_event(datetime.now(UTC)))

        yield record


def actor() -> str:
    """The user of this machine who runs a command, as the operating system knows him."""
    import pwd

    uid = os.getuid()
    try:
        return f"command:{pwd.getpwuid(uid).pw_name}"
    except KeyError:  # containers run under numbers without a name
        return f"command:{uid}"
