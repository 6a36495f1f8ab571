"""`gateway explain`: what a token says, and which check it fails.

Exit status: 0 no check fails, 1 one does, 2 the checks could not be made.
"""

import json
import sys
import textwrap
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from gateway.cli.settings import DEFAULT_CONFIG, Config

if TYPE_CHECKING:
    from gateway.cli.examined import Line
    from gateway.steps.verify import RegisteredKey
    from signing.jwk import KeySet

_FAILS, _NOT_MADE = 1, 2
_STDIN = "-"
_TIMES = ("iat", "exp", "nbf")
_KEYS_PATH = "/.well-known/jwks.json"


def explain(
    token: Annotated[str, typer.Argument(help="The token, or - to read it from standard input.")],
    *,
    config: Config = DEFAULT_CONFIG,
    body: Annotated[Path | None, typer.Option(help="The body it was sent with, byte for byte.")] = None,
    url: Annotated[
        str | None,
        typer.Option(help="Request: the address called. Response: the gateway, to fetch its keys from."),
    ] = None,
    method: Annotated[str | None, typer.Option(help="Request: the method.")] = None,
    audience: Annotated[str | None, typer.Option(help="Request: the gateway's identifier.")] = None,
    at: Annotated[str | None, typer.Option(help="Request: the time to check for, or iat; default: now.")] = None,
    status: Annotated[int | None, typer.Option(help="Response: the HTTP status.")] = None,
    request: Annotated[str | None, typer.Option(help="Response: the request token it answers.")] = None,
    jwks: Annotated[Path | None, typer.Option(help="Response: the gateway's key set, a file.")] = None,
) -> None:
    """Show a request or response token readably, and each check of it in order.

    Exit status: 0 no check fails, 1 one does, 2 the checks could not be made.
    """
    from gateway.cli import examined

    text = (sys.stdin.read() if token == _STDIN else token).strip().removeprefix("Bearer ").strip()
    content = _content(body) if body else None
    opened = examined.opened(text)
    if opened is not None:
        _show("Header", opened[0])
        _show("Claims", opened[1])
    if examined.is_response(text):
        reply = examined.Reply(content, status, request)
        lines = examined.response_checks(text, reply, keys=_gateway_keys(jwks, url))
        title = "Checks of a response (contract section 3)"
    else:
        call = examined.Call(method, url, content, audience)
        lines = examined.request_checks(text, call, keys=_portal_keys(config), at=_time(at, text))
        title = "Checks of a request (contract section 2)"
    typer.echo(title)
    _show_lines(lines)
    if any(line.passed is False for line in lines):
        raise typer.Exit(_FAILS)


def _show(title: str, members: Mapping[str, Any]) -> None:
    typer.echo(title)
    for line in _members(members, "  "):
        typer.echo(line)
    typer.echo("")


def _members(members: Mapping[str, Any], indent: str) -> list[str]:
    from gateway.cli.shown import printable

    width = max((len(name) for name in members), default=0)
    lines: list[str] = []
    for name, value in members.items():
        label = f"{indent}{printable(name):<{width}}  "
        if isinstance(value, Mapping):
            lines += [label.rstrip(), *_members(value, indent + "  ")]
        elif isinstance(value, str) and "\n" in value:
            lines += [label.rstrip(), *(f"{indent}  {line}" for line in printable(value).rstrip("\n").split("\n"))]
        else:
            lines.append(label + printable(_value(name, value)))
    return lines


def _value(name: str, value: Any) -> str:
    from gateway.cli.shown import instant

    if name in _TIMES and isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return f"{value}  ({instant(datetime.fromtimestamp(value, tz=UTC))})"
        except (ValueError, OverflowError, OSError):
            return str(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _show_lines(lines: Sequence["Line"]) -> None:
    from gateway.cli.shown import WIDTH, printable

    words = {True: "ok", False: "FAILED", None: "-"}
    for line in lines:
        said = f"{line.name}: {line.code}" if line.code else line.name
        typer.echo(f"  {line.number:>2}  {words[line.passed]:<6}  {said}")
        for row in textwrap.wrap(printable(line.detail), WIDTH - 15):
            typer.echo(f"              {row}")


def _portal_keys(config: Path) -> dict[str, "RegisteredKey"]:
    from gateway.cli import portal_files
    from gateway.steps.verify import RegisteredKey
    from signing.errors import SigningError
    from signing.keys import parse_public

    found = {}
    try:
        portals = portal_files.read_all(config)
    except portal_files.UnusableFile as error:
        _fail(f"{error}.")
    for portal in portals:
        for key in portal.key_blocks():
            begins, ends, revoked = (
                portal_files.moment(key.get(name)) for name in ("not_before", "not_after", "revoked_at")
            )
            place = portal_files.folder(config) / str(key.get("public_key"))
            try:
                public, alg = parse_public(place.read_bytes(), str(key.get("alg"))), str(key.get("alg"))
            except (OSError, SigningError):
                public = None
            if public is None or begins is None or ends is None:
                _fail(f"{portal.path}: the key {key.get('kid')} is not usable; see `gateway check`.")
            found[str(key.get("kid"))] = RegisteredKey(
                agency=portal.agency,
                alg=alg,
                public_key=public,
                not_before=begins,
                not_after=ends,
                revoked_at=revoked,
                suspended=portal.data.get("suspended") is True,
                sandbox=portal.data.get("sandbox") is True,
            )
    return found


def _gateway_keys(jwks: Path | None, url: str | None) -> "KeySet | None":
    from signing.encoding import json_object
    from signing.errors import SigningError
    from signing.jwk import from_jwks

    if jwks is None and url is None:
        return None
    document = _content(jwks) if jwks else _fetched(f"{(url or '').rstrip('/')}{_KEYS_PATH}")
    try:
        return from_jwks(json_object(document, max_bytes=1024 * 1024))
    except SigningError as error:
        _fail(f"The gateway's keys: {error.detail}.")


def _fetched(url: str) -> bytes:
    import httpx

    try:
        answer = httpx.get(url, trust_env=False, timeout=10)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL):
        _fail(f"The gateway's keys could not be fetched from {url}.")
    return answer.content


def _time(given: str | None, token: str) -> datetime:
    from gateway.cli.examined import issued_at

    if given is None:
        return datetime.now(UTC)
    if given == "iat":
        return issued_at(token) or datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        _fail("--at is a time such as 2026-11-22T02:00:00Z, or iat.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        _fail(f"{path}: {error.strerror}.")


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(_NOT_MADE)
