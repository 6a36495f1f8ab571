"""The folder with every export, each in a folder of its own.

Rule of this file: an export is there as long as its job is: the job is removed first.
"""

import shutil
from pathlib import Path

from gateway.console.exports.job import Job, read


def read_all(folder: Path) -> list[Job]:
    """Every job of a folder that can be read.

    What has no job was broken off before it began, or while it was removed: it goes.
    """
    found = []
    for path in sorted(folder.iterdir()) if folder.exists() else []:
        try:
            job = read(path)
        except (ValueError, NotADirectoryError):
            continue  # of another version, perhaps: it stays for as long as an export does
        if job is None:
            drop(path)
        else:
            found.append(job)
    return found


def drop(folder: Path) -> None:
    """Remove an export with all its files."""
    (folder / "job.json").unlink(missing_ok=True)  # first: what is left without it is no export
    shutil.rmtree(folder, ignore_errors=True)


def size_of(path: Path) -> int:
    """Bytes of a file; 0 when it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
