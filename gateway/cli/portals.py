"""`gateway portals`: the callers, and the public keys they sign with. Edits `config/portals/`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from gateway.cli.settings import DEFAULT_CONFIG, Config

app = typer.Typer(help="Callers and their public keys.", no_args_is_help=True)

_OPERATIONS = [
    *("persons.verify", "persons.lookup", "enterprises.lookup", "taxpayers.lookup"),
    *("dossiers.prefill", "dossiers.preview", "corrections.report", "corrections.read"),
]
_REGISTER = "documents.register"
_HINT = "Run `gateway check`; a running gateway takes the change at SIGHUP."
Agency = Annotated[str, typer.Argument(help="Agency code: H14, H14.5, or 000.00.12.H14.")]
PublicKey = Annotated[Path, typer.Option("--public-key", help="The portal's public key, PEM.")]
Kid = Annotated[str | None, typer.Option("--kid", help="The key's name; default: its RFC 7638 thumbprint.")]
Days = Annotated[int, typer.Option("--days", min=1, max=3650, help="How long the key is valid.")]


@app.command("add")
def add(
    agency: Agency,
    *,
    public_key: PublicKey,
    kid: Kid = None,
    days: Days = 365,
    name_vi: Annotated[str, typer.Option(help="For a new portal: its name.")] = "",
    name_en: Annotated[str, typer.Option(help="For a new portal: its English name.")] = "",
    procedure: Annotated[list[str] | None, typer.Option(help="For a new portal; may be repeated.")] = None,
    operation: Annotated[list[str] | None, typer.Option(help="For a new portal; default: all but documents.*.")] = None,
    registers: Annotated[
        list[str] | None, typer.Option(help="For a new portal: a kind of document it may register; may be repeated.")
    ] = None,
    basis: Annotated[list[str] | None, typer.Option(help="For a new portal: law or consent; default: law.")] = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="For a new portal: may call debug/verify.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Register a key; for an agency without a portal file, register the portal too."""
    from gateway.cli import portal_files, portal_text

    path = _path(config, agency)
    if path.exists():
        text = _read(path)
    else:
        if not (name_vi and name_en and procedure):
            _fail(f"There is no {path} yet: a new portal needs --name-vi, --name-en and --procedure.")
        if (_REGISTER in (operation or ())) != bool(registers):
            _fail(f"--operation {_REGISTER} and --registers, the kinds it may register, go together.")
        text = portal_text.new_portal(
            agency=path.stem,
            name_vi=name_vi,
            name_en=name_en,
            sandbox=sandbox,
            procedures=procedure,
            operations=operation or _OPERATIONS,
            registers=registers or [],
            bases=basis or ["law"],
        )
        portal_files.folder(config).mkdir(parents=True, exist_ok=True)
    at = datetime.now(UTC)
    name = _register(config, path, text, pem=public_key, kid=kid, at=at, days=days)
    typer.echo(name)
    typer.echo(f"Registered for {path.stem}, valid for {days} days.", err=True)
    typer.echo(_HINT, err=True)


@app.command("list")
def show(config: Config = DEFAULT_CONFIG) -> None:
    """Portals, and for each key its state and its end."""
    from gateway.cli import portal_files
    from gateway.cli.shown import instant, printable

    try:
        portals = portal_files.read_all(config)
    except portal_files.UnusableFile as error:
        _fail(f"{error}.")
    at = datetime.now(UTC)
    for portal in portals:
        marks = [word for word in ("sandbox", "suspended") if portal.data.get(word) is True]
        name = str(portal.data.get("name_en", ""))
        typer.echo(printable(f"{portal.agency}  {name}{' (' + ', '.join(marks) + ')' if marks else ''}"))
        for key in portal.key_blocks():
            ends = portal_files.moment(key.get("not_after"))
            until = f"until {instant(ends)}" if ends else ""
            typer.echo(printable(f"  {key.get('kid', '?')}"))
            typer.echo(printable(f"    {key.get('alg', '?'):<7} {portal_files.key_state(key, at):<14} {until}"))
        if not portal.key_blocks():
            typer.echo("  no key")


