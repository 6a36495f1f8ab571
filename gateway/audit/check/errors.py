"""The two ways a check does not end well.

Violation     the log is not what it must be: exit 1
CannotCheck   nothing can be said: no file, not a log, an unusable key: exit 2
"""

# ruff: noqa: N818  # the names say what happened


class Violation(Exception):
    """The log breaks a promise. `index`: the first entry concerned, None when no single one is; `what`: a sentence."""

    def __init__(self, index: int | None, what: str) -> None:
        super().__init__(what if index is None else f"entry {index}: {what}")
        self.index = index
        self.what = what


class CannotCheck(Exception):
    """The check could not be made. The text is a sentence for a person."""
