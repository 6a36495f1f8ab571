"""What an adapter tells whoever measures it.

Rule of this file: numbers and closed words only. Nothing of a question or an answer goes through here, so a
metric label can never hold personal data.
"""

from typing import Protocol


class Observer(Protocol):
    """Receives what happened on the way to a source. Called in the event loop: it must return at once."""

    def called(self, source: str, operation: str, outcome: str, seconds: float) -> None:
        """One call ended, retries included. `outcome`: `ok`, `cancelled` or a `Fault` value."""
        ...

    def breaker(self, source: str, state: str) -> None:
        """The breaker of a source changed to `closed`, `open` or `half_open`."""
        ...

    def retried(self, source: str) -> None:
        """A try failed and another one is about to start."""
        ...

    def waiting(self, source: str, n: int) -> None:
        """`n` calls now wait for a free place in the source's bulkhead."""
        ...


class NullObserver:
    """Measures nothing: for a command that makes one call and leaves."""

    def called(self, source: str, operation: str, outcome: str, seconds: float) -> None:
        """Forget it."""

    def breaker(self, source: str, state: str) -> None:
        """Forget it."""

    def retried(self, source: str) -> None:
        """Forget it."""

    def waiting(self, source: str, n: int) -> None:
        """Forget it."""
