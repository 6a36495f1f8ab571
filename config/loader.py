"""The whole configuration, read in order; later parts refer to earlier ones.

    1 gateway.toml   2 codes/, translations/   3 territory/   4 sources.toml   5 fields.toml   6 grants/   7 dossiers/
    8 portals/   9 profiles/   10 console.toml

Rule of this file: either every part is right and there are `Settings`, or there are problems, all of them at once.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from config import (
    codes,
    documents,
    dossiers,
    fields,
    gateway,
    grants,
    portals,
    profiles,
    sources,
    territory,
    translations,
    unusual,
)
from config.console_rules import ConsoleRules
from config.errors import ConfigError, Findings
from config.files import Files
from config.gateway import Overrides
from config.model import Procedure, Settings
from config.references import Environment
from config.table import Table

__all__ = ["ConfigError", "Overrides", "examine", "load"]


def load(root: Path, *, environ: Mapping[str, str], overrides: Overrides | None = None) -> Settings:
    """The configuration in the folder `root`, references followed into `environ`.

    Raises ConfigError with every problem. Warnings are left to `config.check`, which reads through the same function.
    """
    findings = Findings()
    settings = examine(root, environ, overrides or Overrides(), findings, at=None)
    if findings.found:
        raise ConfigError(findings.problems)
    return settings


def examine(
    root: Path, environ: Environment, overrides: Overrides, findings: Findings, *, at: datetime | None
) -> Settings:
    """Read everything, recording problems and warnings. The result is to be used only when no problem was recorded.

    `environ` None: see `config.references.resolve`; what is read then is never fit for use. `at`: see
    `config.portals.read`.
    """
    files = Files(root, findings)
    settings = gateway.read(files.toml("gateway.toml") or _nothing(files), environ, overrides)
    lists = codes.read(files)
    words = translations.read(files, lists)
    units = territory.read(files)
    databases_table, fields_table = files.toml("sources.toml"), files.toml("fields.toml")
    # A file that is no TOML at all is one problem; what refers to it is then not reported as missing.
    databases = sources.read(databases_table, environ, settings) if databases_table else {}
    known_sources = databases if databases_table else ANYTHING
    vocabulary = fields.read(fields_table, known_sources, lists) if fields_table else {}
    procedures: Mapping[str, Procedure] = {}
    kinds = lists[documents.CODE_LIST].codes if documents.CODE_LIST in lists else ()
    if fields_table:
        procedures = dossiers.read(files, vocabulary, grants.read(files, vocabulary, kinds), words, kinds)
    known_procedures = {*procedures, *files.folders("dossiers")}
    callers = portals.read(files, known_procedures, kinds, settings, at)
    # every limit has a default, so a folder from before there was a console is a whole configuration
    unusual_table = files.toml("console.toml") if (root / "console.toml").exists() else None
    return Settings(
        gateway=settings,
        fields=vocabulary,
        codes=lists,
        territory=units,
        sources=databases,
        procedures=procedures,
        portals=callers,
        profiles=profiles.read(files, vocabulary) if fields_table else {},
        console_rules=unusual.read(unusual_table) if unusual_table else ConsoleRules(),
        root=root,
        digest=files.digest(),
    )


class _Anything(Collection[str]):
    """Holds every name and can list none: stands for a list that could not be read."""

    def __contains__(self, _: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


ANYTHING = _Anything()


def _nothing(files: Files) -> Table:
    """An empty gateway.toml whose lacks are not reported, for when the real one cannot be read."""
    return Table({}, files.shown("gateway.toml"), dict, (), Findings())
