"""Passwords: which are accepted (NIST SP 800-63B, section 3.1.1) and how they are kept (argon2id, RFC 9106).

Rule of this file: a password is checked in a thread, never more than two at once, and an unknown name costs exactly
what a known one costs. No password is in an exception or a `repr`.
"""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.console.accounts.errors import AccountRefused, SignInBusy

T = TypeVar("T")

SHORTEST = 12
LONGEST = 256
AT_ONCE = 2
"""Each takes 64 MiB and about a third of a second of every core."""

WAITING = 32
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no 0 O 1 I: it is read out and typed
_COMMONEST = Path(__file__).with_name("commonest.txt")


def normalised(password: str) -> str:
    """The password as it is hashed: NFKC, so that every keyboard types the same `ế` (SP 800-63B, section 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, *, username: str, name: str) -> None:
    """Whether a new password is good enough. Raises AccountRefused: short, long, common, or the same as the name.

    Lengths are counted in characters after normalisation. There are no rules of composition.
    """
    written = normalised(password)
    if len(written) < SHORTEST:
        raise AccountRefused("password_short")
    if len(written) > LONGEST:
        raise AccountRefused("password_long")
    plain = _plain(written)
    if plain in {_plain(username), _plain(name)}:
        raise AccountRefused("password_same")
    core = plain.rstrip("0123456789!.@#$*?-_ ")
    repeated = len(set(plain)) <= 2
    if repeated or plain in _commonest() or core in _commonest() or core == _plain(username):
        raise AccountRefused("password_common")


def initial(urandom: Callable[[int], bytes]) -> str:
    """A password to hand to a new user: 20 letters and digits in five groups, 100 bits."""
    letters = "".join(_LETTERS[byte % len(_LETTERS)] for byte in urandom(20))  # 32 letters: every one as likely
    return "-".join(letters[n : n + 4] for n in range(0, 20, 4))


class Hasher:
    """Hashes and checks passwords in two threads of its own."""

    def __init__(self, engine: PasswordHasher | None = None, *, waiting: int = WAITING) -> None:
        self._engine = engine or PasswordHasher()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._places = AT_ONCE + waiting
        self._fake = self._engine.hash("no account has this password")

    async def hash(self, password: str) -> str:
        """The encoded hash with its salt and parameters. Raises SignInBusy."""
        return await self._apart(lambda: self._engine.hash(normalised(password)))

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether the password is the kept one. None, an account without a password, costs the same and is never right.

        Raises SignInBusy.
        """
        matches = await self._apart(lambda: self._matches(kept or self._fake, normalised(password)))
        return matches and kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._engine.check_needs_rehash(kept)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._engine.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _apart(self, work: Callable[[], T]) -> T:
        if self._places <= 0:
            raise SignInBusy
        self._places -= 1
        # the place is given back by the work itself: a request that is given up does not stop its thread
        future = self._threads.submit(work)
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: _on(loop, self._free))
        return await asyncio.wrap_future(future)

    def _free(self) -> None:
        self._places += 1


def _on(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop has ended, and with it everybody who waits
        loop.call_soon_threadsafe(act)


@cache
def _commonest() -> frozenset[str]:
    lines = _COMMONEST.read_text(encoding="utf-8").splitlines()
    return frozenset(_plain(line) for line in lines if line and not line.startswith("#"))


def _plain(text: str) -> str:
    return "".join(normalised(text).casefold().split())
