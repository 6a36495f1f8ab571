"""`gateway log match`: whether an answer somebody kept is the one the log says was disclosed, field by field.

Exit codes: 0 it is; 1 it is not, or a field of it is not; 2 it could not be compared. Prints names of fields, never
what stands in them.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from gateway.audit.reading import Opened

_DataDir = Annotated[Path, typer.Option("--data-dir", help="The gateway's data directory; the log is in DIR/log.")]


def match(
    index: Annotated[int, typer.Argument(min=0, help="The entry: `index` in the receipt of the answer.")],
    *,
    body: Annotated[Path, typer.Option(help="The body of the answer, byte for byte.")],
    signature: Annotated[Path, typer.Option(help="Its Gateway-Signature header, in a file.")],
    data_dir: _DataDir = Path("data"),
    store: Annotated[
        str, typer.Option(help="Address of a PostgreSQL store, instead of the one under --data-dir.")
    ] = "",
) -> None:
    """Hold a kept answer against the log: the digest, and the salted commitment to every field."""
    from signing.commitments import SALT_BYTES, commitments
    from signing.digest import content_digest
    from signing.encoding import from_base64url
    from signing.errors import SigningError
    from signing.jws import parse

    try:
        content, said = body.read_bytes(), parse(signature.read_text(encoding="ascii").strip()).claims()
        document = json.loads(content)
        salt = from_base64url(said["salt"]) if "salt" in said else bytes(SALT_BYTES)
    except (OSError, ValueError, TypeError, SigningError):
        _stop("The body is no JSON, or the signature no Gateway-Signature: both are needed as they were received.")
    entry = _entry(data_dir, store, index)
    payload = entry.payload
    if payload is None:
        _stop(f"Entry {index} cannot be opened: its keys are not here, or destroyed.")
    if "digest" not in payload or entry.kind not in ("disclosed", "refused"):
        _stop(f"Entry {index} is a {entry.kind} entry: it records no answer.")
    recorded: dict[str, Any] = payload.get("commitments", {})
    shown = commitments(salt, document) if isinstance(document, dict) else {}
    wrong = [place for place in {**recorded, **shown} if recorded.get(place) != shown.get(place)]
    same = payload["digest"] == content_digest(content)
    for place in sorted({**recorded, **shown}):
        print(f"{'differs' if place in wrong else 'same   '}  {place}")
    print(f"{'OK' if same and not wrong else 'NOT OK'}  entry {index}: {_verdict(same=same, wrong=len(wrong))}")
    if not same or wrong:
        raise typer.Exit(1)


def _verdict(*, same: bool, wrong: int) -> str:
    if same:
        return "this is the answer that was disclosed" if not wrong else "the digest fits, the salt does not"
    return "another answer was disclosed" if wrong else "the fields are those disclosed, the bytes are not"


def _entry(data_dir: Path, store: str, index: int) -> "Opened":
    from gateway.audit.errors import KeyFileRefused
    from gateway.audit.keys import Places
    from gateway.audit.reading import opened
    from gateway.audit.ring import KeyRing
    from gateway.storage.contract import StoreUnavailable
    from gateway.storage.opening import open_reader, parse_location

    places = Places.under(data_dir)
    try:
        reader = open_reader(parse_location(store, places.store))
        try:
            rows = reader.rows(index, index + 1)
        finally:
            reader.close()
        if not rows:
            _stop(f"There is no entry {index} in the log.")
        return opened(rows[0], KeyRing(places.ring))
    except (KeyFileRefused, StoreUnavailable, ValueError) as error:
        _stop(str(error))


def _stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(2)