@app.command("rotate")
def rotate(
    agency: Agency,
    *,
    public_key: PublicKey,
    kid: Kid = None,
    days: Days = 365,
    overlap_days: Annotated[int, typer.Option(min=0, max=90, help="How long the keys in use stay valid.")] = 7,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Register the next key, and let the keys in use end after an overlap."""
    from gateway.cli import portal_files, portal_text

    path = _path(config, agency)
    text = _read(path)
    at = datetime.now(UTC)
    ends = at + timedelta(days=overlap_days)
    ending = []
    for key in portal_files.read(path).key_blocks():
        until = portal_files.moment(key.get("not_after"))
        if portal_files.key_state(key, at) == "valid" and until is not None and until > ends:
            try:
                text = portal_text.with_end(text, str(key.get("kid")), ends)
            except portal_text.NotEdited as error:
                _fail(f"{path}: {error}.")
            ending.append(str(key.get("kid")))
    name = _register(config, path, text, pem=public_key, kid=kid, at=at, days=days)
    typer.echo(name)
    for old in ending:
        typer.echo(f"{old} ends in {overlap_days} days.", err=True)
    typer.echo(f"Registered for {path.stem}, valid for {days} days.", err=True)
    typer.echo(_HINT, err=True)


@app.command("revoke")
def revoke(
    agency: Agency,
    kid: Annotated[str, typer.Argument(help="The key's name.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Refuse a key from now on. The block stays, so that the log can still be read."""
    from gateway.cli import portal_files, portal_text

    path = _path(config, agency)
    try:
        portal_files.replace(path, portal_text.with_revocation(_read(path), kid, datetime.now(UTC)))
    except portal_text.NotEdited as error:
        _fail(f"{path}: {error}.")
    except OSError as error:
        _fail(f"{path}: {error.strerror}.")
    typer.echo(f"{kid} of {path.stem} is revoked.", err=True)
    typer.echo("A running gateway refuses it once it gets SIGHUP.", err=True)


def _register(config: Path, path: Path, text: str, *, pem: Path, kid: str | None, at: datetime, days: int) -> str:
    from gateway.cli import portal_files, portal_text
    from signing.errors import SigningError
    from signing.keys import check_kid, parse_any_public
    from signing.keys import public_pem as written
    from signing.thumbprint import thumbprint

    try:
        alg, key = parse_any_public(pem.read_bytes())
        name = kid or thumbprint(key)
        check_kid(name)
        for portal in portal_files.read_all(config):
            if any(held.get("kid") == name for held in portal.key_blocks()):
                _fail(f"The kid {name} is taken, by {portal.agency}. Choose another --kid.")
        stored = portal_files.folder(config) / path.stem / f"{name}.pem"
        ends = at + timedelta(days=days)
        block = portal_text.NewKey(name, alg, f"{path.stem}/{name}.pem", at, ends)
        changed = portal_text.with_key(text, block)
        stored.parent.mkdir(exist_ok=True)
        if stored.exists() and stored.read_bytes() != written(key):
            _fail(f"{stored} is already there and holds something else. Choose another --kid.")
        # the key before the block that names it: a gateway reloading in between finds nothing missing
        portal_files.replace(stored, written(key).decode("ascii"))
        portal_files.replace(path, changed)
    except SigningError as error:
        _fail(f"{pem}: {error.detail}.")
    except portal_text.NotEdited as error:
        _fail(f"{path}: {error}.")
    except portal_files.UnusableFile as error:
        _fail(f"{error}.")
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}.")
    return name


def _path(config: Path, agency: str) -> Path:
    from config.agency import canonical
    from gateway.cli import portal_files

    try:
        return portal_files.folder(config) / f"{canonical(agency)}.toml"
    except ValueError as error:
        _fail(str(error))


def _read(path: Path) -> str:
    from gateway.cli import portal_files

    try:
        return portal_files.read(path).text
    except portal_files.UnusableFile as error:
        _fail(f"{error}.")


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
