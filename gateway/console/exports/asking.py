"""What may be asked for, what is, and how far it has come.

Rule of this file: values only.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.console.model import Account, Wanted


@dataclass(frozen=True, slots=True)
class Limits:
    """`per_owner`: exports of one account that are there at once; `bytes`: of all of them together."""

    per_owner: int = 10
    bytes: int = 2 << 30


class ExportsFull(Exception):  # noqa: N818 - it says what happened
    """No further export is taken. `key`: of the text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for. `about`: the same for the log."""

    account: Account
    wanted: Wanted
    form: str
    about: Mapping[str, str]
    masked: str = ""
    search: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `of` entries were looked at, `found` of them fit."""

    done: int = 0
    of: int = 0
    found: int = 0

    @property
    def percent(self) -> int:
        """0 to 100."""
        return min(100, 100 * self.done // self.of) if self.of else 0
