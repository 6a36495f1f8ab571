"""Key epochs, as the checker sees them: announced for a kind and a month, committed to, opened, erased."""

import asyncio
import base64
import json
import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.audit import check
from gateway.audit.entry import HEADER, Sealed, announcement, canonical, microseconds, seal
from gateway.audit.epoch import NO_TAG, Epoch
from gateway.audit.events import EntryKind, ErasedEpoch, Event, Heartbeat, Redacted
from gateway.audit.export import Exporter
from gateway.audit.keys import Places
from gateway.audit.log import AccessLog
from gateway.audit.writer import Item
from gateway.storage.sqlite_reader import SqliteReader
from signing.merkle import leaf_hash
from tests.gateway.audit.builders import (
    ORIGIN,
    START,
    a_change,
    a_decision,
    a_disclosure,
    a_log,
    a_new_epoch,
    a_redaction,
    a_refusal,
    an_epoch,
    an_inspection,
    keys,
)
from tests.gateway.audit.check.test_check import sql


async def write(log: AccessLog, *sealed: Sealed) -> None:
    """Entries as they are given, made durable and signed like any other."""
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(log._write_thread, log._writer.commit, [Item(sealed, None)])


def as_written(header: bytes, body: bytes) -> Sealed:
    """An entry of these bytes, whose columns fit them."""
    _, _, at_us, _, subject, actor, _ = HEADER.unpack(header)
    return Sealed(at_us, subject, actor, header + body, leaf_hash(header + body), None)


def in_clear(kind: int, said: Any, **parts: bytes) -> Sealed:
    """An entry in clear with a header of our own."""
    zeros = {"epoch": bytes(16), "subject": NO_TAG, "actor": NO_TAG, "nonce": bytes(12), **parts}
    header = HEADER.pack(1, kind, microseconds(START), *zeros.values())
    return as_written(header, canonical(said) if isinstance(said, dict) else said)


def sealed_payload(epoch: Epoch, event: Event, **members: Any) -> Sealed:
    """An entry whose content says something else than its tags; None takes a member away."""
    (one,) = seal(event, epoch, os.urandom)
    header = one.envelope[: HEADER.size]
    said = json.loads(epoch.cipher.decrypt(header[-12:], one.envelope[HEADER.size :], header))
    said = {name: value for name, value in {**said, **members}.items() if value is not None}
    made = as_written(header, epoch.cipher.encrypt(header[-12:], canonical(said), header))
    return replace(made, epoch=epoch)


def verify(folder: Path, **more: object) -> check.Report:
    """What the checker says of the store."""
    places = Places.under(folder)
    return check.check(places.store, key=check.parse_key(places.vkey.read_text()), **more)  # type: ignore[arg-type]


def opened(folder: Path) -> check.Report:
    """The same with the key ring."""
    return verify(folder, keys=check.read_keys(Places.under(folder).ring))


def found(folder: Path, **more: object) -> tuple[int | None, str]:
    """The violation it names."""
    with pytest.raises(check.Violation) as caught:
        verify(folder, **more)
    return caught.value.index, caught.value.what


def part(folder: Path, keep: int) -> Path:
    """An export that begins with the bundle `keep`."""
    places, signer, _ = keys(folder)
    reader = SqliteReader(places.store)
    Exporter(reader, signer.key, folder / "part", ring=None).write(first=256 * keep)
    reader.close()
    return folder / "part"


async def one_of_each(log: AccessLog) -> None:
    """An entry of every kind that is sealed, and a heartbeat: 5 + 1, and 4 announcements beside the log's first."""
    for event in (a_decision(), a_disclosure(), a_refusal(), an_inspection(), a_change(), Heartbeat(START)):
        await log.append(event)


