"""The desk at which corrections are worked: the vault and the access log of a data folder, opened together."""

import csv as csv_format
import io
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.errors import Findings
from config.gateway import Overrides
from config.loader import examine
from gateway.audit.events import Change, Changed, Event, Inspected
from gateway.audit.keyfiles import replace_private
from gateway.audit.keys import Places
from gateway.cli.recording import actor, appending
from gateway.corrections import queue
from gateway.corrections.record import NEXT, Correction, Step, exported
from gateway.storage import opening
from gateway.vault import Vault
from gateway.vault import vault as vaults
from gateway.vault.sealing import Sealer
from signing.digest import content_digest

OPERATOR = "operator"
_COLUMNS = (
    *("id", "entry", "agency", "officer", "procedure", "dossier", "source", "field", "problem", "state"),
    *("subject", "shown", "proposed", "evidence"),
)
# A spreadsheet takes a text that begins like this for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Desk:
    """`append` returns when an entry is durable; `by`: who sits here."""

    vault: Vault
    append: Callable[[Event], Awaitable[None]]
    by: str

    async def find(self, named: str) -> Correction | None:
        """A correction. Nothing of it may be shown before `looked`."""
        return await queue.find(self.vault, named)

    async def listed(self, *, state: str | None = None, agency: str | None = None, limit: int) -> Sequence[Correction]:
        """Corrections, the newest first. Nothing personal of them may be shown before `looked`."""
        return await queue.listed(self.vault, state=state, agency=agency, limit=limit)

    async def looked(
        self, action: str, seen: Sequence[Correction], *, about: Mapping[str, str], digest: str | None = None
    ) -> None:
        """The `inspected` entry of what is about to be shown."""
        await self.append(
            Inspected(
                at=datetime.now(UTC),
                auditor=self.by,
                role=OPERATOR,
                scope=(),
                action=action,
                about=about,
                entries=tuple(one.entry for one in seen),
                found=len(seen),
                digest=digest,
                subjects=tuple({(s.kind, s.id): s for s in (one.subject for one in seen)}.values()),
            )
        )

    async def step(self, named: str, taken: Step) -> Correction | None:
        """A step, its `changed` entry durable before it. None: no such correction. ValueError: it may not follow."""
        before = await self.find(named)
        if before is None:
            return None
        if taken.state not in NEXT[before.state]:
            raise ValueError(f"{before.state.value} is not followed by {taken.state.value}")
        detail = f"{before.source} {before.field}: {before.state.value} to {taken.state.value}"
        change = Change("correction", named, "altered", detail)
        await self.append(Changed(at=taken.at, by=self.by, changes=(change,)))
        return await queue.step(self.vault, named, taken)

    async def export(self, found: Sequence[Correction], file: Path, content: bytes) -> None:
        """The file, its digest durable in the log before it."""
        about = {"source": found[0].source, "corrections": str(len(found))}
        await self.looked("corrections_exported", found, about=about, digest=content_digest(content))
        replace_private(file, content)


def written(found: Sequence[Correction], *, csv: bool) -> bytes:
    """Corrections as JSON lines, or as CSV whose texts no spreadsheet takes for formulas."""
    rows = [exported(one) for one in found]
    if not csv:
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    out = io.StringIO(newline="")
    writer = csv_format.writer(out)
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in _COLUMNS])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(_FORMULA) else text


@asynccontextmanager
async def desk(data_dir: Path, config: Path) -> AsyncIterator[Desk]:
    """The desk of a data folder.

    Raises `DoorClosed` and `ConfigError` as `appending` does, `KeyFileRefused` for the vault's key.
    """
    async with appending(data_dir, config) as append:
        vault = _vault(data_dir, config)
        try:
            yield Desk(vault, append, actor())
        finally:
            await vault.close()


def _vault(data_dir: Path, config: Path) -> Vault:
    environ = os.environ  # noqa: TID251 - a command hands it on
    settings = examine(config, environ, Overrides(data_dir=data_dir), Findings(), at=None).gateway
    key = vaults.open_key(data_dir / "keys" / "vault-key", os.urandom)
    location = opening.parse_location(settings.store, Places.under(data_dir).store)
    return Vault(opening.open_vault_store(location), Sealer(key, os.urandom), now=lambda: datetime.now(UTC))
