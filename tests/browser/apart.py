"""Coroutines beside a browser.

Playwright keeps an event loop running in the thread of the tests for as long as there is a browser, and which file made
it first is a matter of how the files were dealt out to processes: no other loop can begin there.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

_T = TypeVar("_T")


def apart(work: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """What the coroutine returns, run in a thread of its own."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()
