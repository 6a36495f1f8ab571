"""`gateway serve`: the API and the operations port, until SIGTERM."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from config.errors import ConfigError
from config.gateway import Overrides
from gateway.cli.settings import DEFAULT_CONFIG, Config, load_or_exit, loader, report


def serve(
    config: Config = DEFAULT_CONFIG,
    data_dir: Annotated[Path | None, typer.Option(help="Where keys and the access log are kept.")] = None,
    listen: Annotated[str | None, typer.Option(help="HOST:PORT of the API; port 0 takes a free one.")] = None,
    ops: Annotated[str | None, typer.Option(help="HOST:PORT of health and metrics.")] = None,
    public_url: Annotated[str | None, typer.Option(help="The URL callers use, without a slash at the end.")] = None,
    ready_file: Annotated[Path | None, typer.Option(help="Written once everything answers.")] = None,
) -> None:
    """Serve the API. SIGHUP reads the configuration again, SIGTERM lets calls under way end first."""
    import uvloop

    from gateway import logs, server
    from gateway.audit.errors import KeyFileRefused, LogBroken, LogUnavailable
    from signing.errors import SigningError

    read = loader(config, Overrides(public_url=public_url, listen=listen, ops=ops, data_dir=data_dir))
    settings = load_or_exit(read)
    logs.configure()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(server.serve(settings, load=read, ready_file=ready_file))
    except ConfigError as error:
        report(error)
        raise typer.Exit(1) from None
    except LogBroken as error:
        typer.echo(f"Cannot start: the access log is not what it was: {error.detail}", err=True)
        typer.echo("`gateway log verify` says more. Do not delete anything: what is there is evidence.", err=True)
        raise typer.Exit(1) from None
    except (KeyFileRefused, SigningError, LogUnavailable, OSError) as error:
        typer.echo(f"Cannot start: {error}", err=True)
        raise typer.Exit(1) from None
