"""`gateway check`: the whole configuration, every problem at once."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from config.errors import ConfigError, Problem
from config.model import SourceSettings
from gateway.cli.settings import DEFAULT_CONFIG, Config


def check(
    config: Config = DEFAULT_CONFIG,
    deployed: Annotated[
        bool, typer.Option("--deployed", help="Also resolve what comes from the environment and from secret files.")
    ] = False,
) -> None:
    """Check the configuration. Exit status 1 when it has problems; warnings do not fail it."""
    from config.check import check as examine

    environ = os.environ if deployed else None  # noqa: TID251 - a command hands it on
    checked = examine(config, environ, datetime.now(UTC))
    wrong = checked.problems or _adapter_problems(checked.sources, deployed=deployed)
    for warning in checked.warnings:
        typer.echo(f"warning: {warning}", err=True)
    for problem in wrong:
        typer.echo(str(problem), err=True)
    if wrong:
        typer.echo(f"{len(wrong)} problem(s).", err=True)
        raise typer.Exit(1)
    typer.echo(f"The configuration in {config.name}/ is sound ({len(checked.warnings)} warning(s)).")


def _adapter_problems(sources: Mapping[str, SourceSettings], *, deployed: bool) -> Sequence[Problem]:
    from prometheus_client import CollectorRegistry

    from gateway.app import adapters, misnamed
    from gateway.ops.metrics import SourceMetrics

    metrics = SourceMetrics(CollectorRegistry())
    if not deployed:
        return misnamed(sources, metrics)
    try:
        adapters(sources, metrics)
    except ConfigError as error:
        return error.problems
    return ()
