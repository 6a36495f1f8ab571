"""Tests of the door: the console's side and the gateway's, over a socket, into a real log."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.audit.errors import LogUnavailable
from gateway.audit.keys import Places
from gateway.audit.log import AccessLog
from gateway.audit.reading import Opened, opened
from gateway.audit.ring import KeyRing
from gateway.console.door import PATH, GatewayDoor
from gateway.console.model import EVERYTHING, Account, AccountChange, Action, DoorClosed, Inspection, Role, Scope
from gateway.ops.door import Door, handler
from gateway.storage.sqlite_reader import SqliteReader
from gateway.wire import notices
from mocks.server import serving
from tests.gateway.audit.builders import PERSON, a_log
from tests.helpers.ports import held_port

NOW = datetime(2026, 11, 24, 2, 0, 5, tzinfo=UTC)
SECRET = "a secret both hold"
NATION = Account("an.nguyen", "Nguyễn Văn An", Role.NATIONAL_AUDITOR, EVERYTHING, "vi")
PROVINCE = Account("binh.le", "Lê Thị Bình", Role.PROVINCIAL_AUDITOR, Scope(frozenset({"H15", "H14"})), "vi")
LOOKED = Inspection(NATION, Action.SEARCHED, about={"portal": "H14"}, entries=(1, 2), found=7, subject=PERSON)


@dataclass
class Doors:
    """The console's door to a gateway, the gateway's address, and what its log says."""

    door: GatewayDoor
    url: str
    folder: Path

    def entries(self) -> list[Opened]:
        """All of it, but what a log writes about itself."""
        places = Places.under(self.folder)
        reader, ring = SqliteReader(places.store), KeyRing(places.ring)
        try:
            found = [opened(row, ring) for row in reader.rows(0, 1000)]
        finally:
            reader.close()
        return [entry for entry in found if entry.kind in {"inspected", "changed"}]


def _signed(manifest: bytes) -> str:
    return f"signature over {manifest.decode()}"


@asynccontextmanager
async def _doors(folder: Path, *, secret: str = SECRET) -> AsyncIterator[Doors]:
    async with a_log(folder) as log:
        app = Starlette(routes=[Route(PATH, handler(Door(log, SECRET, _signed, lambda: NOW)), methods=["POST"])])
        async with serving({"ops": app}) as urls:
            door = GatewayDoor(urls["ops"] + "/", secret)
            try:
                yield Doors(door, urls["ops"], folder)
            finally:
                await door.close()


@asynccontextmanager
async def _gateway(answer: Any) -> AsyncIterator[GatewayDoor]:
    """A gateway that answers like this."""
    async with serving({"ops": Starlette(routes=[Route(PATH, answer, methods=["POST"])])}) as urls:
        door = GatewayDoor(urls["ops"], SECRET)
        try:
            yield door
        finally:
            await door.close()


async def test_an_inspection(tmp_path: Path) -> None:
    """Is durable when the door answers: who, what, which entries, how many; the person as a keyed tag alone."""
    async with _doors(tmp_path) as doors:
        recorded = await doors.door.inspected(LOOKED)
        (entry,) = doors.entries()
    assert (entry.index, entry.at, entry.kind) == (recorded.index, NOW, "inspected")
    assert entry.payload is not None
    said = {name: entry.payload[name] for name in ("auditor", "role", "action", "about", "entries", "matches")}
    assert said == {
        "auditor": "an.nguyen",
        "role": "national_auditor",
        "action": "searched",
        "about": {"portal": "H14"},
        "entries": [1, 2],
        "matches": 7,
    }
    assert entry.payload["subject"]["kind"] == "person"
    assert PERSON not in json.dumps(entry.payload)
    assert recorded.signature is None


async def test_an_export(tmp_path: Path) -> None:
    """The gateway signs the manifest after the entry is durable, and hands the signature over."""
    async with _doors(tmp_path) as doors:
        export = Inspection(PROVINCE, Action.EXPORTED, digest="sha-256=:AAAA:")
        recorded = await doors.door.inspected(export, manifest="file 1\n")
        (entry,) = doors.entries()
    assert recorded.signature == "signature over file 1\n"
    assert entry.payload is not None
    assert (entry.payload["scope"], entry.payload["digest"]) == (["H14", "H15"], "sha-256=:AAAA:")


async def test_a_change_of_accounts(tmp_path: Path) -> None:
    """Is an entry of its own kind."""
    async with _doors(tmp_path) as doors:
        recorded = await doors.door.changed(AccountChange("binh.le", "disabled", "root", "leave"))
        (entry,) = doors.entries()
    assert entry.payload is not None
    assert (entry.index, entry.kind, entry.payload["by"]) == (recorded.index, "changed", "root")
    assert entry.payload["changes"] == [{"what": "auditor", "name": "binh.le", "change": "disabled", "detail": "leave"}]


async def test_many_at_once(tmp_path: Path) -> None:
    """Everybody gets the entry of his own."""
    async with _doors(tmp_path) as doors:
        asked = [Inspection(NATION, Action.OPENED, about={"n": str(n)}) for n in range(20)]
        recorded = await asyncio.gather(*map(doors.door.inspected, asked))
        found = {entry.index: entry.payload["about"]["n"] for entry in doors.entries() if entry.payload}
    assert found == {one.index: str(n) for n, one in enumerate(recorded)}


async def test_more_entries_than_a_notice_takes(tmp_path: Path) -> None:
    """The first thousand are named, and how many there were is said."""
    async with _doors(tmp_path) as doors:
        await doors.door.inspected(Inspection(NATION, Action.SEARCHED, entries=tuple(range(1200)), found=1200))
        (entry,) = doors.entries()
    assert entry.payload is not None
    assert (len(entry.payload["entries"]), entry.payload["matches"]) == (notices.MOST_ENTRIES, 1200)


async def test_another_secret(tmp_path: Path) -> None:
    """Nothing is written, and the console is told why."""
    async with _doors(tmp_path, secret="another") as doors:
        with pytest.raises(DoorClosed) as closed:
            await doors.door.inspected(LOOKED)
        assert doors.entries() == []
    assert closed.value.reason == "unauthorized"


@pytest.mark.parametrize("headers", [[], [""], ["Bearer"], [SECRET], [f"bearer {SECRET}"], [f"Bearer {SECRET}"] * 2])
async def test_who_does_not_know_the_secret(tmp_path: Path, headers: list[str]) -> None:
    """None, another form, or two of them: 401, before anything is read."""
    async with _doors(tmp_path) as doors, httpx.AsyncClient() as client:
        answer = await client.post(doors.url + PATH, content=b"{", headers=[("authorization", one) for one in headers])
        assert doors.entries() == []
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"event": "decided"}', 400),
        (b'{"event": "changed", "by": "x", "what": "auditor", "name": "x", "change": "x", "extra": 1}', 400),
        (b'{"event": "changed", "event": "changed", "by": "x", "what": "y", "name": "z", "change": "w"}', 400),
        (b'{"event": "inspected", "auditor": "", "role": "r", "action": "a"}', 400),
        (b'{"event": "inspected", "auditor": "x", "role": "r", "action": "a", "entries": [-1]}', 400),
        (b"x" * (notices.BODY_BYTES + 1), 413),
    ],
)
async def test_what_is_no_notice(tmp_path: Path, body: bytes, status: int) -> None:
    """Refused without an echo of it, and nothing is written."""
    headers = {"authorization": f"Bearer {SECRET}"}
    async with _doors(tmp_path) as doors, httpx.AsyncClient() as client:
        answer = await client.post(doors.url + PATH, content=body, headers=headers)
        assert doors.entries() == []
    assert answer.status_code == status
    assert set(answer.json()) == {"status", "code"}


async def test_a_body_that_does_not_say_how_long_it_is(tmp_path: Path) -> None:
    """Its length is counted."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * notices.BODY_BYTES

    headers = {"authorization": f"Bearer {SECRET}"}
    async with _doors(tmp_path) as doors, httpx.AsyncClient() as client:
        assert (await client.post(doors.url + PATH, content=endless(), headers=headers)).status_code == 413


