"""One export: what was asked for, by whom, and how far it has come. Its file is `<folder>/<key>/job.json`, mode 0600.

Rule of this file: values, and their form on the disk; what cannot be read is ValueError.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from gateway.audit.extract.selection import Selection
from gateway.audit.keyfiles import replace_private
from gateway.console.model import Account, Role, Scope, Wanted

LIFETIME = timedelta(days=7)
"""How long an export can be fetched, from when it was asked for."""

_NAME = "job.json"


class Stage(StrEnum):
    """How far an export is. Written files wait in `sealing` for the log and the gateway's signature."""

    WRITING = "writing"
    SEALING = "sealing"
    READY = "ready"
    FAILED = "failed"


UNDER_WAY = frozenset({Stage.WRITING, Stage.SEALING})


@dataclass(frozen=True, slots=True)
class Job:
    """An export. `key`: random, names it in addresses; `file`: the name of what is written; `about`: what was asked
    for, as the log is told; `masked`: of the subject; `search`: the entry about the search it was taken from, 0 for
    none; `reason`: a word for what is in the way, or why it failed; `entries`, `bytes`, `sha256`: of the finished file;
    `recorded`: the entry about it."""

    key: str
    owner: str
    role: Role
    scope: Scope
    form: str  # csv | jsonl
    file: str
    wanted: Wanted = field(repr=False)
    about: Mapping[str, str]
    masked: str
    search: int
    made: datetime
    stage: Stage = Stage.WRITING
    reason: str = ""
    entries: int = 0
    bytes: int = 0
    sha256: str = ""
    recorded: int = 0

    @property
    def ends(self) -> datetime:
        """When it is removed."""
        return self.made + LIFETIME

    @property
    def account(self) -> Account:
        """Who asked, as they were then."""
        return Account(self.owner, self.owner, self.role, self.scope, "vi")

    def selection(self) -> Selection:
        """The entries that are wanted. A scope leaves out every entry of another portal, and of no portal."""
        wanted = {one.name: getattr(self.wanted, one.name) for one in fields(Wanted) if one.name != "tags"}
        tags = None if self.wanted.tags is None else frozenset(self.wanted.tags)
        return Selection(**wanted, tags=tags, scope=self.scope.portals)

    def is_for(self, account: Account) -> bool:
        """Whether somebody may see it: its owner, while they may still see all it was made from."""
        if account.username != self.owner:
            return False
        mine = account.scope
        return mine.portals is None or (
            self.scope.portals is not None and all(mine.holds(portal) for portal in self.scope.portals)
        )


def write(folder: Path, job: Job) -> None:
    """Keep a job in its folder. Raises KeyFileRefused."""
    replace_private(folder / _NAME, (json.dumps(_said(job), ensure_ascii=False, indent=1) + "\n").encode())


def read(folder: Path) -> Job | None:
    """The job of a folder; None where there is none. Raises ValueError and OSError."""
    try:
        said = json.loads((folder / _NAME).read_bytes())
    except FileNotFoundError:
        return None
    try:
        return _job(said)
    except (KeyError, TypeError, AttributeError):
        raise ValueError(f"{folder}: not an export of this version") from None


def _said(job: Job) -> dict[str, Any]:
    said = {one.name: getattr(job, one.name) for one in fields(Job)}
    portals = job.scope.portals
    wanted = {one.name: getattr(job.wanted, one.name) for one in fields(Wanted)}
    for name in ("since", "until"):
        wanted[name] = None if wanted[name] is None else wanted[name].isoformat()
    if job.wanted.tags is not None:
        wanted["tags"] = [tag.hex() for tag in job.wanted.tags]
    return {
        **said,
        "scope": None if portals is None else sorted(portals),
        "made": job.made.isoformat(),
        "wanted": wanted,
    }


def _job(said: Mapping[str, Any]) -> Job:
    wanted = dict(said["wanted"])
    for name in ("since", "until"):
        wanted[name] = None if wanted[name] is None else datetime.fromisoformat(wanted[name])
    if wanted["tags"] is not None:
        wanted["tags"] = tuple(bytes.fromhex(tag) for tag in wanted["tags"])
    scope = Scope(None if said["scope"] is None else frozenset(said["scope"]))
    return Job(
        **{
            **said,
            "role": Role(said["role"]),
            "scope": scope,
            "wanted": Wanted(**wanted),
            "made": datetime.fromisoformat(said["made"]),
            "stage": Stage(said["stage"]),
        }
    )
