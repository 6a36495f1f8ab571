"""The options every command shares, and reading the configuration for a command."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from config.errors import ConfigError
from config.gateway import Overrides
from config.model import Settings

DEFAULT_CONFIG = Path(__file__).resolve().parents[2] / "config"
Config = Annotated[Path, typer.Option("--config", help="The folder with gateway.toml, sources.toml and the rest.")]


def loader(config: Path, overrides: Overrides) -> Callable[[], Settings]:
    """A function that reads the configuration each time it is called."""
    from config.loader import load

    def read() -> Settings:
        return load(config, environ=os.environ, overrides=overrides)  # noqa: TID251 - a command hands it on

    return read


def load_or_exit(read: Callable[[], Settings]) -> Settings:
    """The settings, or every problem on standard error and exit status 1."""
    try:
        return read()
    except ConfigError as error:
        report(error)
        raise typer.Exit(1) from None


def report(error: ConfigError) -> None:
    """Every problem, one a line."""
    for problem in error.problems:
        typer.echo(str(problem), err=True)
    count = len(error.problems)
    typer.echo(f"The configuration has {count} problem{'s' if count != 1 else ''}.", err=True)