async def test_a_log_that_cannot_be_written() -> None:
    """503: the console shows nothing."""

    class Full:
        async def append(self, _: object) -> Any:
            raise LogUnavailable("disk_full")

    async with _gateway(handler(Door(Full(), SECRET, _signed, lambda: NOW))) as door:
        with pytest.raises(DoorClosed) as closed:
            await door.inspected(LOOKED)
    assert closed.value.reason == "log_unavailable"


async def test_nobody_answers() -> None:
    """The gateway is down."""
    with held_port() as port:  # where nobody listens
        gone = GatewayDoor(f"http://127.0.0.1:{port}", SECRET)
        with pytest.raises(DoorClosed) as closed:
            await gone.inspected(LOOKED)
        await gone.close()
    assert closed.value.reason == "unreachable"


def _ok(body: bytes, status: int = 201) -> Any:
    async def answer(_: Request) -> Response:
        return Response(body, status)

    return answer


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"<html>", 201, "garbled"),
        (b'{"index": "1"}', 201, "garbled"),
        (b'{"index": 1, "more": 2}', 201, "garbled"),
        (b'{"index": 1}', 200, "refused"),
        (b"<html>", 502, "garbled"),
        (b"[1]", 500, "garbled"),
        (b'{"code": "body_malformed"}', 400, "body_malformed"),
        (b"", 302, "garbled"),
    ],
)
async def test_what_is_no_answer(body: bytes, status: int, reason: str) -> None:
    """Anything but a created entry is a closed door, and no text of the notice is in the exception."""
    async with _gateway(_ok(body, status)) as door:
        with pytest.raises(DoorClosed) as closed:
            await door.inspected(LOOKED)
    assert closed.value.reason == reason
    assert PERSON not in repr(closed.value)


async def test_a_notice_that_cannot_be_said() -> None:
    """More than an entry can hold is not cut in silence: the door stays closed."""
    async with _gateway(_ok(b'{"index": 1}')) as door:
        for inspection in (
            Inspection(NATION, Action.SEARCHED, about={"x": "y" * 1025}),
            Inspection(NATION, Action.SEARCHED, about={str(n): "" for n in range(40)}),
        ):
            with pytest.raises(DoorClosed) as closed:
                await door.inspected(inspection)
            assert closed.value.reason == "malformed"
        with pytest.raises(DoorClosed):
            await door.inspected(LOOKED, manifest="x" * 5000)
        with pytest.raises(DoorClosed):
            await door.changed(AccountChange("x", "y" * 300, "z"))


async def test_the_secret_is_not_shown() -> None:
    """Neither side prints it, and neither prints whom an auditor asked about."""
    door = GatewayDoor("http://127.0.0.1:1", SECRET)
    log: AccessLog = object()  # type: ignore[assignment]  # never used
    assert SECRET not in repr(door) + repr(vars(door)) + repr(Door(log, SECRET, _signed, lambda: NOW))
    assert PERSON not in repr(LOOKED)
    await door.close()
