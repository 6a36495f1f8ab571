"""What `gateway check` says: every problem, and what is legal but deserves a look.

Rule of this file: it reads with the very function start-up uses; a check that start-up skips does not exist.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from config.errors import Findings, Problem
from config.gateway import Overrides
from config.loader import examine
from config.model import Settings, SourceSettings


def check(
    root: Path, environ: Mapping[str, str] | None, at: datetime
) -> tuple[Settings | None, tuple[Problem, ...], tuple[Problem, ...]]:
    """The settings, the problems and the warnings of a configuration at a time (aware).

    Settings are None when there is any problem, and always when `environ` is None: then the files are checked on a
    machine that has neither the gateway's environment nor its secrets, and only the form of references can be judged.
    """
    findings = Findings()
    settings = examine(root, environ, Overrides(), findings, at=at)
    usable = environ is not None and not findings.found
    return (settings if usable else None), findings.problems, findings.warnings


def sources(root: Path) -> Mapping[str, SourceSettings]:
    """The sources of a configuration without problems, with nothing from the environment: to see what they name."""
    return examine(root, None, Overrides(), Findings(), at=None).sources
