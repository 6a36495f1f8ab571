"""Credentials of the mocks: made once, kept in files, one value per file, readable by their owner only.

Rule of this file: an existing value is never replaced, so that a client configured with it stays configured.
"""

import os
from collections.abc import Callable
from pathlib import Path


def value(directory: Path, name: str, make: Callable[[], str]) -> str:
    """The text kept in `directory/name`; made with `make` and written (mode 0600) when the file is not
    there yet.

    Raises `OSError` when the folder cannot be made or the file cannot be read or written.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / name
    if path.exists():
        return path.read_text("utf-8").removesuffix("\n")
    text = make().removesuffix("\n")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123  # a descriptor, not a path
        file.write(text)
    return text
