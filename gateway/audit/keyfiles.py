"""Secret files: created whole or not at all, and only ever readable by their owner.

Rule of this file: a key file is made once. Of two processes that start together one makes it and both read the
same bytes.
"""

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from gateway.audit.errors import KeyFileRefused

_LIMIT = 64 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_private(path: Path) -> bytes:
    """The bytes of a secret file.

    Raises KeyFileRefused when it is missing, no plain file, or open to group or others.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise KeyFileRefused(f"{path}: cannot be read ({error.strerror})") from None
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise KeyFileRefused(f"{path}: not a plain file")
        if facts.st_mode & _OTHERS:
            raise KeyFileRefused(f"{path}: open to other users; run chmod 600 on it")
        content = file.read(_LIMIT + 1)
    if len(content) > _LIMIT:
        raise KeyFileRefused(f"{path}: larger than a key file can be")
    return content


def create_once(path: Path, content: bytes, *, private: bool) -> None:
    """Write `content` to a new file, mode 0600 or 0644; leave a file that is already there untouched.

    The content is durable under a temporary name before the final name appears, so a crash leaves either no
    file or a whole one. Raises KeyFileRefused when the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(handle, 0o600 if private else 0o644)
            os.fsync(handle)
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)  # unlike rename, never replaces what another process made
        temporary.unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise KeyFileRefused(f"{path}: cannot be created ({error.strerror})") from None


def replace_private(path: Path, content: bytes) -> None:
    """Write a file, mode 0600, whole or not at all, over the one that is there: for what is no key and may change.

    Raises KeyFileRefused when the folder cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        Path(name).replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise KeyFileRefused(f"{path}: cannot be written ({error.strerror})") from None


def sync_folder(folder: Path) -> None:
    """Make durable what names a folder has. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def open_key(path: Path, size: int, urandom: Callable[[int], bytes]) -> bytes:
    """The key of `size` bytes in the file at `path`, drawn and written (mode 0600) when there is none yet.

    Raises KeyFileRefused.
    """
    if not path.exists():
        create_once(path, urandom(size), private=True)
    key = read_private(path)
    if len(key) != size:
        raise KeyFileRefused(f"{path}: not a key of {size} bytes")
    return key
