"""`gateway mocks`: the three mock registries, as a process of their own. Nothing of theirs is imported here."""

import os
import sys

import typer


def mocks(context: typer.Context) -> None:
    """Start the mock registries; options are handed on (see --help of python -m mocks)."""
    os.execv(sys.executable, [sys.executable, "-m", "mocks", *context.args])  # noqa: S606 - replaces this process
