"""CPU time of a process, from /proc (Linux, proc(5))."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_UTIME, _STIME = 11, 12  # counted from the field behind the name, which may hold spaces


def cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads. Raises FileNotFoundError when it is gone."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[_UTIME]) + int(fields[_STIME])) / _TICKS


def stolen_share(before: tuple[int, int], after: tuple[int, int]) -> float:
    """The share of all processors' time that the machine gave to somebody else, between two `machine_ticks`."""
    total = after[0] - before[0]
    return (after[1] - before[1]) / total if total else 0.0


def machine_ticks() -> tuple[int, int]:
    """All ticks of all processors, and those stolen, since the machine started."""
    first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]
    ticks = [int(field) for field in first]
    return sum(ticks), ticks[7]
