"""What is wrong with a configuration.

    ConfigError        the configuration cannot be used
      carries Problem  a place and a sentence, one per mistake; all of them, not only the first

Rule of this file: a sentence names keys, files and variables, never the value of a credential.
"""

import difflib
from collections.abc import Collection
from dataclasses import dataclass, field

from config.place import Place


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake, or one thing worth a look, and where it stands."""

    file: str
    line: int
    message: str

    @property
    def place(self) -> Place:
        """The line to open."""
        return Place(self.file, self.line)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class ConfigError(Exception):
    """The configuration has mistakes. `problems`: all of them, by file and line; `str()` is one line for each."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def meant(word: str, known: Collection[str], *, before: str = "") -> str:
    """What to put behind a sentence about a word that is not known: ` Did you mean X?`, or "" where none is like it.

    `before` stands in front of the known word in the question.
    """
    near = difflib.get_close_matches(word, known, 1)
    return f" Did you mean {before}{near[0]}?" if near else ""


@dataclass(slots=True)
class Findings:
    """What the readers of one configuration found so far. The only value in this package that changes."""

    found: list[Problem] = field(default_factory=list)
    doubts: list[Problem] = field(default_factory=list)

    def problem(self, place: Place, message: str) -> None:
        """Record a mistake: the configuration cannot be used."""
        self.found.append(Problem(place.file, place.line, message))

    def warning(self, place: Place, message: str) -> None:
        """Record something legal that an operator should look at."""
        self.doubts.append(Problem(place.file, place.line, message))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All mistakes, by file and line, each once."""
        return tuple(sorted(set(self.found)))

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """All doubts, by file and line, each once."""
        return tuple(sorted(set(self.doubts)))
