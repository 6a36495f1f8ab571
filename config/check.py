"""What `gateway check` says: every problem, and what is legal but deserves a look.

Rule of this file: it reads with the very function start-up uses; a check that start-up skips does not exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.errors import Findings, Problem
from config.gateway import Overrides
from config.loader import examine
from config.model import Settings, SourceSettings


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a configuration. `sources`: empty when there is any problem."""

    settings: Settings | None
    sources: Mapping[str, SourceSettings]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def check(root: Path, environ: Mapping[str, str] | None, at: datetime) -> Checked:
    """The settings, the problems and the warnings of a configuration at a time (aware).

    `environ` None: the files are checked on a machine that has neither the gateway's environment nor its secrets. Only
    the form of references can be judged then, there are no settings, and the sources hold nothing from outside: they
    show what they name.
    """
    findings = Findings()
    settings = examine(root, environ, Overrides(), findings, at=at)
    if findings.found:
        return Checked(None, {}, findings.problems, findings.warnings)
    return Checked(settings if environ is not None else None, settings.sources, (), findings.warnings)
