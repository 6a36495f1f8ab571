"""A thief has the store's files, the console's index too, and no key, and tries every person of a province and year.

A Vietnamese personal number is 3 digits of a province, 1 of sex and century, 2 of the year of birth and 6 more: who
knows the first six has a million numbers left to try. Against a plain hash, or one keyed with anything that is public,
that is seconds. The control finds everyone with the search key: the thief's loop sees what is there to be seen.

Tried are not the columns that are meant for searching but every 16 bytes in a row of every file, so also what nobody
thought of: digests without a salt (of the request in its token, of the answer) and tags of family names.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway import text
from gateway.audit.events import EntryKind
from gateway.audit.export import Exporter
from gateway.audit.keys import Places
from gateway.console.index.builder import Builder
from gateway.console.index.keyed import open_key
from gateway.storage.sqlite_reader import SqliteReader
from signing.digest import content_digest
from tests.gateway.audit.builders import (
    ORIGIN,
    START,
    TAX_CODE,
    Clock,
    a_context,
    a_decision,
    a_disclosure,
    a_log,
    a_refusal,
    a_subject,
    an_inspection,
    keys,
)

BORN = b"089192"
"""Not from 000 to 004: in binary those have four bytes, and the zeros before and behind them are all over a store."""
PEOPLE = [f"{BORN.decode()}{(number * 16_127 + 123) % 1_000_000:06d}" for number in range(60)]
FAMILIES = ("Nguyễn", "Đặng", "Hoàng", "Trịnh")
OFFICER, DOSSIER, AUDITOR = "cb-khong-ai-biet", "H14.12-261122-7777", "kiem-tra-bi-mat"
DECEMBER = datetime(2026, 12, 3, 2, 0, tzinfo=UTC)


FAMILY_NAMES = """
    Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Trịnh Đinh Mai Tô Trương Lương Tạ Chu Châu
    Cao Lâm Phùng Quách Thái Tăng Từ Vương Đào Đoàn Hà La Lưu Ninh Giàng Nông Vi Ma Triệu Tống Kiều Bạch An Ân Y Siu
"""


@dataclass(frozen=True, slots=True)
class Loot:
    """`data`: every byte of the store and of the index; `windows`: every 16 bytes in a row that are in it."""

    folder: Path
    data: bytes
    windows: frozenset[bytes]


def question(person: bytes) -> bytes:
    """The body of a look-up by number alone: the least there is to guess."""
    return b'{"personal_id":"%s"}' % person


def token_for(person: str) -> str:
    """A request token as the log keeps it: what was signed holds the digest of the question, without a salt."""
    said = json.dumps({"digest": content_digest(question(person.encode()))}).encode()
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b'{"alg":"ES256"}', said, b"s"))


@pytest.fixture(scope="module")
def loot(tmp_path_factory: pytest.TempPathFactory) -> Loot:
    """What is stolen: the store of a log of two months, with look-ups of sixty people and one firm."""
    folder = tmp_path_factory.mktemp("log")
    asyncio.run(_filled(folder))
    _indexed(folder)
    store = Places.under(folder).store
    files = [*sorted(store.parent.glob("log.sqlite*")), *sorted((folder / "console").glob("index.sqlite*"))]
    data = b"".join(path.read_bytes() for path in files)
    return Loot(folder, data, frozenset(data[at : at + 16] for at in range(len(data) - 15)))


async def _filled(folder: Path) -> None:
    clock, context = Clock(), a_context(officer=OFFICER, dossier=DOSSIER)
    async with a_log(folder, now=clock) as log:
        for number, person in enumerate(PEOPLE):
            at = START if number < 40 else DECEMBER
            whom = (a_subject(id=person, family=FAMILIES[number % 4]),)
            token, digest = token_for(person), content_digest(question(person.encode()))
            await log.append(a_decision(at=at, context=context, subjects=whom, token=token))
            if number % 3 == 0:
                await log.append(a_refusal(at=at, context=context, subjects=whom, token=token, digest=digest))
            else:
                await log.append(a_disclosure(at=at, context=context, subjects=whom, token=token, digest=digest))
        firm = (a_subject(role="enterprise", kind="enterprise", id=TAX_CODE),)
        await log.append(a_decision(at=DECEMBER, context=context, subjects=firm))
        await log.append(an_inspection(at=DECEMBER, auditor=AUDITOR, subjects=(a_subject(id=PEOPLE[0]),)))


def _indexed(folder: Path) -> None:
    """What the console made of it, with its own key."""
    place = folder / "console"
    place.mkdir()
    reader = SqliteReader(Places.under(folder).store)
    builder = Builder(reader, keys(folder)[2], place / "index.sqlite", open_key(place / "index.key", os.urandom))
    while builder.step():
        pass
    assert builder.next > 120
    builder.close()
    reader.close()


@pytest.fixture(scope="module")
def born() -> list[bytes]:
    """Every number there is."""
    return [b"%s%06d" % (BORN, number) for number in range(1_000_000)]


def tried(loot: Loot, born: list[bytes], hashed: Callable[[bytes], bytes]) -> set[str]:
    """The numbers whose hash, cut to the length of a tag, is anywhere in the store."""
    windows = loot.windows
    return {number.decode() for number in born if hashed(number)[:16] in windows}


def keyed(key: bytes) -> Callable[[bytes], bytes]:
    """The formula of a person's tag under a key."""
    return lambda number: hmac.digest(key, b"person\x00" + number, "sha256")


