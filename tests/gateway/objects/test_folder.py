"""Objects in a folder: what is left by crashes, full disks and wrong rights."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.objects.contract import ObjectExists, ObjectsUnavailable
from gateway.objects.folder import LEFT_SECONDS, FolderStore
from tests.gateway.objects.builders import in_folder, key

WRITER = """
import asyncio, sys
from pathlib import Path
from gateway.objects.folder import FolderStore
async def main():
    store = FolderStore(Path(sys.argv[1]), lambda: 0.0)
    for number in range(100_000):
        await store.put(f"{number:032x}", bytes([number % 251]) * 3_000_000)
        print(number, flush=True)
asyncio.run(main())
"""


def test_a_killed_writer_leaves_no_half_object(tmp_path: Path) -> None:
    """After kill -9 every object under a name is whole, and each that was reported is there."""
    for attempt in range(5):
        folder = tmp_path / str(attempt)
        with subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(0.013 * attempt)  # somewhere in the writes that follow
            child.send_signal(signal.SIGKILL)
            reported = 1 + len(child.stdout.readlines())
        names = {path.name for path in folder.glob("*/*") if path.parent.name != "new"}
        assert {f"{number:032x}" for number in range(reported)} <= names
        for name in names:
            content = (folder / name[:2] / name).read_bytes()
            assert content == bytes([int(name, 16) % 251]) * 3_000_000


async def test_what_a_killed_writer_left_is_removed_after_a_day(tmp_path: Path) -> None:
    """A check removes old leftovers and leaves those that may still be written."""
    now = time.time()
    store = FolderStore(tmp_path / "objects", lambda: now)
    await store.check()
    old, young = tmp_path / "objects/new/old", tmp_path / "objects/new/young"
    for path, age in ((old, LEFT_SECONDS + 60), (young, LEFT_SECONDS - 60)):
        path.write_bytes(b"half")
        os.utime(path, (now - age, now - age))
    await store.check()
    assert (old.exists(), young.exists()) == (False, True)


async def test_files_are_their_owners_only(tmp_path: Path) -> None:
    """Objects are mode 0600 in folders of mode 0700."""
    kept, name = in_folder(tmp_path), key()
    await kept.store.put(name, b"content")
    path = tmp_path / "objects" / name[:2] / name
    assert path.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in (path.parent, path.parent.parent)} == {0o700}


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of a megabyte. Where even root may not mount one, the test is skipped."""
    disk = Path(tempfile.mkdtemp(prefix="lienthong-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        disk.rmdir()
        pytest.skip("mounting is not allowed here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
        disk.rmdir()


async def test_a_full_disk_is_said(small: Path) -> None:
    """On a full disk nothing half-written stays, what was there can be read, and with room it goes on."""
    kept, first, second = in_folder(small), key(), key()
    await kept.store.put(first, b"first")
    with pytest.raises(ObjectsUnavailable) as caught:
        await kept.store.put(second, bytes(2_000_000))
    assert caught.value.reason == "full"
    assert await kept.store.get(second) is None
    assert list((small / "objects/new").iterdir()) == []
    assert await kept.store.get(first) == b"first"
    await kept.store.put(second, b"second")
    assert await kept.store.get(second) == b"second"


async def test_a_missing_disk_is_no_empty_store(tmp_path: Path) -> None:
    """When the folder went away, an object is not said to be absent."""
    kept, name = in_folder(tmp_path), key()
    await kept.store.put(name, b"content")
    (tmp_path / "objects").rename(tmp_path / "elsewhere")
    with pytest.raises(ObjectsUnavailable) as caught:
        await kept.store.get(name)
    assert caught.value.reason == "unavailable"
    assert name not in str(caught.value)


async def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Whoever puts a link in an object's place does not make the gateway read another file."""
    kept, name = in_folder(tmp_path), key()
    await kept.store.put(name, b"content")
    path = tmp_path / "objects" / name[:2] / name
    path.rename(tmp_path / "moved")
    path.symlink_to(tmp_path / "moved")
    with pytest.raises(ObjectsUnavailable):
        await kept.store.get(name)


async def test_one_of_many_writers_wins(tmp_path: Path) -> None:
    """Of writers of one key at once one succeeds, and all others are told."""
    kept, name = in_folder(tmp_path), key()
    results = await asyncio.gather(
        *(kept.store.put(name, bytes([number])) for number in range(8)), return_exceptions=True
    )
    won = [number for number, result in enumerate(results) if result is None]
    assert len(won) == 1
    assert [type(result) for result in results if result is not None] == [ObjectExists] * 7
    assert await kept.store.get(name) == bytes(won)