async def test_a_key_ring_opens_what_it_has_keys_for(tmp_path: Path) -> None:
    """With the folder everything is opened, with one file what is under it, with nothing nothing."""
    async with a_log(tmp_path) as log:
        await one_of_each(log)
    everything = opened(tmp_path)
    assert (everything.opened, everything.clear, everything.sealed, everything.erased) == (5, 6, 0, 0)
    assert everything.remarks == ()
    one = check.read_keys(Places.under(tmp_path).ring / "2026-11.refused.json")
    report = verify(tmp_path, keys=one)
    assert (report.opened, report.clear, report.sealed, report.erased) == (1, 6, 4, 0)
    report = verify(tmp_path)
    assert (report.opened, report.clear, report.sealed, report.erased) == (0, 6, 5, 0)


async def test_keys_that_are_not_those_used_are_recognised(tmp_path: Path) -> None:
    """Other keys under the same name break the commitment that stands in the log; strange ones are remarked on."""
    async with a_log(tmp_path) as log:
        await one_of_each(log)
    ring = check.read_keys(Places.under(tmp_path).ring)
    disclosed = an_epoch(tmp_path, kind=check_kind("disclosed"))
    right = ring[disclosed.kid]
    wrong = check.EpochKeys(right.epoch, os.urandom(32), right.search)
    assert found(tmp_path, keys={**ring, right.epoch: wrong}) == (
        2,
        "the sealing key given is not the one the epoch was announced with",
    )
    wrong = check.EpochKeys(right.epoch, right.sealing, os.urandom(32))
    index, sentence = found(tmp_path, keys={right.epoch: wrong})
    assert (index, "search key given is not the one" in sentence) == (2, True)
    other = check.EpochKeys(os.urandom(16), right.sealing, right.search)
    assert verify(tmp_path, keys={other.epoch: other}).remarks == ("no entry belongs to the keys given",)


def check_kind(label: str) -> EntryKind:
    """The kind with this name."""
    return next(kind for kind in EntryKind if kind.label == label)


async def test_an_entry_under_an_unannounced_epoch_is_named(tmp_path: Path) -> None:
    """A signed entry whose keys nobody committed to is a violation."""
    stranger = a_new_epoch()
    async with a_log(tmp_path) as log:
        log._writer._announced |= {stranger.kid}
        await write(log, *seal(a_decision(), stranger, os.urandom))
    assert found(tmp_path) == (1, "its key epoch was never announced")


async def test_an_entry_under_keys_for_another_kind_is_named(tmp_path: Path) -> None:
    """Each kind has its own keys, or erasing one kind would erase, or keep, another."""
    async with a_log(tmp_path) as log:
        await write(log, *seal(a_refusal(), an_epoch(tmp_path), os.urandom))
    assert found(tmp_path) == (1, "it is sealed under keys that were announced for decided entries")


async def test_an_entry_under_keys_of_another_month_is_remarked_on(tmp_path: Path) -> None:
    """The month is a matter of clocks: said, and no violation. Its first and last microsecond are its own."""
    first = START.replace(day=1, hour=0)
    last = first.replace(month=12) - timedelta(microseconds=1)
    async with a_log(tmp_path) as log:
        november = an_epoch(tmp_path)
        for at in (first, START, last, last + timedelta(microseconds=1)):
            await write(log, *seal(a_decision(at=at), november, os.urandom))
    remarks = [remark for remark in opened(tmp_path).remarks if "timed" not in remark]  # the announcement is of START
    assert remarks == ["entry 4 is not of 2026-11, the month of its keys (clocks, not a violation)"]


async def test_very_many_remarks_are_counted(tmp_path: Path) -> None:
    """Only the first twenty are kept: memory does not grow with what is wrong."""
    async with a_log(tmp_path) as log:
        december = a_decision(at=START.replace(month=12))
        for _ in range(30):
            await write(log, *seal(december, an_epoch(tmp_path), os.urandom))
    remarks = verify(tmp_path).remarks
    assert (len(remarks), remarks[-1]) == (21, "10 more remarks like these")


