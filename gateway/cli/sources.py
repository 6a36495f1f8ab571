"""`gateway sources check`: one harmless call to each national database."""

import asyncio
from typing import Annotated

import typer

from config.errors import ConfigError
from config.gateway import Overrides
from config.model import Settings
from gateway.cli.settings import DEFAULT_CONFIG, Config, load_or_exit, loader, report

app = typer.Typer(help="The national databases behind the gateway.", no_args_is_help=True)


@app.callback()
def sources() -> None:
    """The national databases behind the gateway."""


@app.command()
def check(
    config: Config = DEFAULT_CONFIG,
    seconds: Annotated[float, typer.Option(help="How long to wait for each source.")] = 10.0,
) -> None:
    """Is each source reachable, does it accept our credentials, is its contract unchanged? Touches nobody's record."""
    settings = load_or_exit(loader(config, Overrides()))
    try:
        outcomes = asyncio.run(_outcomes(settings, seconds))
    except ConfigError as error:
        report(error)
        raise typer.Exit(1) from None
    for source, problem in outcomes.items():
        typer.echo(f"{source:<12} {problem or 'ok'}")
    if any(outcomes.values()):
        raise typer.Exit(1)


async def _outcomes(settings: Settings, seconds: float) -> dict[str, str | None]:
    from prometheus_client import CollectorRegistry

    from adapters.contract import Adapter, AdapterError
    from gateway.app import adapters
    from gateway.ops.metrics import SourceMetrics

    async def outcome(adapter: Adapter) -> str | None:
        try:
            await adapter.check(deadline=seconds)
        except AdapterError as error:
            return f"{error.fault.value} ({error.reason})"
        finally:
            await adapter.close()
        return None

    built = adapters(settings.sources, SourceMetrics(CollectorRegistry()))
    found = await asyncio.gather(*(outcome(adapter) for adapter in built.values()))
    return dict(zip(built, found, strict=True))
