"""The thread that keeps the index up with the log while the console runs.

A thread and not a process: the median of a search was the same without a builder, beside one in a thread and beside one
in a process of its own. Each entry lets go of the interpreter (the key ring looks at its folder), so a page never waits
for long.

Rule of this file: starting, waiting and stopping. What a turn does and how long to wait stands in `turns`.
"""

import threading
from dataclasses import replace
from typing import Final

from gateway.console.index.turns import Progress, Turns

STOPPED: Final = "stopped"
"""The trouble of a thread that met a fault of this program: nothing new appears until the console is started again."""


class Follower:
    """Start it once, close it at the end. `turns` is used by its thread alone from then on."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._closing = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="console-index", daemon=True)

    @property
    def progress(self) -> Progress:
        """How far it is. May be asked from any thread."""
        said = self._turns.progress
        return replace(said, trouble=STOPPED) if self._ended and not self._closing.is_set() else said

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the step that is under way and let go of everything. Calling it twice is harmless."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                self._closing.wait(self._turns.turn())
        finally:
            self._ended = True
            self._turns.close()