async def test_a_key_epoch_is_announced_once(tmp_path: Path) -> None:
    """A second announcement under the same name could commit to keys that open the same entries to another text."""
    _, signer, _ = keys(tmp_path)
    async with a_log(tmp_path) as log:
        await log.append(a_decision())
        forged = replace(a_new_epoch(), kid=an_epoch(tmp_path).kid)
        await log.append(announcement(forged, origin=ORIGIN, vkey=signer.vkey, at=START))
    assert found(tmp_path) == (2, "it announces a key epoch that is that of entry 0 already")


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"seals": "heartbeat"}, "a kind of entry that is never sealed"),
        ({"seals": 1}, "a kind of entry that is never sealed"),
        ({"period": "2026-13"}, "a time that is no month"),
        ({"period": "2026-1١"}, "a time that is no month"),
        ({"period": 202611}, "a time that is no month"),
        ({"period": "0000-01"}, "a time that is no month"),
        ({"period": None}, "a time that is no month"),
        ({"origin": "other.example"}, "a key epoch of another log"),
        ({"epoch": "00" * 16}, "does not fit its header"),
    ],
)
async def test_an_announcement_that_makes_no_sense_is_named(
    tmp_path: Path, members: dict[str, Any], words: str
) -> None:
    """What an announcement says is read with care, whoever signed it."""
    _, signer, _ = keys(tmp_path)
    epoch = a_new_epoch()
    (one,) = seal(announcement(epoch, origin=ORIGIN, vkey=signer.vkey, at=START), None, os.urandom)
    said = {**json.loads(one.envelope[HEADER.size :]), **members}
    async with a_log(tmp_path) as log:
        said = {name: value for name, value in said.items() if value is not None}
        await write(log, as_written(one.envelope[: HEADER.size], canonical(said)))
    index, sentence = found(tmp_path)
    assert (index, words in sentence) == (1, True), sentence


async def test_an_announcement_for_every_kind_and_month_is_one_of_an_earlier_log(tmp_path: Path) -> None:
    """Logs from before keys were apart announce neither kind nor month, and are checked as they were."""
    _, signer, _ = keys(tmp_path)
    epoch = a_new_epoch()
    (one,) = seal(announcement(epoch, origin=ORIGIN, vkey=signer.vkey, at=START), None, os.urandom)
    said = json.loads(one.envelope[HEADER.size :])
    del said["seals"], said["period"]
    async with a_log(tmp_path) as log:
        await write(log, as_written(one.envelope[: HEADER.size], canonical(said)))
        log._writer._announced |= {epoch.kid}
        for event in (a_decision(), a_refusal(at=START + timedelta(days=90))):
            await write(log, *seal(event, epoch, os.urandom))
    sql(tmp_path, ("INSERT INTO key_epoch VALUES (?, 1, 0, 0, '')", (epoch.kid,)))
    report = verify(tmp_path, keys={epoch.kid: check.EpochKeys(epoch.kid, epoch.sealing_key, epoch.search_key)})
    assert (report.opened, report.remarks) == (2, ())


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (in_clear(8, {"v": 1, "kind": "heartbeat"}, nonce=bytes([1] * 12)), "nonce of zeros"),
        (in_clear(8, {"v": 1, "kind": "heartbeat"}, epoch=bytes([1] * 16)), "belongs to no key epoch"),
        (in_clear(8, {"v": 1, "kind": "heartbeat"}, subject=bytes([1] * 16)), "carries a tag"),
        (in_clear(8, {"v": 1, "kind": "heartbeat"}, actor=bytes([1] * 16)), "carries a tag"),
        (in_clear(8, {"v": 1, "kind": "decided"}), "not that of its kind"),
        (in_clear(8, b'{"v": 1, "kind": "heartbeat"}'), "not in its canonical form"),
        (in_clear(8, b"\xff\x00"), "not JSON"),
        (in_clear(7, {"v": 1, "kind": "redaction", "epochs": []}, epoch=bytes([1] * 16)), "belongs to no key epoch"),
        (in_clear(7, {"v": 1, "kind": "redaction", "epochs": []}, nonce=bytes([1] * 12)), "nonce of zeros"),
        (in_clear(7, {"v": 1, "kind": "redaction"}), "does not say what it erases"),
        (in_clear(7, {"v": 1, "kind": "redaction", "epochs": ["x"]}), "does not say what it erases"),
        (in_clear(7, {"v": 1, "kind": "redaction", "epochs": [{"epoch": "xyz"}]}), "does not say what it erases"),
        (in_clear(6, {"v": 1, "kind": "key-epoch"}, nonce=bytes([1] * 12)), "nonce of zeros"),
    ],
)
async def test_entries_in_clear_have_the_header_of_such(tmp_path: Path, entry: Sealed, words: str) -> None:
    """A nonce, a tag or a key epoch in an entry that stands in clear would be a place to hide something."""
    async with a_log(tmp_path) as log:
        await write(log, entry)
    index, sentence = found(tmp_path)
    assert (index, words in sentence) == (1, True), sentence


