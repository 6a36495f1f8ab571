"""One connection to PostgreSQL and the event loop it lives in, for callers that do not know of loops.

The store's Protocols are synchronous and each belongs to one thread; asyncpg is not. So a session has a loop of its
own, runs it for the length of a statement, and both end together. Every wait is bounded by this side's clock, because
a server that lost its power says nothing. When it strikes, the connection is cut: a statement is never cancelled,
because a cancelled wait for a standby looks to the server like a commit.

Rule of this file: a session that failed once is over. Errors come out as `StoreUnavailable` with a short word, never
with the server's text, which may quote a value.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Final, Self, TypeVar

import asyncpg

from gateway.storage.contract import StoreUnavailable

CONNECT_SECONDS: Final = 5.0
LOCK_SPACE: Final = 0x4C54 << 32
"""Where this program's advisory locks begin, beside those of other programs in the same database."""

MAINTENANCE: Final = LOCK_SPACE
"""The lock of whoever changes tables. The store's own locks are numbered by their tables, and no table is 0."""

ANSWER_SECONDS: Final = 10.0
"""How long one statement of a writer may take, waiting for the lock included."""

LOOK_UP_SECONDS: Final = 30.0

FAILURES: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the driver's own states, when the server dies in the middle of an answer
    OSError,
    ValueError,  # an address or a parameter the driver cannot use
)
"""Everything a round trip is known to raise."""

_T = TypeVar("_T")
_SHARED: Final = {
    "application_name": "lienthong-gateway",
    "jit": "off",
    "client_connection_check_interval": "2s",  # a server notices that a waiting client is gone
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "15s",
}
WRITING: Final[Mapping[str, str]] = MappingProxyType(
    _SHARED
    | {
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "3s",  # shorter than others wait: one that hangs does not stop them
        "statement_timeout": "0",  # a transaction sets its own; the wait for the disk must not be cut short
        "synchronous_commit": "on",
    }
)
LOOKING_UP: Final[Mapping[str, str]] = MappingProxyType(
    _SHARED
    | {
        "default_transaction_read_only": "on",
        "lock_timeout": "5s",
        "statement_timeout": "25s",
        "idle_in_transaction_session_timeout": "3s",
        "synchronous_commit": "on",
    }
)
MIGRATING: Final[Mapping[str, str]] = MappingProxyType(
    _SHARED | {"application_name": "lienthong-migrate", "lock_timeout": "5s", "synchronous_commit": "on"}
)

_STATES: Final = {
    "53100": "disk_full",
    "25006": "read_only",
    "55P03": "locked",
    "40P01": "locked",
    "57014": "too_slow",
    "25P03": "too_slow",
    "25P04": "too_slow",
    "42501": "forbidden",
    "42P01": "schema",
    "42703": "schema",
    "42704": "schema",
    "3D000": "cannot_open",
    "3F000": "schema",
    "58030": "io",
}
_CLASSES: Final = {
    "08": "cannot_open",
    "22": "failed",
    "23": "constraint",
    "28": "refused",
    "53": "overloaded",
    "57": "cannot_open",
    "58": "io",
    "XX": "corrupt",
}


def reason(error: BaseException) -> str:
    """A short word for what happened."""
    if isinstance(error, StoreUnavailable):
        return error.reason
    if isinstance(error, asyncpg.PostgresError):
        return reason_of_state(str(getattr(error, "sqlstate", None) or ""))
    if isinstance(error, OSError):  # refused, reset, no route, no name, and this side's own clock (TimeoutError)
        return "cannot_open"
    return "io"


def reason_of_state(state: str) -> str:
    """A short word for an SQLSTATE."""
    return _STATES.get(state) or _CLASSES.get(state[:2], "failed")


def lost(error: BaseException | None) -> bool:
    """Whether the connection itself is gone, so that the same may work on a new one."""
    if isinstance(error, asyncpg.PostgresError):
        return str(getattr(error, "sqlstate", None) or "")[:2] in {"08", "57"}
    return isinstance(error, (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError))


class Session:
    """One connection. Belongs to one thread, in which no other event loop may run. Use `open`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, connection: Any, answer_seconds: float) -> None:
        self._loop, self._connection, self._seconds = loop, connection, answer_seconds

    @classmethod
    def open(cls, url: str, settings: Mapping[str, str], *, answer_seconds: float) -> Self:
        """Connect. `settings`: the server's, for this session; `answer_seconds`: how long a statement may take.

        Raises StoreUnavailable.
        """
        loop = asyncio.new_event_loop()
        try:
            connect = asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings=dict(settings))
            return cls(loop, loop.run_until_complete(connect), answer_seconds)
        except FAILURES as error:
            _end(loop)
            raise StoreUnavailable(reason(error)) from error
        except BaseException:
            _end(loop)
            raise

    @property
    def alive(self) -> bool:
        """Whether the connection is not known to be gone."""
        return not self._connection.is_closed()

    def run(self, script: str) -> None:
        """One or more statements without values in one round trip. Raises what `FAILURES` names."""
        self._within(self._seconds, self._connection.execute(script))

    def fetch(self, statement: str, *values: Any) -> Sequence[Any]:
        """The rows of one statement, each a sequence. Raises what `FAILURES` names."""
        found: Sequence[Any] = self._within(self._seconds, self._connection.fetch(statement, *values))
        return found

    def changed(self, statement: str, *values: Any) -> int:
        """How many rows one statement touched. Raises what `FAILURES` names."""
        status: str = self._within(self._seconds, self._connection.execute(statement, *values))
        return int(status.rpartition(" ")[2])

    def close(self, *, politely: bool) -> None:
        """Let go. `politely`: tell the server, which takes a moment; otherwise cut the connection."""
        try:
            if politely and self.alive:
                with suppress(*FAILURES):
                    self._within(1.0, self._connection.close(timeout=1.0))
        finally:
            self._connection.terminate()
            _end(self._loop)

    def _within(self, seconds: float, waiting: Coroutine[Any, Any, _T]) -> _T:
        clock = self._loop.call_later(seconds, self._connection.terminate)
        try:
            return self._loop.run_until_complete(waiting)
        finally:
            clock.cancel()


def _end(loop: asyncio.AbstractEventLoop) -> None:
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.run_until_complete(asyncio.sleep(0))  # a transport that was cut is closed in the next turn
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())  # it resolves names
    loop.close()
