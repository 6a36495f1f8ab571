"""`gateway auditors`: who may use the console. Works on the data folder, also while the console runs.

The first administrator is made here; everyone else can be made on the console's own pages, under the same rules.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from gateway.cli.recording import actor, recording
from gateway.cli.settings import DEFAULT_CONFIG, Config, report

if TYPE_CHECKING:
    from gateway.console.accounts.desk import Desk
    from gateway.console.accounts.occurrences import Record
    from gateway.console.accounts.store import AccountStore

T = TypeVar("T")

app = typer.Typer(help="Accounts of the auditors' console.", no_args_is_help=True)

DataDir = Annotated[Path, typer.Option("--data-dir", help="The gateway's data folder.")]
Username = Annotated[str, typer.Argument(help="User name.")]

_SENTENCES = {
    "username_invalid": "A user name has 2 to 64 lower-case letters, digits, dots, underscores or hyphens",
    "username_taken": "This user name is taken",
    "name_invalid": "The name is empty, too long, or holds unprintable characters",
    "portal_invalid": "An agency code is not valid",
    "portals_missing": "A provincial auditor needs at least one --portal",
    "account_unknown": "There is no such account",
    "last_administrator": "One enabled administrator has to remain",
    "no_password": "This account uses single sign-on and has no password",
    "subject_taken": "This single sign-on subject has an account already",
    "subject_invalid": "--issuer and --subject go together, and neither is empty",
}


recorder: "Callable[[Path, Path], AbstractAsyncContextManager[Record]]" = recording
"""From a data and a configuration folder to what makes a change durable in the access log before it takes effect."""


@app.command("add")
def add(
    username: Username,
    *,
    name: Annotated[str, typer.Option("--name", help="The person's name, as pages show it.")],
    role: Annotated[
        str, typer.Option("--role", help="national_auditor, provincial_auditor, operator or administrator.")
    ],
    portal: Annotated[list[str] | None, typer.Option("--portal", help="Agency code; may be repeated.")] = None,
    language: Annotated[str, typer.Option("--language", help="vi or en.")] = "vi",
    issuer: Annotated[str, typer.Option("--issuer", help="For single sign-on: the provider's issuer.")] = "",
    subject: Annotated[str, typer.Option("--subject", help="For single sign-on: the provider's `sub`.")] = "",
    config: Config = DEFAULT_CONFIG,
    data_dir: DataDir,
) -> None:
    """Add an account and print its initial password, once. It has to be changed at the first sign-in."""
    from gateway.console.accounts.desk import Subject, Wanted
    from gateway.console.model import Role

    if role not in set(Role):
        _fail(f"--role is one of: {', '.join(Role)}.")
    if language not in {"vi", "en"}:
        _fail("--language is vi or en.")
    if bool(issuer) != bool(subject):
        _fail(f"{_SENTENCES['subject_invalid']}.")
    wanted = Wanted(name, Role(role), tuple(portal or ()), language)
    bound = Subject(issuer, subject) if issuer else None

    async def act(desk: "Desk") -> str | None:
        return await desk.add(username, wanted, actor=actor(), now=datetime.now(UTC), subject=bound)

    password = _with_desk(data_dir, config, act)
    if password is None:
        typer.echo("Added. It signs in by single sign-on.", err=True)
    else:
        _show(password)


@app.command("list")
def show(data_dir: DataDir) -> None:
    """All accounts: name, role, portals, state."""
    from gateway.cli.shown import printable
    from gateway.console.accounts.errors import AccountsUnavailable
    from gateway.console.accounts.rows import Origin

    store = _store(data_dir)
    try:
        accounts = store.read(lambda rows: rows.accounts())
    except AccountsUnavailable as error:
        _fail(f"The accounts in {data_dir} cannot be used: {error.reason}.")
    finally:
        store.close()
    for held in accounts:
        account = held.account
        state = "disabled" if account.disabled else "in use"
        if not account.disabled and held.origin is Origin.LOCAL and not held.enrolled:
            state = "not signed in yet"
        parts = [account.username, account.role.value, " ".join(sorted(account.scope.portals or ())), state]
        typer.echo(printable(f"{'  '.join(part for part in parts if part)}  {account.name}"))


@app.command("reset")
def reset(username: Username, *, config: Config = DEFAULT_CONFIG, data_dir: DataDir) -> None:
    """Print a new initial password, once. The second factor has to be enrolled again; sessions end."""

    async def act(desk: "Desk") -> str:
        return await desk.reset(username, actor=actor(), now=datetime.now(UTC))

    _show(_with_desk(data_dir, config, act))


@app.command("disable")
def disable(username: Username, *, config: Config = DEFAULT_CONFIG, data_dir: DataDir) -> None:
    """Let an account sign in no more, and end its sessions."""

    async def act(desk: "Desk") -> None:
        await desk.disable(username, actor=actor(), now=datetime.now(UTC))

    _with_desk(data_dir, config, act)
    typer.echo("Disabled.", err=True)


@app.command("enable")
def enable(username: Username, *, config: Config = DEFAULT_CONFIG, data_dir: DataDir) -> None:
    """Let an account sign in again."""

    async def act(desk: "Desk") -> None:
        await desk.enable(username, actor=actor(), now=datetime.now(UTC))

    _with_desk(data_dir, config, act)
    typer.echo("Enabled.", err=True)


def _with_desk(data_dir: Path, config: Path, act: "Callable[[Desk], Awaitable[T]]") -> T:
    from config.errors import ConfigError
    from gateway.console.accounts.errors import AccountRefused, AccountsUnavailable
    from gateway.console.model import DoorClosed

    try:
        return asyncio.run(_at_desk(data_dir, config, act))
    except AccountRefused as error:
        _fail(f"{_SENTENCES.get(error.code, error.code)}.")
    except AccountsUnavailable as error:
        _fail(f"The accounts in {data_dir} cannot be used: {error.reason}.")
    except DoorClosed as error:
        _fail(f"Nothing was changed: the access log cannot be written ({error.reason}).")
    except ConfigError as error:
        report(error)
        raise typer.Exit(1) from None


async def _at_desk(data_dir: Path, config: Path, act: "Callable[[Desk], Awaitable[T]]") -> T:
    from secrets import token_bytes

    from gateway.console.accounts.desk import Desk
    from gateway.console.accounts.passwords import Hasher

    store, hasher = _store(data_dir), Hasher()
    try:
        async with recorder(data_dir, config) as record:
            return await act(Desk(store, hasher=hasher, record=record, urandom=token_bytes))
    finally:
        store.close()
        hasher.close()


def _store(data_dir: Path) -> "AccountStore":
    from gateway.console.accounts.store import AccountStore

    if not data_dir.is_dir():
        _fail(f"{data_dir} is not a folder.")
    return AccountStore(data_dir / "console" / "console.sqlite")


def _show(password: str) -> None:
    typer.echo(password)
    typer.echo("This password is shown once. It has to be changed at the first sign-in.", err=True)


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