@pytest.mark.parametrize(
    ("event", "members", "words"),
    [
        (a_decision(), {"portal": "H99"}, "actor tag"),
        (a_decision(), {"officer": "someone-else"}, "actor tag"),
        (an_inspection(), {"auditor": "someone-else"}, "actor tag"),
        (a_change(), {"by": "someone-else"}, "actor tag"),
        (a_decision(), {"subject": None}, "whether it is about somebody"),
        (a_decision(subjects=()), {"subject": {"role": "applicant"}}, "whether it is about somebody"),
    ],
)
async def test_an_entry_hidden_from_a_search_is_named(
    tmp_path: Path, event: Event, members: dict[str, Any], words: str
) -> None:
    """With the keys the tags are held against the content: who is named there is found by a search."""
    async with a_log(tmp_path) as log:
        epoch = an_epoch(tmp_path, check_kind(type_of(event)))
        await write(log, sealed_payload(epoch, event, **members))
    index, sentence = found(tmp_path, keys=check.read_keys(Places.under(tmp_path).ring))
    assert (index, words in sentence) == (verify(tmp_path).entries - 1, True), sentence


def type_of(event: Event) -> str:
    """The name of its kind."""
    return {"Decided": "decided", "Inspected": "inspected", "Changed": "changed"}[type(event).__name__]


# -- erased


async def test_what_is_erased_is_counted_and_everything_else_still_opens(tmp_path: Path) -> None:
    """Contents whose keys the log says were destroyed are erased, others without keys sealed."""
    async with a_log(tmp_path) as log:
        await one_of_each(log)
        await log.append(a_refusal())
        _, _, ring = keys(tmp_path)
        refused = an_epoch(tmp_path, check_kind("refused"))
        await log.append(a_redaction(refused))
        ring.destroy([refused.kid])
    report = opened(tmp_path)
    assert (report.opened, report.clear, report.sealed, report.erased) == (4, 7, 0, 2)
    assert report.remarks == ()
    (Places.under(tmp_path).ring / "2026-11.decided.json").unlink()
    report = opened(tmp_path)
    assert (report.opened, report.clear, report.sealed, report.erased) == (3, 7, 1, 2)
    report = verify(tmp_path)
    assert (report.opened, report.clear, report.sealed, report.erased) == (0, 7, 4, 2)


async def test_keys_that_outlived_their_erasure_are_remarked_on(tmp_path: Path) -> None:
    """A key file that is still there opens what the log says nobody can read: the auditor is told."""
    async with a_log(tmp_path) as log:
        await one_of_each(log)
        await log.append(a_redaction(an_epoch(tmp_path, check_kind("refused"))))
    report = opened(tmp_path)
    assert (report.opened, report.erased) == (5, 0)
    assert report.remarks == ("entry 11 names the keys of a key epoch as erased, but they are here",)
    assert verify(tmp_path).erased == 1


