"""The desk at which corrections are worked: the vault and the access log of a data folder, opened together."""

import csv as csv_format
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.audit.events import Change, Changed, Event, Inspected
from gateway.audit.extract.sheet import neutral, visible
from gateway.audit.keyfiles import replace_private
from gateway.cli.recording import actor, with_vault
from gateway.corrections import queue
from gateway.corrections.record import NEXT, Correction, Step, exported
from gateway.vault import Vault
from signing.digest import content_digest

OPERATOR = "operator"
_COLUMNS = (
    *("id", "entry", "agency", "officer", "procedure", "dossier", "source", "field", "problem", "state"),
    *("subject", "shown", "proposed", "evidence"),
)

SHOWN, EXPORTED = "correction_shown", "corrections_exported"
"""What a command looked at, as the log says it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """`append` returns when an entry is durable; `by`: who sits here."""

    vault: Vault
    append: Callable[[Event], Awaitable[object]]
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
        await self.looked(EXPORTED, found, about=about, digest=content_digest(content))
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
    if isinstance(value, int):
        return str(value)
    return neutral(visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))


@asynccontextmanager
async def desk(data_dir: Path, config: Path) -> AsyncIterator[Desk]:
    """The desk of a data folder.

    Raises `DoorClosed`, `ConfigError` and `KeyFileRefused` as `with_vault` does.
    """
    async with with_vault(data_dir, config) as (append, vault, _):
        yield Desk(vault, append, actor())
