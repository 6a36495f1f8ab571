"""`gateway store`: looking after a PostgreSQL store (the embedded store looks after itself), and erasing from any.

Exit codes: 0 done, 2 it could not be done; nothing is left half done.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from gateway.cli.erase import erase

if TYPE_CHECKING:
    from gateway.storage.opening import Location
    from gateway.storage.partitions import Partitions

app = typer.Typer(help="Look after a PostgreSQL store; erase what is kept about somebody.", no_args_is_help=True)

app.command()(erase)

_Url = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="LT_STORE_OWNER_URL",
        show_envvar=True,
        help="postgresql://owner@host/database, as the owner of the tables; a password belongs into the variable "
        "or into a passfile, not on the command line.",
    ),
]


@app.command()
def migrate(url: _Url) -> None:
    """Make or upgrade the tables, and the log's partitions 13 months ahead. Safe to repeat."""
    from gateway.storage.contract import StoreUnavailable
    from gateway.storage.migrate import migrate as bring_up

    location = _location(url)
    try:
        done = bring_up(location, now=datetime.now(UTC))
    except StoreUnavailable as error:
        _stop(f"{location}: {error}")
    was = "" if done.before == done.after else f", was {done.before or 'empty'}"
    print(f"{location}  at revision {done.after}{was}")
    _partitions(done.partitions)


@app.command()
def partitions(
    url: _Url, ahead: Annotated[int, typer.Option(min=1, max=120, help="How many months ahead.")] = 13
) -> None:
    """Make the log's monthly partitions ahead of time. Run it every month, or let a timer do so."""
    from gateway.storage.contract import StoreUnavailable
    from gateway.storage.partitions import create_partitions

    location = _location(url)
    try:
        made = create_partitions(location, months_ahead=ahead, now=datetime.now(UTC))
    except StoreUnavailable as error:
        _stop(f"{location}: {error}")
    _partitions(made)


def _partitions(made: "Partitions") -> None:
    print(f"{len(made.made)} partitions made, {len(made.present)} were there")
    for name in made.in_default:
        print(f"not made: {name}. Entries of that month lie in the default partition already; they stay there.")


def _location(url: str) -> "Location":
    from gateway.storage.opening import parse_location

    try:
        location = parse_location(url, Path())
    except ValueError as error:
        _stop(f"--url: {error}")
    if location.url is None:
        _stop("--url: only a PostgreSQL store is looked after by hand.")
    return location


def _stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(2)