def public(loot: Loot) -> dict[str, bytes]:
    """What a thief reads in the store itself, and could take for a key."""
    _, signer, ring = keys(loot.folder)
    epoch = ring.current(EntryKind.DECIDED, START, no_random)
    assert base64.b64encode(epoch.search_commitment) in loot.data
    known = {"origin": ORIGIN.encode(), "key id": epoch.kid, "public key": signer.vkey.encode()}
    assert all(value in loot.data for value in known.values())
    return {**known, "commitment": epoch.search_commitment}


def no_random(count: int) -> bytes:
    """Stands for a draw that must not happen."""
    raise AssertionError(f"{count} random bytes were drawn")


def test_a_plain_hash_finds_nobody(loot: Loot, born: list[bytes]) -> None:
    """No SHA-256 of a number, bare or as a person's, is in the store."""
    assert tried(loot, born, lambda number: hashlib.sha256(number).digest()) == set()
    assert tried(loot, born, lambda number: hashlib.sha256(b"person\x00" + number).digest()) == set()


def test_a_digest_without_a_salt_is_nowhere_in_clear(loot: Loot, born: list[bytes]) -> None:
    """The digest of a question that holds nothing but a number is guessed in a second where it can be seen: nowhere."""
    assert tried(loot, born, lambda number: hashlib.sha256(question(number)).digest()) == set()
    assert tried(loot, born, lambda number: base64.b64encode(hashlib.sha256(question(number)).digest()[:12])) == set()


@pytest.mark.parametrize("name", ["origin", "key id", "public key", "commitment"])
def test_a_hash_keyed_with_what_is_public_finds_nobody(loot: Loot, born: list[bytes], name: str) -> None:
    """The right formula under something everyone knows gives no tag: not even under the commitment to the right key."""
    assert tried(loot, born, keyed(public(loot)[name])) == set()


def test_the_search_key_finds_everyone_of_its_kind_and_month(loot: Loot, born: list[bytes]) -> None:
    """The control: the same loop with the key of a kind and month finds exactly the people refused then."""
    key = keys(loot.folder)[2].current(EntryKind.REFUSED, DECEMBER, no_random).search_key
    there = {person for number, person in enumerate(PEOPLE) if number >= 40 and number % 3 == 0}

    assert tried(loot, born, keyed(key)) == there


def test_a_family_name_is_guessed_with_its_key_alone(loot: Loot) -> None:
    """There are few family names: their tags in the index are those of the search key, and of nothing public."""
    windows = frozenset(loot.data[at : at + 8] for at in range(len(loot.data) - 7))
    ring = keys(loot.folder)[2]

    def guessed(key: bytes) -> set[str]:
        message = {name: b"family\x00" + text.fold(name).encode() for name in FAMILY_NAMES.split()}
        return {name for name, said in message.items() if hmac.digest(key, said, "sha256")[:8] in windows}

    plain = {name for name in FAMILY_NAMES.split() if hashlib.sha256(text.fold(name).encode()).digest()[:8] in windows}
    assert plain == set()
    assert [guessed(key) for key in public(loot).values()] == [set()] * 4
    assert guessed(ring.current(EntryKind.DECIDED, DECEMBER, no_random).search_key) == set(FAMILIES)


def test_nobody_is_followed_over_months_or_kinds(loot: Loot) -> None:
    """No two entries of different months or kinds share a tag, though all are about the same sixty people."""
    reader = SqliteReader(Places.under(loot.folder).store)
    rows = reader.rows(0, 10_000)
    reader.close()
    seen: dict[bytes, set[bytes]] = {}
    for row in rows:
        assert row.envelope is not None
        for tag in (row.subject_tag, row.actor_tag):
            if any(tag):
                seen.setdefault(tag, set()).add(row.envelope[10:26])

    assert len(rows) > 120
    assert {len(epochs) for epochs in seen.values()} == {1}


def test_no_personal_text_is_in_the_store_or_an_export(loot: Loot, tmp_path: Path) -> None:
    """No number, name, official, dossier or auditor stands in any file that may leave, in whatever usual encoding."""
    places, signer, _ = keys(loot.folder)
    reader = SqliteReader(places.store)
    Exporter(reader, signer.key, tmp_path, ring=None).write()
    reader.close()
    files = b"".join(path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file())
    texts = [*PEOPLE, TAX_CODE, *FAMILIES, OFFICER, DOSSIER, AUDITOR, "cb-0042", "person.full_name"]
    for one in texts:
        forms = {one.encode(), one.lower().encode(), one.encode("utf-16-le"), one.encode("unicode_escape")}
        forms.add(base64.b64encode(one.encode()).rstrip(b"=")[:-1])
        if one.isdigit():
            forms |= {struct.pack(">Q", int(one))[2:], struct.pack("<Q", int(one))[:6]}
        for form in forms:
            assert len(form) > 5, "shorter ones come up by chance in so much ciphertext"
            assert form not in loot.data, one
            assert form not in files, one
    assert b"1.004222" not in Places.under(loot.folder).store.read_bytes()


def test_the_control_of_the_texts_sees_what_is_there(loot: Loot) -> None:
    """Someone who has the keys as well finds each of those texts: they are in the entries, sealed."""
    ring = keys(loot.folder)[2]
    reader = SqliteReader(Places.under(loot.folder).store)
    found = b""
    for row in reader.rows(0, 10_000):
        assert row.envelope is not None
        epoch = ring.find(row.envelope[10:26])
        if epoch is not None and row.envelope[1] != EntryKind.KEY_EPOCH:
            found += epoch.cipher.decrypt(row.envelope[58:70], row.envelope[70:], row.envelope[:70])
    reader.close()

    assert all(said.encode() in found for said in (OFFICER, DOSSIER, AUDITOR))
    assert all(content_digest(question(person.encode())).encode() in found for person in PEOPLE)
    assert not any(person.encode() in found for person in PEOPLE)
