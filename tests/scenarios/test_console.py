"""The console as a process beside a real gateway: what an auditor sees is recorded first, or is not seen."""

import asyncio
import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.audit.check import check, parse_key
from gateway.audit.keys import Places
from gateway.audit.reading import newest
from gateway.audit.ring import KeyRing
from gateway.cli.demo import accounts
from gateway.cli.demo.look import Auditor, Seen
from gateway.client import Answer
from gateway.console import texts
from gateway.storage.sqlite_reader import SqliteReader
from tests.helpers.ports import held_port
from tests.helpers.processes import Country, Running, country
from tests.helpers.stack import PERSON, now

NUMBER = PERSON["personal_id"]
MESSAGES = texts.load()


@dataclass(slots=True)
class House:
    """Gateway and console, an answer somebody received, and an auditor who is signed in."""

    land: Country
    gateway: Running
    console: Running
    answer: Answer
    auditor: Auditor
    account: dict[str, Any]
    ops: str

    @property
    def data_dir(self) -> Path:
        """Of both processes."""
        return self.land.stage.data_dir

    def entries(self) -> list[Any]:
        """The entries of the log, the newest first."""
        places = Places.under(self.data_dir)
        reader = SqliteReader(places.store)
        try:
            return list(newest(reader, KeyRing(places.ring), subject=None))
        finally:
            reader.close()

    def inspected(self) -> list[dict[str, Any]]:
        """What is recorded of auditors, the newest first."""
        return [dict(entry.payload or {}) for entry in self.entries() if entry.kind == "inspected"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One call was answered. The keys that sign and those of deferred answers are away before the console starts."""
    with held_port() as port, country(tmp_path_factory.mktemp("house")) as land:
        at = f"127.0.0.1:{port}"  # where it comes back after it was killed
        gateway = land.gateway("--ops", at)
        answer = asyncio.run(_asked(land, gateway))
        ops, folder = gateway.ready["ops_url"], land.stage.data_dir
        (sample,) = asyncio.run(accounts.add(folder, [accounts.NATIONAL], gateway_url=ops, now=now))
        away = folder.with_name("away")
        away.mkdir()
        for key in ("log/log-key.pem", "keys/gateway-key.pem", "keys/jobs-key", "keys/vault-key"):
            (folder / key).rename(away / Path(key).name)
        console = land.console(gateway)
        for key in ("log/log-key.pem", "keys/gateway-key.pem", "keys/jobs-key", "keys/vault-key"):
            (away / Path(key).name).rename(folder / key)
        with Auditor(console.ready["console_url"], asdict(sample), now) as auditor:
            yield House(land, gateway, console, answer, auditor, asdict(sample), at)


async def _asked(land: Country, gateway: Running) -> Answer:
    async with land.client(gateway) as client:
        return await client.lookup_person(**PERSON, purpose=None)


def _until(holds: Callable[[], bool], seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.05)


def _says(page: Seen, key: str) -> bool:
    return any(MESSAGES[key][language] in page.text for language in ("vi", "en"))


def test_who_looked_at_this_person_and_who_asked_that(house: House) -> None:
    """An auditor finds the call by the number, opens it, and both looks are entries of a log that verifies."""
    assert house.answer.receipt is not None
    index = house.answer.receipt.index
    found = house.auditor.search(NUMBER, index)
    opened = house.auditor.read(f"/entries/{index}")
    assert (opened.status, "officer-07" in opened.text) == (200, True)
    assert NUMBER not in found.text + opened.text + found.address + opened.address
    looks = house.inspected()
    assert (looks[0]["action"], looks[0]["auditor"]) == ("opened", house.account["username"])
    assert index in looks[0]["entries"]
    searched = next(look for look in looks if look["action"] == "searched" and index in look["entries"])
    assert NUMBER not in json.dumps(searched)
    places = Places.under(house.data_dir)
    report = check(places.store, key=parse_key(house.gateway.ready["log"]["public_key"]))
    assert report.entries == len(house.entries())


def test_the_search_itself_is_found_by_the_same_number(house: House) -> None:
    """Whoever looked for a person is among those who looked at the person."""
    places = Places.under(house.data_dir)
    assert house.answer.receipt is not None
    house.auditor.search(NUMBER, house.answer.receipt.index)
    reader = SqliteReader(places.store)
    try:
        about = [entry.kind for entry in newest(reader, KeyRing(places.ring), subject=NUMBER)]
    finally:
        reader.close()
    assert about[0] == "inspected"
    assert {"decided", "disclosed"} <= set(about)


def test_the_console_has_no_way_to_write_the_log(house: House) -> None:
    """Its process has the store open for reading alone: the system itself would refuse a change."""
    house.auditor.read("/")
    store, modes = Places.under(house.data_dir).store.resolve(), []
    process = Path("/proc") / str(house.console.child.pid)
    for handle in (process / "fd").iterdir():
        if handle.readlink() == store:
            said = (process / "fdinfo" / handle.name).read_text(encoding="ascii")
            modes.append(int(re.findall(r"flags:\s+(\d+)", said)[0], 8) & os.O_ACCMODE)
    assert modes
    assert set(modes) == {os.O_RDONLY}


def test_names_are_read_again_without_a_restart(house: House) -> None:
    """SIGHUP takes a portal's new name; a broken file is refused by its line and the old name stays."""
    assert house.answer.receipt is not None
    portal, path = house.land.stage.config / "portals" / "H14.toml", f"/entries/{house.answer.receipt.index}"
    before = portal.read_text(encoding="utf-8")
    log = house.console.log
    try:
        portal.write_text(before.replace("Cổng dịch vụ công tỉnh Cao Bằng", "Cổng mang tên mới"), encoding="utf-8")
        house.console.child.send_signal(signal.SIGHUP)
        _until(lambda: '"reloaded"' in log.read_text(encoding="utf-8"))
        assert "Cổng mang tên mới" in house.auditor.read(path).text
        portal.write_text(before + "nonsense = [", encoding="utf-8")
        house.console.child.send_signal(signal.SIGHUP)
        _until(lambda: "reload_refused" in log.read_text(encoding="utf-8"))
        assert "Cổng mang tên mới" in house.auditor.read(path).text
    finally:
        portal.write_text(before, encoding="utf-8")


def test_a_console_with_another_secret_shows_nothing(house: House) -> None:
    """The gateway records for nobody but who holds its secret; who is not recorded for sees no page."""
    secret = house.data_dir / "keys" / "console-secret"
    right, count = secret.read_bytes(), len(house.entries())
    secret.write_bytes(b"A" * 44)
    try:
        other = house.land.console(house.gateway)
        cookies = house.auditor.cookies()
        for path in ("/", "/search", f"/entries/{count - 1}", "/integrity"):
            page = httpx.get(other.ready["console_url"] + path, cookies=cookies)
            if path != "/search":  # an empty form shows nothing of the log
                assert (page.status_code, NUMBER in page.text) == (503, False)
        direct = httpx.post(
            f"{house.gateway.ready['ops_url']}/log/events",
            headers={"authorization": f"Bearer {'A' * 44}"},
            content=b"{}",
        )
        assert direct.status_code == 401
        assert other.end() == 0
    finally:
        secret.write_bytes(right)
    assert len(house.entries()) == count


def test_without_the_gateway_nothing_is_shown_and_with_it_again(house: House) -> None:
    """The gateway is killed: pages say that nothing is recorded, and show nothing. It comes back, and so do they."""
    assert house.answer.receipt is not None
    path = f"/entries/{house.answer.receipt.index}"
    assert house.auditor.read(path).status == 200
    house.gateway.kill()
    for page in (house.auditor.read(path), house.auditor.read("/")):
        assert (page.status, "officer-07" in page.text, _says(page, "refused_log")) == (503, False, True)
    form = house.auditor.read("/search")
    refused = house.auditor.send("/search", form, subject=NUMBER)
    assert (refused.status, "/entries/" in refused.text) == (503, False)
    house.gateway = house.land.gateway("--ops", house.ops)
    _until(lambda: house.auditor.read(path).status == 200)
    assert house.inspected()[0]["action"] == "opened"


def test_the_console_stops_and_wrote_nothing_about_anybody(house: House) -> None:
    """SIGTERM ends it with status 0. No number, name, officer or account stands in what it wrote, nor any defect."""
    assert house.console.end() == 0
    written = house.console.log.read_text(encoding="utf-8")
    assert '"console_stopped"' in written
    secrets = [
        *PERSON.values(),
        "officer-07",
        house.account["username"],
        house.account["password"],
        "/entries/",
        "127.0.0.1,",
    ]
    assert [secret for secret in secrets if secret.casefold() in written.casefold()] == []
    assert "console_defect" not in written
