"""Log lines: JSON, and nothing personal even when libraries and exceptions hold it."""

import contextlib
import errno
import io
import json
import logging
from collections.abc import Iterator

import pytest

from gateway import logs

SECRET = "004192000123"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged during a test."""
    stream = io.StringIO()
    before = logging.root.handlers[:], logging.root.level
    logs.configure(stream)
    yield stream
    logging.root.handlers[:], logging.root.level = before
    logs.configure()
    logging.root.handlers[:] = before[0]


def _lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_lines_are_json_with_a_time(written: io.StringIO) -> None:
    """An event with its facts; absent facts are left out."""
    logs.line("call", operation="persons.lookup", portal=None, seconds=0.5)
    (line,) = _lines(written)
    assert line["event"] == "call"
    assert line["operation"] == "persons.lookup"
    assert "portal" not in line
    assert str(line["at"]).endswith("Z")


def test_a_library_s_text_is_never_kept(written: io.StringIO) -> None:
    """Logger, level and place are kept; the text, which may hold anything, is not."""
    logging.getLogger("some.library").warning("could not parse %s", SECRET)
    (line,) = _lines(written)
    assert (line["logger"], line["level"]) == ("some.library", "warning")
    assert SECRET not in written.getvalue()


def test_http_and_soap_libraries_are_quiet(written: io.StringIO) -> None:
    """Lines that print addresses or envelopes are not even produced."""
    for name in ("httpx", "zeep.transports", "httpcore.http11", "aiohttp.client"):
        logging.getLogger(name).info("GET https://registry.example/?id=%s", SECRET)
    assert written.getvalue() == ""


def test_an_exception_is_kept_as_type_and_places(written: io.StringIO) -> None:
    """Neither the text of an exception nor of the ones behind it is kept."""
    try:
        try:
            int(SECRET + "x")
        except ValueError as error:
            raise ExceptionGroup(SECRET, [error, KeyError(SECRET)]) from None
    except ExceptionGroup as group:
        known = logs.defect_of(group)
        logging.getLogger("some.library").exception("failed for %s", SECRET)
    assert known["error"] == "ValueError,KeyError"
    assert known["trace"][0].startswith("test_logs.py:")
    assert SECRET not in json.dumps(known)
    assert SECRET not in written.getvalue()


class _Disk(io.StringIO):
    """A stream whose disk is full until somebody makes room."""

    full = True

    def write(self, text: str) -> int:
        """Take a text, or fail like a full disk."""
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(text)


def test_a_full_disk_costs_lines_and_nothing_else(written: io.StringIO) -> None:
    """Writing a line never fails the call it is about; how many were lost is said once there is room again."""
    disk = _Disk()
    logs.configure(disk)
    for _ in range(3):
        logs.line("call")
    logging.getLogger("some.library").warning("too")
    disk.full = False
    logs.line("call")
    logs.line("call")
    assert [line["event"] for line in _lines(disk)] == ["call", "lines_lost", "call"]
    assert _lines(disk)[1]["count"] == 4
    assert written.getvalue() == ""


def test_the_kernel_s_own_full_disk() -> None:
    """The same with a file whose every write fails."""
    full = io.TextIOWrapper(io.FileIO("/dev/full", "w"))
    logs.configure(full)
    try:
        logs.line("call")
    finally:
        logs.configure()
        with contextlib.suppress(OSError):
            full.close()  # what it still holds cannot be written either
