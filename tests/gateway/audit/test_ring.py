"""The key ring: a file per month and kind; files that come, go and are spoilt; keys that are destroyed."""

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.audit.epoch import Epoch, read_epoch
from gateway.audit.errors import KeyFileRefused, LogUnavailable
from gateway.audit.events import SEALED, EntryKind
from gateway.audit.ring import KeyRing, period_of
from tests.gateway.audit.builders import PERSON, START, TAX_CODE, a_decision, a_log, keys

ROOT = Path(__file__).parents[3]
DECIDED, DISCLOSED = EntryKind.DECIDED, EntryKind.DISCLOSED
LAST = datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
FIRST = LAST + timedelta(microseconds=1)


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    """A ring in a folder that does not exist yet."""
    return KeyRing(tmp_path / "keys")


def current(ring: KeyRing, kind: EntryKind = DECIDED, at: datetime = START) -> Epoch:
    """The epoch for an entry now."""
    return ring.current(kind, at, os.urandom)


def names(ring: KeyRing) -> list[str]:
    """The files in the folder."""
    return sorted(path.name for path in ring.folder.iterdir())


def no_random(count: int) -> bytes:
    """Stands for a draw that must not happen."""
    raise AssertionError(f"{count} random bytes were drawn")


# -- one file per month and kind


def test_months_part_at_midnight_utc(ring: KeyRing) -> None:
    """The last microsecond of a year and the first of the next are sealed under two keys."""
    old, new = current(ring, at=LAST), current(ring, at=FIRST)

    assert (old.period, new.period) == ("2026-12", "2027-01")
    assert len({old.sealing_key, old.search_key, new.sealing_key, new.search_key}) == 4
    assert names(ring) == ["2026-12.decided.json", "2027-01.decided.json"]


def test_month_is_that_of_utc_wherever_the_clock_stands() -> None:
    """Seven hours east it is already January; the keys are those of December."""
    hanoi = timezone(timedelta(hours=7))

    assert period_of(datetime(2027, 1, 1, 6, 59, 59, tzinfo=hanoi)) == "2026-12"
    assert period_of(datetime(2027, 1, 1, 7, 0, tzinfo=hanoi)) == "2027-01"


def test_every_kind_has_keys_of_its_own(ring: KeyRing) -> None:
    """Each kind that is sealed has its own file, so that each can be erased at its own time."""
    made = {kind: current(ring, kind) for kind in SEALED}

    assert {epoch.seals for epoch in made.values()} == {kind.label for kind in SEALED}
    assert len({epoch.sealing_key for epoch in made.values()}) == len(SEALED)
    assert len(ring.subject_tags(PERSON)) == len(set(ring.subject_tags(PERSON))) == len(SEALED)
    assert names(ring) == sorted(f"2026-11.{kind.label}.json" for kind in SEALED)


