"""`gateway corrections`: the errors that portals reported in registries' data, for whoever works the queue.

    list      which there are: nothing about anybody
    show      one of them, whole
    set       what the owner of the data decided
    export    those not yet handed over, in a file for one registry

Rule of this file: an entry of the access log is durable before personal data is shown or leaves, and before a state
changes. Exit codes: 0 done, 1 there is none or it may not be done, 2 the log, the vault or the file cannot be used.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from gateway.cli.settings import DEFAULT_CONFIG, Config

if TYPE_CHECKING:
    from gateway.cli.correction_desk import Desk
    from gateway.corrections.record import Correction

T = TypeVar("T")
app = typer.Typer(help="Errors that portals reported in registries' data.", no_args_is_help=True)

DataDir = Annotated[Path, typer.Option("--data-dir", help="The gateway's data folder.")]
Named = Annotated[str, typer.Argument(help="The correction's id, from `list`.")]
_LIMIT = 10_000


@app.command("list")
def show_all(
    data_dir: DataDir,
    state: Annotated[str | None, typer.Option(help="Only those queued, sent, accepted, rejected or fixed.")] = None,
    source: Annotated[str | None, typer.Option(help="Only those for this registry.")] = None,
    agency: Annotated[str | None, typer.Option(help="Only those of this portal.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Every correction, a line each, the newest first: id, state, registry, field, problem, portal, when."""
    from gateway.cli.shown import instant, printable

    _state(state)
    for one in _found(data_dir, config, state=state, source=source, agency=agency):
        parts = [one.id, one.state.value, one.source, one.field, one.problem, one.agency, instant(one.steps[0].at)]
        typer.echo(printable("  ".join(parts)))


@app.command("show")
def show(named: Named, *, data_dir: DataDir, config: Config = DEFAULT_CONFIG) -> None:
    """One correction, whole: whom it is about and what was proposed. The look is an entry of the access log first."""
    from gateway.cli.correction_desk import SHOWN
    from gateway.cli.shown import pretty
    from gateway.corrections.record import exported

    async def act(desk: "Desk") -> "Correction | None":
        found = await desk.find(named)
        if found is not None:
            await desk.looked(SHOWN, [found], about={"correction": found.id})
        return found

    found = _with(data_dir, config, act)
    if found is None:
        _fail(_NONE, 1)
    typer.echo(pretty(exported(found)))


@app.command("set")
def decide(
    named: Named,
    state: Annotated[str, typer.Argument(help="sent, accepted, rejected or fixed.")],
    *,
    note: Annotated[str, typer.Option(help="The owner's word to the portal: no personal data.")] = "",
    data_dir: DataDir,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Write down what became of a correction. The portal reads state and note."""
    from gateway.corrections.record import NOTE_LIMIT, State, Step

    _state(state)
    if len(note) > NOTE_LIMIT or not note.isprintable():
        _fail(f"--note holds at most {NOTE_LIMIT} printable characters.", 1)

    async def act(desk: "Desk") -> "Correction | None":
        return await desk.step(named, Step(State(state), datetime.now(UTC), note))

    try:
        changed = _with(data_dir, config, act)
    except ValueError as error:
        _fail(f"{named}: {error}.", 1)
    if changed is None:
        _fail(_NONE, 1)
    typer.echo(f"{changed.id}  {changed.state.value}", err=True)


@app.command("export")
def export(
    *,
    source: Annotated[str, typer.Option(help="The registry whose data it is: population, business, tax ...")],
    file: Annotated[Path, typer.Option("--file", help="Where to write; .csv for CSV, else JSON lines.")],
    data_dir: DataDir,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """The queued corrections of one registry in a file (mode 0600), and from then on they are `sent`.

    The file's digest is an entry of the access log before it is written. Broken off, what was not marked sent is
    exported again.
    """
    from gateway.cli.correction_desk import written
    from gateway.corrections.record import State, Step

    async def act(desk: "Desk") -> int:
        found = [one for one in await desk.listed(state=State.QUEUED.value, limit=_LIMIT) if one.source == source]
        if not found:
            return 0
        await desk.export(found, file, written(found, csv=file.suffix == ".csv"))
        for one in found:
            await desk.step(one.id, Step(State.SENT, datetime.now(UTC)))
        return len(found)

    typer.echo(f"{_with(data_dir, config, act)} corrections for {source} in {file}", err=True)


_NONE = "There is no such correction, or its time is over."


def _found(
    data_dir: Path, config: Path, *, state: str | None, source: str | None, agency: str | None
) -> "list[Correction]":
    async def act(desk: "Desk") -> "list[Correction]":
        found = await desk.listed(state=state, agency=agency, limit=_LIMIT)
        return [one for one in found if source in (None, one.source)]

    return _with(data_dir, config, act)


def _with(data_dir: Path, config: Path, act: "Callable[[Desk], Awaitable[T]]") -> T:
    from config.errors import ConfigError
    from gateway.audit.errors import KeyFileRefused
    from gateway.cli.correction_desk import desk
    from gateway.console.model import DoorClosed
    from gateway.vault import VaultUnavailable, VaultUnreadable

    async def run() -> T:
        async with desk(data_dir, config) as opened:
            return await act(opened)

    try:
        return asyncio.run(run())
    except DoorClosed as error:
        _fail(f"The access log in {data_dir} cannot be written: {error}.", 2)
    except (VaultUnavailable, VaultUnreadable, KeyFileRefused) as error:
        _fail(f"{error}.", 2)
    except ConfigError as error:
        _fail("\n".join(str(problem) for problem in error.problems), 2)
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}.", 2)


def _state(state: str | None) -> None:
    from gateway.corrections.record import State

    if state is not None and state not in set(State):
        _fail(f"The state is one of: {', '.join(State)}.", 1)


def _fail(sentence: str, code: int) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    raise typer.Exit(code)
