"""Structured logs: one JSON object a line on standard error, without personal data.

Our own lines hold names and numbers chosen here. Lines of libraries are kept only as logger, level and place in code:
their texts may hold an address with a number in it or an answer of a registry.
"""

import io
import json
import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO, cast

import structlog

# Chatty or dangerous below this level: zeep prints whole envelopes at DEBUG, httpx prints URLs at INFO.
_QUIET = ("httpx", "httpcore", "zeep", "aiohttp", "asyncio", "urllib3", "uvicorn.access")
_OUR_TEXTS = ("uvicorn.error",)  # start and stop of the server: fixed texts


class _LibraryLine(logging.Formatter):
    """A library's record as JSON, without its text unless the text is known to be fixed."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": _instant(),
            "level": record.levelname.lower(),
            "event": "library",
            "logger": record.name,
            "place": f"{Path(record.pathname).name}:{record.lineno}",
        }
        if record.name in _OUR_TEXTS and record.exc_info is None and record.levelno <= logging.WARNING:
            line["text"] = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            line |= defect_of(record.exc_info[1])
        return json.dumps(line)


class _Unfailing(io.TextIOBase):
    """A stream that never fails its writer: a disk that is full for log lines must not cost anyone an answer.

    Lines that could not be written are counted, and the count is one line as soon as lines can be written again.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._lost = stream, 0

    def write(self, text: str) -> int:
        """Write a whole line, or count it."""
        try:
            self._stream.write(text)
            self._stream.flush()
            if self._lost:
                said = {"at": _instant(), "level": "warning", "event": "lines_lost", "count": self._lost}
                self._stream.write(json.dumps(said) + "\n")
                self._lost = 0
        except OSError:
            self._lost += 1
        return len(text)

    def flush(self) -> None:
        """Every write has flushed."""


def configure(stream: TextIO | None = None) -> None:
    """Set up both our lines and the libraries'. `stream`: standard error unless given."""
    unfailing = cast("TextIO", _Unfailing(stream or sys.stderr))
    structlog.configure(
        processors=[_stamp, structlog.processors.JSONRenderer()],
        logger_factory=structlog.WriteLoggerFactory(unfailing),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(unfailing)
    handler.setFormatter(_LibraryLine())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def line(event: str, **facts: str | float | None) -> None:
    """One line. Facts are names, codes, hashes and numbers; None is left out."""
    structlog.get_logger().info(event, **{k: v for k, v in facts.items() if v is not None})


def defect_of(error: BaseException) -> Mapping[str, Any]:
    """What may be kept of an exception: its type, and the places in code it passed. Never its text."""
    leaves = _leaves(error)
    return {
        "error": ",".join(dict.fromkeys(type(leaf).__name__ for leaf in leaves)),
        "trace": [
            f"{Path(frame.filename).name}:{frame.lineno}:{frame.name}"
            for frame in traceback.extract_tb(leaves[0].__traceback__)
        ],
    }


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]


def _stamp(_: Any, level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {"at": _instant(), "level": level, **event}


def _instant() -> str:
    # The clock of log lines is the wall clock itself: nothing is decided by it.
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