def test_files_are_the_owners_alone(ring: KeyRing) -> None:
    """Folder and files are closed to everyone else, and nothing but the files is left in the folder."""
    current(ring)

    assert stat.S_IMODE(ring.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((ring.folder / "2026-11.decided.json").stat().st_mode) == 0o600


def test_keys_of_a_month_are_drawn_once(ring: KeyRing) -> None:
    """The same ring, and one opened later, use what is there; nothing is drawn for it."""
    first = current(ring)

    assert ring.current(DECIDED, START + timedelta(days=8), no_random) is first
    assert KeyRing(ring.folder).current(DECIDED, START, no_random) == first


def test_clock_back_into_a_past_month_uses_the_file_that_is_there(ring: KeyRing) -> None:
    """A clock that is set back over the end of a month draws nothing anew, after a restart neither."""
    december, january = current(ring, at=LAST), current(ring, at=FIRST)

    assert ring.current(DECIDED, LAST, no_random) is december
    assert KeyRing(ring.folder).current(DECIDED, LAST, no_random) == december
    assert ring.current(DECIDED, FIRST, no_random) is january


DRAW = """
import os, sys
from datetime import datetime
from pathlib import Path
from gateway.audit.events import EntryKind
from gateway.audit.ring import KeyRing
print("ready", flush=True)
sys.stdin.readline()
ring = KeyRing(Path(sys.argv[1]))
for kind in (EntryKind.DECIDED, EntryKind.DISCLOSED):
    print(ring.current(kind, datetime.fromisoformat(sys.argv[2]), os.urandom).kid.hex(), flush=True)
"""


def test_processes_that_begin_a_month_together_share_its_keys(ring: KeyRing) -> None:
    """Four processes let go at the same moment agree on one file per kind."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", DRAW, str(ring.folder), START.isoformat()],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate()[0] for process in processes]

    assert len(set(said)) == 1
    assert [epoch.kid.hex() for epoch in ring.all()] == said[0].split()
    assert names(ring) == ["2026-11.decided.json", "2026-11.disclosed.json"]


def test_threads_find_and_draw_at_the_same_time(ring: KeyRing) -> None:
    """While one thread draws month after month, others find every key that is already there."""

    def find(number: int) -> bool:
        at = START + timedelta(days=31 * number)
        return ring.find(current(ring, at=at).kid) is not None

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(find, [number % 24 for number in range(240)]))

    assert all(found)
    assert len(ring.all()) == 24


# -- files that come from elsewhere, later, or spoilt


def test_files_drawn_elsewhere_are_read_alike(ring: KeyRing, tmp_path: Path) -> None:
    """Keys of another machine for the same month stand beside the own: both open and find, the own one seals."""
    mine, other = current(ring), current(KeyRing(tmp_path / "other"))
    shutil.copy2(tmp_path / "other/2026-11.decided.json", ring.folder / "2026-11.decided.machine-2.json")

    assert ring.find(other.kid) == other
    assert {epoch.kid for epoch in ring.all()} == {mine.kid, other.kid}
    assert set(ring.subject_tags(PERSON)) == {mine.subject_tag(PERSON), other.subject_tag(PERSON)}
    assert KeyRing(ring.folder).current(DECIDED, START, no_random) == mine


@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=1)])
def test_file_added_later_is_found(ring: KeyRing, tmp_path: Path, age: timedelta) -> None:
    """A key that was not there when it was asked for is there once its file is, even within one tick of the disk."""
    later = current(KeyRing(tmp_path / "other"), DISCLOSED)
    current(ring)
    before_ns = ring.folder.stat().st_mtime_ns - int(age.total_seconds() * 1e9)
    os.utime(ring.folder, ns=(before_ns, before_ns))
    assert ring.find(later.kid) is None
    shutil.copy2(tmp_path / "other/2026-11.disclosed.json", ring.folder)
    if not age:
        os.utime(ring.folder, ns=(before_ns, before_ns))

    assert ring.find(later.kid) == later
    assert later in ring.all()


def test_key_another_process_draws_is_found(ring: KeyRing) -> None:
    """A reader follows the folder of a running gateway."""
    reader = KeyRing(ring.folder)
    for kind in sorted(SEALED):
        drawn = current(ring, kind)
        assert reader.find(drawn.kid) == drawn


def test_folder_that_is_not_there_holds_nothing(ring: KeyRing) -> None:
    """Before the first entry, or where the keys are kept elsewhere, nothing opens and nothing fails."""
    assert (ring.find(bytes(16)), ring.all(), ring.subject_tags(PERSON)) == (None, (), ())
    assert ring.destroy([bytes(16)]) == []


def test_other_files_in_the_folder_are_left_alone(ring: KeyRing) -> None:
    """What does not have the name of a key file is neither read nor removed."""
    epoch = current(ring)
    others = ("README", "notes.json", "2026-11.json", "2026-11.heartbeat.json", ".2026-11.decided.json.x1")
    for name in others:
        (ring.folder / name).write_text("{")

    assert ring.all() == (epoch,)
    ring.destroy([epoch.kid])
    assert names(ring) == sorted(others)


def test_spoilt_file_is_named(ring: KeyRing) -> None:
    """A damaged key file is never passed over as if its month had no keys: reading stops with its name."""
    epoch = current(ring)
    spoilt = ring.folder / "2026-10.disclosed.json"
    shutil.copy2(ring.folder / "2026-11.decided.json", spoilt)
    os.truncate(spoilt, 100)
    for ask in (
        lambda: ring.find(epoch.kid),
        ring.all,
        lambda: ring.subject_tags(PERSON),
        lambda: ring.destroy([epoch.kid]),
    ):
        with pytest.raises(KeyFileRefused, match=r"2026-10\.disclosed\.json: not a key epoch file"):
            ask()


def test_empty_file_is_spoilt_and_not_destroyed(ring: KeyRing) -> None:
    """A file without content is what a full disk leaves, and is no destroyed key."""
    current(ring)
    os.truncate(ring.folder / "2026-11.decided.json", 0)
    with pytest.raises(KeyFileRefused, match="not a key epoch file"):
        ring.all()


def test_file_open_to_others_is_refused(ring: KeyRing) -> None:
    """A key that others could have copied is used neither for sealing nor for reading."""
    current(ring)
    (ring.folder / "2026-11.decided.json").chmod(0o640)
    for ask in (ring.all, lambda: current(KeyRing(ring.folder))):
        with pytest.raises(KeyFileRefused, match="chmod 600"):
            ask()


def test_keys_copied_under_a_wrong_name_seal_nothing(ring: KeyRing) -> None:
    """A file that says it is for another kind is not used for what its name says."""
    current(ring)
    shutil.copy2(ring.folder / "2026-11.decided.json", ring.folder / "2026-11.refused.json")
    with pytest.raises(KeyFileRefused, match="holds the keys of decided entries of 2026-11"):
        current(ring, EntryKind.REFUSED)


@pytest.mark.parametrize("make", [lambda path: path.write_text("x"), lambda path: path.symlink_to("/proc/1/nowhere")])
def test_folder_that_cannot_be_made_is_a_refusal(ring: KeyRing, make: Callable[[Path], object]) -> None:
    """Where the folder should be is something else: a sentence with the file's name, no other error."""
    make(ring.folder)
    with pytest.raises(KeyFileRefused, match=r"2026-11\.decided\.json: cannot be created"):
        current(ring)


async def test_entry_without_a_usable_key_is_refused(tmp_path: Path) -> None:
    """No key, no entry: the log says `keys`, stays open, and goes on when the file is in order again."""
    async with a_log(tmp_path) as log:
        ring = keys(tmp_path)[2]
        spoilt = ring.folder / "2026-12.decided.json"
        spoilt.write_text("{}")
        spoilt.chmod(0o600)
        with pytest.raises(LogUnavailable) as caught:
            await log.append(a_decision(at=LAST))
        assert (caught.value.reason, log.healthy) == ("keys", True)
        spoilt.unlink()
        assert (await log.append(a_decision(at=LAST))).index == 2


# -- tags of a subject


def test_tags_of_some_months(ring: KeyRing) -> None:
    """A search is for the months it names, both ends included; no number of a firm has a person's tags."""
    months = [datetime(2026, month, 15, tzinfo=UTC) for month in (8, 9, 10, 11)]
    made = [current(ring, kind, at) for at in months for kind in (DECIDED, DISCLOSED)]
    expected = [epoch.subject_tag(PERSON) for epoch in made]

    assert ring.subject_tags(PERSON) == tuple(expected)
    assert ring.subject_tags(PERSON, first="2026-09", last="2026-10") == tuple(expected[2:6])
    assert ring.subject_tags(PERSON, first="2026-10") == tuple(expected[4:])
    assert ring.subject_tags(PERSON, last="2026-08") == tuple(expected[:2])
    assert not set(ring.subject_tags(TAX_CODE)) & set(expected)


# -- the end of keys


def test_destroyed_keys_are_overwritten_and_gone(ring: KeyRing) -> None:
    """The bytes on the disk are zeros before the name goes: who holds the file open reads no key."""
    epoch, other = current(ring), current(ring, DISCLOSED)
    path = ring.folder / "2026-11.decided.json"
    length = path.stat().st_size
    copy = ring.folder / ".2026-11.decided.json.left-by-a-crash"
    os.link(path, copy)
    with path.open("rb") as held:
        assert epoch.kid.hex().encode() in held.read()
        assert ring.destroy([epoch.kid]) == [path]
        held.seek(0)
        assert held.read() == bytes(length)

    assert copy.read_bytes() == bytes(length)
    assert not path.exists()
    assert (ring.find(epoch.kid), ring.find(other.kid)) == (None, other)
    assert ring.subject_tags(PERSON) == (other.subject_tag(PERSON),)
    assert ring.destroy([epoch.kid]) == []


def test_what_was_destroyed_is_never_made_again(ring: KeyRing) -> None:
    """A clock set back into the month draws other keys under another id."""
    old = current(ring)
    ring.destroy([old.kid])
    new = current(ring)

    assert not {old.kid, old.sealing_key, old.search_key} & {new.kid, new.sealing_key, new.search_key}


def test_all_files_of_an_epoch_go(ring: KeyRing) -> None:
    """A copy under another name is destroyed with it."""
    epoch = current(ring)
    shutil.copy2(ring.folder / "2026-11.decided.json", ring.folder / "2026-11.decided.copy.json")

    assert len(ring.destroy([epoch.kid])) == 2
    assert names(ring) == []


def test_keys_destroyed_by_another_process_open_nothing_here(ring: KeyRing) -> None:
    """A reader that has had the key for months lets go of it when the file is gone."""
    reader = KeyRing(ring.folder)
    epoch = current(ring)
    assert reader.find(epoch.kid) == epoch
    ring.destroy([epoch.kid])

    assert reader.find(epoch.kid) is None
    assert reader.all() == ()


def test_file_that_was_half_destroyed_is_in_nobodys_way(ring: KeyRing) -> None:
    """Between the zeros and the end of the name, or after a power cut there: nothing opens, nothing fails."""
    epoch, other = current(ring), current(ring, DISCLOSED)
    path = ring.folder / "2026-11.decided.json"
    path.write_bytes(bytes(path.stat().st_size))
    reader = KeyRing(ring.folder)

    assert (reader.find(epoch.kid), reader.all()) == (None, (other,))
    assert ring.destroy([epoch.kid]) == [path]
    assert names(ring) == ["2026-11.disclosed.json"]


def test_half_destroyed_file_seals_nothing(ring: KeyRing) -> None:
    """Zeros are no keys: a process that needs the file stops with its name."""
    current(ring)
    path = ring.folder / "2026-11.decided.json"
    path.write_bytes(bytes(path.stat().st_size))

    with pytest.raises(KeyFileRefused, match="not a key epoch file"):
        current(KeyRing(ring.folder))


def test_readers_and_two_that_erase_at_once(ring: KeyRing) -> None:
    """While two processes erase the same months, readers find the others and never an error."""
    months = [START - timedelta(days=31 * number) for number in range(40)]
    made = [current(ring, at=at) for at in months]
    kept, gone = made[:10], made[10:]

    def erase(_: int) -> None:
        mine = KeyRing(ring.folder)
        for epoch in gone:
            mine.destroy([epoch.kid])

    def look(_: int) -> bool:
        reader = KeyRing(ring.folder)
        return all(reader.find(epoch.kid) == epoch and epoch in reader.all() for epoch in kept)

    with ThreadPoolExecutor(4) as pool:
        erasing = [pool.submit(erase, number) for number in range(2)]
        looks = [pool.submit(look, number) for number in range(20)]
        assert all(one.result() for one in looks)
        assert [one.result() for one in erasing] == [None, None]

    assert {epoch.kid for epoch in ring.all()} == {epoch.kid for epoch in kept}


def test_file_that_cannot_be_destroyed_is_named(ring: KeyRing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk refuses, the erasure says which file is still there."""
    epoch = current(ring)

    def refuse(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(KeyFileRefused, match=r"2026-11\.decided\.json: cannot be destroyed \(Input/output error\)"):
        ring.destroy([epoch.kid])


def test_file_removed_by_hand_while_in_use(ring: KeyRing) -> None:
    """The process seals on under the key it holds, says to readers that it is gone, and makes no file of it anew.

    After a restart there are new keys: what was sealed in between is lost, as the page on the key ring says.
    """
    epoch = current(ring)
    (ring.folder / "2026-11.decided.json").unlink()

    assert current(ring) is epoch
    assert ring.find(epoch.kid) is None
    assert names(ring) == []
    assert current(KeyRing(ring.folder)).kid != epoch.kid


async def test_keys_drawn_anew_are_announced_anew(tmp_path: Path) -> None:
    """Two epochs of one month and kind each have their announcement before their first entry."""
    async with a_log(tmp_path) as log:
        await log.append(a_decision())
    ring = keys(tmp_path)[2]
    (ring.folder / "2026-11.decided.json").unlink()
    async with a_log(tmp_path) as log:
        assert (await log.append(a_decision())).index == 3


def test_file_holds_what_the_page_says(ring: KeyRing) -> None:
    """Version, id, when it was drawn, what for, and two keys of 32 bytes."""
    epoch = current(ring)
    path = ring.folder / "2026-11.decided.json"
    said = json.loads(path.read_bytes())

    assert {name: said[name] for name in ("v", "epoch", "created", "seals", "period")} == {
        "v": 2,
        "epoch": epoch.kid.hex(),
        "created": START.isoformat(),
        "seals": "decided",
        "period": "2026-11",
    }
    assert read_epoch(path) == epoch
