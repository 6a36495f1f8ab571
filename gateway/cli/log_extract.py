"""`gateway log export --format csv|jsonl`: what chosen entries say, as one signed file; and `--check` of such a file.

Exit codes: 0 written, or it holds; 1 the log, or the file, does not hold; 2 nothing could be done or checked.
"""

import os
import sys
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from gateway.cli.shown import instant, printable
from gateway.cli.times import time_of

if TYPE_CHECKING:
    from gateway.audit.extract.selection import Selection
    from signing.jwk import KeySet
    from signing.notes import NoteKey

_CHOOSING = "Which entries (csv, jsonl)"
_CHECKING = "Checking a file (needs no log)"


def _option(text: str, *names: str, metavar: str | None = None, panel: str = _CHOOSING) -> Any:
    return typer.Option(*names, help=text, metavar=metavar, rich_help_panel=panel)


Since = Annotated[
    str | None, _option("From this time on: 2026-11-01, or 2026-11-01T08:00 (+07:00 unless it says).", metavar="TIME")
]
Until = Annotated[str | None, _option("Before this time.", metavar="TIME")]
Kind = Annotated[str | None, _option("decided, disclosed, refused, inspected, changed ...")]
Portal = Annotated[str | None, _option("Agency code of the portal.")]
Officer = Annotated[str | None, _option("Id of an officer, as the portal gives it.")]
Procedure = Annotated[str | None, _option("Procedure code.")]
Dossier = Annotated[str | None, _option("Dossier code.")]
Operation = Annotated[str | None, _option("persons.lookup, dossiers.prefill ...")]
Outcome = Annotated[str | None, _option("ok, or the code of a refusal.")]
Source = Annotated[str | None, _option("A source that was asked: population, business, tax.")]
Auditor = Annotated[str | None, _option("What this account saw in the console.")]
SubjectStdin = Annotated[
    bool, _option("About the person or organisation whose number comes on standard input.", "--subject-stdin")
]
Check = Annotated[
    Path | None, _option("The file to check, with its manifest and signature beside it.", panel=_CHECKING)
]
Jwks = Annotated[Path | None, _option("The gateway's key set, from /.well-known/jwks.json.", panel=_CHECKING)]
PublicKey = Annotated[
    str | None, _option("The log's public key, as text or a file.", "--public-key", metavar="VKEY", panel=_CHECKING)
]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command was asked for. `filters`: name -> text as typed, None where it was left out."""

    form: str
    out: Path
    data_dir: Path
    store: str
    first: int
    end: int | None
    filters: dict[str, str | None]
    subject_stdin: bool


def write(wish: Wish) -> None:
    """Write the file, its manifest and its signature."""
    from gateway.audit.errors import LogBroken, LogError
    from gateway.audit.extract.manifest import manifest_of
    from gateway.audit.extract.state import read_state
    from gateway.audit.extract.writing import Extract, Plan
    from gateway.audit.keys import Places
    from gateway.audit.ring import KeyRing
    from gateway.storage.contract import StoreUnavailable
    from gateway.storage.opening import open_reader, parse_location
    from signing.errors import SigningError

    places, out = Places.under(wish.data_dir), wish.out
    selection, key = _selection(wish), note_key(str(places.vkey))
    ring = KeyRing(places.ring)
    try:
        plan = Plan(wish.form, selection, wish.first, wish.end)
        reader = open_reader(parse_location(wish.store, places.store))
        try:
            before = read_state(out)
            state = Extract(out, plan, reader=reader, key=key, ring=ring, urandom=os.urandom).write()
            manifest = manifest_of(out, state, selection, reader=reader, ring=ring, at=datetime.now(UTC))
        finally:
            reader.close()
        signed = _signed(wish.data_dir, out, manifest, key.name)
    except LogBroken as error:
        print(f"NOT OK  {error.detail}", file=sys.stderr)
        raise typer.Exit(1) from None
    except StoreUnavailable as error:
        _stop(f"{places.store if not wish.store else 'the store'}: {error}")
    except (LogError, SigningError, ValueError) as error:
        _stop(str(error))
    except OSError as error:
        _stop(f"{error.filename or out}: {error.strerror}")
    _tell(out, manifest, again=before is not None and before.done, signed=signed)


def check(file: Path, jwks: Path | None, public_key: str | None) -> None:
    """Check a file against its manifest, signature and checkpoint."""
    from gateway.audit.extract import checking

    if jwks is None:
        _could_not("give the gateway's key set with --jwks")
    log_key = None if public_key is None else note_key(public_key)
    try:
        done = checking.check(file, keys=_keys(jwks), log_key=log_key)
    except checking.ExtractFalse as error:
        print(f"NOT OK  {error}")
        raise typer.Exit(1) from None
    except checking.ExtractUnreadable as error:
        _could_not(str(error))
    said = done.said
    print(f"OK  {said['entries']} entries, signed {instant(done.signed_at)}")
    print(f"    by         {printable(done.issuer)}")
    print(f"    log        {printable(said['log'])}")
    print(f"    looked at  entries {said['first']} to {said['end'] - 1} of {said['size']}")
    for name, value in said["selection"].items():
        print(f"    chosen     {_chosen(printable(name), value)}")
    for remark in (*_gaps(said), *done.remarks):
        print(f"    note: {printable(remark)}")


def note_key(given: str) -> "NoteKey":
    """The public key of a log in a text or a file; otherwise exit status 2."""
    from signing.errors import SigningError
    from signing.notes import parse_vkey

    try:
        file = Path(given)
        return parse_vkey((file.read_text(encoding="utf-8") if file.is_file() else given).strip())
    except (OSError, ValueError, SigningError):
        _stop(f"{given}: no public key of a log there")


def _selection(wish: Wish) -> "Selection":
    from gateway.audit.extract.selection import Selection

    # a number on the command line would be visible to every user of the machine
    subject = sys.stdin.readline().strip() if wish.subject_stdin else None
    if subject == "":
        _stop("--subject-stdin: nothing came on standard input")
    texts: dict[str, Any] = dict(wish.filters)
    since, until = (_time(name, texts.pop(name)) for name in ("since", "until"))
    try:
        return Selection(since=since, until=until, subject=subject, **texts)
    except ValueError as error:
        _stop(f"--{error}")


def _time(name: str, text: str | None) -> datetime | None:
    try:
        return time_of(name, text)
    except ValueError as error:
        _stop(str(error))


def _signed(data_dir: Path, out: Path, manifest: bytes, issuer: str) -> bool:
    """Sign, where the gateway's key is: it is not on an auditor's machine. An earlier signature stays."""
    from gateway.audit.extract.manifest import attach, token_file
    from signing.keys import load_signer
    from signing.manifest import manifest_token

    key = data_dir / "keys" / "gateway-key.pem"
    if token_file(out).exists():
        return True
    if not key.exists():
        return False
    jti, at = str(uuid.uuid4()), datetime.now(UTC)
    attach(out, manifest_token(load_signer(key), iss=issuer, manifest=manifest, at=at, jti=jti))
    return True


def _tell(out: Path, manifest: bytes, *, again: bool, signed: bool) -> None:
    from gateway.audit.extract.manifest import manifest_file, token_file
    from signing.encoding import json_object

    said = json_object(manifest, max_bytes=len(manifest))
    looked = f"entries {said['first']} to {said['end'] - 1} of {said['size']}"
    print(out)
    print(f"    {said['entries']} found in {looked}")
    print(f"    sha-256    {said['sha256']}")
    print(f"    manifest   {manifest_file(out).name}")
    print(f"    signature  {token_file(out).name if signed else 'none: the gateway key is not in this data folder'}")
    for remark in _gaps(said):
        print(f"    note: {remark}")
    if again:
        print("    note: it was finished before, and stays as it was; newer entries need")
        print("          another file")


def _gaps(said: Any) -> list[str]:
    """What an extract may lack because keys are not at hand."""
    gaps = []
    if said["sealed"]:
        gaps.append(f"{said['sealed']} entries of this time and kind could not be read")
    if said["keys_missing"]:
        gaps.append(f"the keys of {said['keys_missing']} key epochs of this time are not here")
    return gaps


def _chosen(name: str, value: Any) -> str:
    if name == "subject":
        return "subject, one person or organisation"
    return f"{name} {printable(' '.join(map(str, value)) if isinstance(value, list) else str(value))}"


def _keys(file: Path) -> "KeySet":
    from signing.encoding import json_object
    from signing.errors import SigningError
    from signing.jwk import from_jwks

    try:
        return from_jwks(json_object(file.read_bytes(), max_bytes=1024 * 1024))
    except OSError as error:
        _could_not(f"{file}: {error.strerror}")
    except SigningError as error:
        _could_not(f"{file}: {error}")


def _could_not(sentence: str) -> NoReturn:
    _stop(f"COULD NOT CHECK  {sentence}")


def _stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(2) from None
