"""An exclusive lock between processes of one machine, on a file beside the store.

Rule of this file: the kernel frees the lock when its holder dies, so nothing has to be cleaned up after a
crash. The file itself is never removed: two processes would then hold locks on two files of the same name.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.storage.contract import StoreUnavailable

_PAUSE = 0.0005


@contextmanager
def locked(path: Path, *, wait: float) -> Iterator[None]:
    """Hold the lock for the block.

    Raises StoreUnavailable("locked") after `wait` seconds, ("io") when it cannot be opened.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreUnavailable("io") from error
    try:
        _acquire(handle, time.monotonic() + wait)
        yield
    finally:
        os.close(handle)  # closing the only descriptor frees the lock


def _acquire(handle: int, until: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise StoreUnavailable("locked") from None
            time.sleep(_PAUSE)
        except OSError as error:
            raise StoreUnavailable("io") from error
        else:
            return
