"""The check as a process of its own: what it says of a store that holds, of altered ones, and of a database."""

import asyncio
import io
import json
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.events import Event
from gateway.audit.keys import Places
from gateway.console.checking import Job, checked
from gateway.storage.opening import Location, open_store
from signing.encoding import base64_standard
from signing.notes import parse_checkpoint
from tests.gateway.audit.builders import a_decision, a_disclosure, a_log, a_refusal, keys
from tests.helpers.postgres import CONSOLE, GATEWAY, Server, as_role, emptied_database

EVENTS: tuple[Event, ...] = (a_decision(), a_disclosure(), a_refusal(), a_decision(), a_disclosure())


async def _written(folder: Path, location: Location | None = None) -> str:
    """A log of these events; its vkey."""
    store = open_store(location) if location else None
    async with a_log(folder, store=store) as log:
        for event in EVENTS:
            await log.append(event)
    return keys(folder)[1].vkey


def _job(folder: Path, vkey: str, **changes: Any) -> dict[str, Any]:
    places = Places.under(folder)
    given = {"path": str(places.store), "url": None, "vkey": vkey, "earlier": None, "witnesses": [], "keys": None}
    (folder / "temporary").mkdir(exist_ok=True)
    return {**given, "temporary": str(folder / "temporary"), **changes}


def _said(job: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the process prints."""
    process = subprocess.run(
        [sys.executable, "-m", "gateway.console.checking"],
        input=json.dumps(job).encode(),
        capture_output=True,
        check=True,
    )
    assert process.stderr == b""
    return [json.loads(line) for line in process.stdout.splitlines()]


async def test_process(tmp_path: Path) -> None:
    """A process that is given a job tells how far it is, and at the end what holds, with the checkpoint it checked."""
    vkey = await _written(tmp_path)
    *progress, outcome = _said(_job(tmp_path, vkey, keys=str(Places.under(tmp_path).ring)))
    size = outcome["size"]
    assert progress[-1] == {"phase": "checking", "done": size, "of": size}
    assert outcome["outcome"] == "holds"
    checkpoint = parse_checkpoint(outcome["note"].rpartition("\n\n")[0] + "\n")
    assert (checkpoint.size, base64_standard(checkpoint.root)) == (size, outcome["root"])
    assert (outcome["opened"], outcome["clear"], outcome["sealed"]) == (len(EVENTS), size - len(EVENTS), 0)


async def test_keys_away(tmp_path: Path) -> None:
    """Without the folder of its keys a log is verified all the same; its contents stay sealed."""
    vkey = await _written(tmp_path)
    outcome = checked(Job.of(_job(tmp_path, vkey, keys=str(tmp_path / "away"))), io.StringIO())
    assert (outcome["outcome"], outcome["opened"], outcome["sealed"]) == ("holds", 0, len(EVENTS))


async def test_altered(tmp_path: Path) -> None:
    """The first altered entry is named."""
    vkey = await _written(tmp_path)
    connection = sqlite3.connect(Places.under(tmp_path).store)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE entry SET env = zeroblob(200) WHERE idx IN (3, 4)")
    connection.commit()
    connection.close()
    outcome = _said(_job(tmp_path, vkey))[-1]
    assert (outcome["outcome"], outcome["entry"]) == ("broken", 3)
    assert "altered" in outcome["what"]


@pytest.mark.parametrize(
    "change", [{"path": "/nowhere/log.sqlite"}, {"vkey": "none"}, {"earlier": "no note"}, {"witnesses": ["none"]}]
)
async def test_no_verdict(tmp_path: Path, change: dict[str, Any]) -> None:
    """What cannot be checked is neither whole nor broken, and a sentence says why."""
    vkey = await _written(tmp_path)
    outcome = checked(Job.of({**_job(tmp_path, vkey), **change}), io.StringIO())
    assert outcome["outcome"] == "failed"
    assert outcome["what"]


def test_database(tmp_path: Path, server: Server) -> None:
    """A database is exported with the console's right to read alone, checked, and the export removed; an altered entry
    is named."""
    url = emptied_database(server)
    vkey = asyncio.run(_written(tmp_path, Location(url=as_role(url, GATEWAY))))
    job = _job(tmp_path, vkey, path=None, url=as_role(url, CONSOLE), keys=str(Places.under(tmp_path).ring))
    outcome = _said(job)[-1]
    assert outcome["outcome"] == "holds", outcome
    assert outcome["opened"] == len(EVENTS)
    assert parse_checkpoint(outcome["note"].rpartition("\n\n")[0] + "\n").size == outcome["size"]
    assert list((tmp_path / "temporary").iterdir()) == []
    wrong = _said({**job, "earlier": outcome["note"], "url": as_role(url, CONSOLE).replace("synthetic", "another")})[-1]
    assert wrong["outcome"] == "failed"
    assert "another" not in json.dumps(wrong)
