"""`gateway keys new`: a key pair for a portal, made where it will be used."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from signing.keys import KeySigner

app = typer.Typer(help="Signing keys.", no_args_is_help=True)


@app.callback()
def keys() -> None:
    """Signing keys."""


@app.command("new")
def new(
    out: Annotated[Path, typer.Option("--out", help="The folder to write to; made when it is not there.")],
    alg: Annotated[str, typer.Option("--alg", help="ES256, EdDSA or PS256.")] = "ES256",
    kid: Annotated[str | None, typer.Option("--kid", help="The key's name; default: its RFC 7638 thumbprint.")] = None,
) -> None:
    """Make a key pair: KID.pem, for its owner alone, and KID.pub.pem, to be registered with the gateway.

    Prints the kid. Never overwrites a file. The private key must not leave the portal; send the .pub.pem file to the
    gateway's operator.
    """
    from signing.algorithms import canonical
    from signing.errors import SigningError
    from signing.keys import private_pem, public_pem, write_private_file

    try:
        signer = _signer(canonical(alg), kid)
    except SigningError as error:
        _fail(f"{error.detail}.")
    private, public = out / f"{signer.kid}.pem", out / f"{signer.kid}.pub.pem"
    for path in (private, public):
        if path.exists():
            _fail(f"{path} is already there. Choose another --kid or folder.")
    try:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private_file(private, private_pem(signer.private_key))
        with public.open("xb") as file:
            file.write(public_pem(signer.public_key))
    except OSError as error:
        _fail(f"Cannot write to {out}: {error.strerror}.")
    typer.echo(signer.kid)
    typer.echo(f"private key  {private}  (keep it here)", err=True)
    typer.echo(f"public key   {public}  (for the gateway's operator)", err=True)


def _signer(alg: str, kid: str | None) -> "KeySigner":
    from signing.algorithms import generate
    from signing.keys import KeySigner
    from signing.thumbprint import thumbprint

    while True:
        key = generate(alg)
        name = kid or thumbprint(key.public_key())
        # a name that begins with a dash would be taken for an option on every command line
        if kid or not name.startswith("-"):
            return KeySigner(name, alg, key)


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
