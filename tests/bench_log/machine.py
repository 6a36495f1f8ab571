"""What a run was made on.

Rule of this file: read from the system, nothing about who runs it.
"""

import os
import platform
import sqlite3


def facts() -> str:
    """One line: processors, memory, versions, and how busy the machine was."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    busy = os.getloadavg()[1]
    return (
        f"{os.cpu_count()} processors, {memory:.0f} GiB, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}; load {busy:.1f}"
    )
