"""`gateway console`: the auditors' console, until SIGTERM."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from config.errors import ConfigError
from config.gateway import Overrides
from gateway.cli.settings import DEFAULT_CONFIG, Config, load_or_exit, loader, report


def console(
    config: Config = DEFAULT_CONFIG,
    data_dir: Annotated[Path | None, typer.Option(help="The gateway's data folder.")] = None,
    listen: Annotated[str | None, typer.Option(help="HOST:PORT of the console; port 0 takes a free one.")] = None,
    gateway_url: Annotated[
        str | None, typer.Option(help="The URL of the gateway's operations port, which records what auditors see.")
    ] = None,
    ready_file: Annotated[Path | None, typer.Option(help="Written once the console answers.")] = None,
) -> None:
    """Serve the auditors' console. SIGHUP reads names and rules again, SIGTERM stops it.

    It needs a running gateway: nothing is shown before the gateway has recorded it.
    """
    import uvloop

    from gateway import logs
    from gateway.console import serving
    from gateway.console.accounts.errors import AccountsUnavailable
    from gateway.console.compose import ConsoleRefused

    read = loader(config, Overrides(data_dir=data_dir, console=listen, console_gateway=gateway_url))
    settings = load_or_exit(read)
    logs.configure()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serving.serve(settings, load=read, ready_file=ready_file))
    except ConfigError as error:
        report(error)
        raise typer.Exit(1) from None
    except (ConsoleRefused, AccountsUnavailable, OSError) as error:
        typer.echo(f"Cannot start: {error}", err=True)
        raise typer.Exit(1) from None