async def test_an_entry_sealed_after_its_erasure_is_remarked_on(tmp_path: Path) -> None:
    """What was destroyed is never used again."""
    async with a_log(tmp_path) as log:
        await log.append(a_decision())
        await log.append(a_redaction(an_epoch(tmp_path)))
        await log.append(a_decision())
    assert verify(tmp_path).remarks == ("entry 3 (decided) is sealed under keys that entry 2 names as erased",)


async def test_an_erasure_may_be_named_twice_and_of_keys_never_used(tmp_path: Path) -> None:
    """An erasure that was broken off is done again; a key that was drawn and never used is destroyed like others."""
    async with a_log(tmp_path) as log:
        await log.append(a_decision())
        used, unused = an_epoch(tmp_path), a_new_epoch()
        for _ in range(2):
            await log.append(a_redaction(used, unused))
    report = verify(tmp_path)
    assert (report.erased, report.remarks) == (1, ())


@pytest.mark.parametrize(("kind", "period"), [("refused", "2026-11"), ("decided", "2026-10"), ("heartbeat", "2026-11")])
async def test_an_erasure_that_lies_about_what_it_erases_is_named(tmp_path: Path, kind: str, period: str) -> None:
    """What a redaction says of a key epoch is what its announcement said."""
    async with a_log(tmp_path) as log:
        await log.append(Redacted(START, (ErasedEpoch(an_epoch(tmp_path).kid.hex(), kind, period),), "retention"))
    assert found(tmp_path)[0] == 1


# -- parts


async def test_of_a_part_the_keys_are_believed_as_far_as_they_open(tmp_path: Path) -> None:
    """Where the announcement is not among the entries nothing commits to keys: they open, or nothing can be said."""
    async with a_log(tmp_path) as log:
        await asyncio.gather(*(log.append(a_decision()) for _ in range(300)))
        await log.append(a_refusal())
    folder, key = part(tmp_path, 1), check.parse_key(Places.under(tmp_path).vkey.read_text())
    ring = check.read_keys(Places.under(tmp_path).ring)
    report = check.check_export(folder, key=key, keys=ring)
    assert (report.entries, report.opened, report.clear) == (47, 46, 1)
    assert report.remarks == ("key epochs announced before the first entry exported were not checked",)
    decided = ring[an_epoch(tmp_path).kid]
    wrong = check.EpochKeys(decided.epoch, os.urandom(32), decided.search)
    with pytest.raises(check.CannotCheck, match="entry 256 does not open"):
        check.check_export(folder, key=key, keys={wrong.epoch: wrong})


# -- files


def test_a_folder_is_read_as_far_as_it_holds_keys(tmp_path: Path) -> None:
    """Every file of keys is read; one being destroyed is none; a spoilt one is named; none at all is no error."""
    assert check.read_keys(tmp_path) == {}
    epoch = an_epoch(tmp_path)
    ring = Places.under(tmp_path).ring
    (ring / "2026-10.refused.json").write_bytes(bytes(400))
    shutil.copy(ring / "2026-11.decided.json", ring / "copy.json")
    read = check.read_keys(ring)
    assert list(read) == [epoch.kid]
    assert repr(read[epoch.kid]) == f"EpochKeys(epoch={epoch.kid!r})"
    assert check.read_keys(ring / "copy.json") == read

    other = json.loads((ring / "copy.json").read_text())
    other["sealing_key"] = base64.b64encode(bytes(32)).decode()
    (ring / "copy.json").write_text(json.dumps(other))
    with pytest.raises(check.CannotCheck, match="other keys of the same key epoch"):
        check.read_keys(ring)
    (ring / "copy.json").write_text("{}")
    with pytest.raises(check.CannotCheck, match=r"copy\.json: not a key epoch file"):
        check.read_keys(ring)
    for place in (tmp_path / "nothing", ring / "2026-10.refused.json"):
        with pytest.raises(check.CannotCheck):
            check.read_keys(place)
