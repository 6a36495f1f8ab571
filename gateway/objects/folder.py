"""Objects as files of a folder: `ab/abcdef...`, mode 0600.

Rule of this file: a name appears only when its whole content is on the disk, and is never given to another content. A
process that is killed leaves at most a file in `new/`, which `check` removes after a day.
"""

import asyncio
import contextlib
import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from gateway.audit.keyfiles import sync_folder
from gateway.objects.contract import (
    MOST_BYTES,
    OVERHEAD_BYTES,
    ObjectExists,
    ObjectsUnavailable,
    ObjectUnreadable,
    Reason,
    place,
)

LEFT_SECONDS = 24 * 3600
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FolderStore:
    """An `ObjectStore` in a folder, which is made. `now`: seconds since 1970. Files are read and written on threads."""

    __slots__ = ("_folder", "_now")

    def __init__(self, folder: Path, now: Callable[[], float]) -> None:
        self._folder = folder
        self._now = now

    async def put(self, key: str, content: bytes) -> None:
        """See `ObjectStore.put`."""
        await asyncio.to_thread(self._put, self._folder / place(key), content)

    async def get(self, key: str) -> bytes | None:
        """See `ObjectStore.get`."""
        return await asyncio.to_thread(self._get, self._folder / place(key))

    async def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        await asyncio.to_thread(self._delete, self._folder / place(key))

    async def check(self) -> None:
        """See `ObjectStore.check`. Removes what interrupted writes left."""
        await asyncio.to_thread(self._check)

    async def close(self) -> None:
        """Nothing is open."""

    def _put(self, path: Path, content: bytes) -> None:
        try:
            written = self._written(content)
            try:
                _made(path.parent)
                os.link(written, path)  # unlike rename, never replaces
                sync_folder(path.parent)
            except FileExistsError:
                if path.read_bytes() != content:
                    raise ObjectExists from None
            finally:
                written.unlink()
        except OSError as error:
            raise _failure(error) from None

    def _written(self, content: bytes) -> Path:
        """A file of `new/` that holds the content on the disk; none is left when that fails."""
        new = self._folder / "new"
        _made(new)
        handle, name = tempfile.mkstemp(dir=new)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(handle)
        except OSError:
            Path(name).unlink()
            raise
        return Path(name)

    def _get(self, path: Path) -> bytes | None:
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(handle, "rb") as file:
                content = file.read(MOST_BYTES + OVERHEAD_BYTES + 1)
        except FileNotFoundError:
            if not self._folder.is_dir():  # a disk that is not mounted is not an empty store
                raise ObjectsUnavailable("unavailable") from None
            return None
        except OSError as error:
            raise _failure(error) from None
        if len(content) > MOST_BYTES + OVERHEAD_BYTES:
            raise ObjectUnreadable
        return content

    def _delete(self, path: Path) -> None:
        try:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
                sync_folder(path.parent)
        except OSError as error:
            raise _failure(error) from None

    def _check(self) -> None:
        try:
            self._written(b"").unlink()
            for left in (self._folder / "new").iterdir():
                with contextlib.suppress(FileNotFoundError):  # another process looks too
                    if self._now() - left.stat().st_mtime > LEFT_SECONDS:
                        left.unlink()
        except OSError as error:
            raise _failure(error) from None


def _made(folder: Path) -> None:
    """The folder, and that it was made, on the disk."""
    if not folder.is_dir():
        _made(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def _failure(error: OSError) -> ObjectsUnavailable:
    """Never the path: it ends in an object's name."""
    reason: Reason = "unavailable"
    if error.errno in _FULL:
        reason = "full"
    elif isinstance(error, PermissionError):
        reason = "refused"
    return ObjectsUnavailable(reason)
