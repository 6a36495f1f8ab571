"""`gateway log prove` and `gateway log export`: files that prove the log, or an entry, without the store.

Exit codes: 0 done, or it holds; 1 the log or the proof does not hold; 2 nothing could be done or checked.
"""

import base64
import binascii
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from gateway.cli import log_extract
from gateway.cli.log_keys import verifier_key

if TYPE_CHECKING:
    from gateway.audit.keys import Places
    from signing.notes import NoteKey

_DataDir = Annotated[Path, typer.Option("--data-dir", help="The gateway's data directory; the log is in DIR/log.")]


def prove(
    index: Annotated[int | None, typer.Argument(min=0, help="The entry: `index` in a receipt.")] = None,
    *,
    data_dir: _DataDir = Path("data"),
    store: Annotated[str, typer.Option(help="Address of a PostgreSQL store, instead of the one in --data-dir.")] = "",
    size: Annotated[
        int | None, typer.Option(min=1, help="The tree of the checkpoint of exactly this size, not of the newest.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; default: INDEX.tlog-proof.")] = None,
    check: Annotated[Path | None, typer.Option(help="Verify the proof in this file; needs no log.")] = None,
    public_key: Annotated[
        str | None, typer.Option("--public-key", metavar="VKEY", help="With --check: the log's key, as text or a file.")
    ] = None,
    leaf: Annotated[
        str | None, typer.Option(metavar="BASE64", help="With --check: the entry's leaf hash, `leaf` in a receipt.")
    ] = None,
) -> None:
    """Write the proof that an entry is in the log, or --check one offline: C2SP tlog-proof@v1."""
    if check is not None:
        _check(check, public_key, leaf)
    elif index is None:
        _stop("Which entry? Give its INDEX, or --check FILE.")
    else:
        _prove(data_dir, store, index, size=size, out=out or Path(f"{index}.tlog-proof"))


def export(
    *,
    out: Annotated[
        Path | None, typer.Option(help="tiles: the folder, empty or an earlier export of this log; else: the file.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="tiles, csv or jsonl.")] = "tiles",
    data_dir: _DataDir = Path("data"),
    store: Annotated[str, typer.Option(help="Address of a PostgreSQL store, instead of the one in --data-dir.")] = "",
    first: Annotated[int, typer.Option("--from", min=0, help="The first entry; tiles: whole bundles of 256.")] = 0,
    end: Annotated[int | None, typer.Option("--to", min=1, help="The entry behind the last; default: all.")] = None,
    with_contents: Annotated[
        bool, typer.Option("--with-contents", help="tiles: write what entries say, in clear, beside them.")
    ] = False,
    since: log_extract.Since = None,
    until: log_extract.Until = None,
    kind: log_extract.Kind = None,
    portal: log_extract.Portal = None,
    officer: log_extract.Officer = None,
    procedure: log_extract.Procedure = None,
    dossier: log_extract.Dossier = None,
    operation: log_extract.Operation = None,
    outcome: log_extract.Outcome = None,
    source: log_extract.Source = None,
    auditor: log_extract.Auditor = None,
    subject_stdin: log_extract.SubjectStdin = False,
    check: log_extract.Check = None,
    jwks: log_extract.Jwks = None,
    public_key: log_extract.PublicKey = None,
) -> None:
    """Write the log as files: all of it, sealed, for `verify` and other tools (tiles), or chosen entries in clear.

    tiles is the layout of C2SP tlog-tiles. csv is for Excel, jsonl for programs: one file, with a manifest the gateway
    signs. Reads the store of a running gateway too. Run again, it goes on where it was broken off.
    """
    if check is not None:
        return log_extract.check(check, jwks, public_key)
    if out is None or form not in ("tiles", "csv", "jsonl"):
        _stop("Where to? Give --out." if out is None else "--format is tiles, csv or jsonl.")
    filters = {
        "since": since,
        "until": until,
        "kind": kind,
        "portal": portal,
        "officer": officer,
        "procedure": procedure,
        "dossier": dossier,
        "operation": operation,
        "outcome": outcome,
        "source": source,
        "auditor": auditor,
    }
    wish = log_extract.Wish(form, out, data_dir, store, first, end, filters, subject_stdin)
    if form != "tiles":
        if with_contents:
            _stop("--with-contents belongs to tiles: csv and jsonl are nothing but contents.")
        return log_extract.write(wish)
    if subject_stdin or any(value is not None for value in filters.values()):
        _stop("tiles are the whole log: entries are chosen with --format csv or jsonl.")
    return _tiles(wish, with_contents=with_contents)


def _tiles(wish: log_extract.Wish, *, with_contents: bool) -> None:
    from gateway.audit.errors import LogBroken, LogError
    from gateway.audit.export import Exporter
    from gateway.audit.keys import Places
    from gateway.audit.ring import KeyRing
    from gateway.storage.contract import StoreUnavailable
    from gateway.storage.opening import open_reader, parse_location

    places, out = Places.under(wish.data_dir), wish.out
    key = _log_key(places)
    try:
        reader = open_reader(parse_location(wish.store, places.store))
        try:
            ring = KeyRing(places.ring) if with_contents else None
            done = Exporter(reader, key, out, ring=ring).write(first=wish.first, end=wish.end)
        finally:
            reader.close()
    except LogBroken as error:
        print(f"NOT OK  {error.detail}", file=sys.stderr)
        raise typer.Exit(1) from None
    except StoreUnavailable as error:
        _stop(f"{'the store' if wish.store else places.store}: {error}")
    except (LogError, ValueError) as error:
        _stop(str(error))
    except OSError as error:
        _stop(f"{error.filename or out}: {error.strerror}")
    print(f"{out}  entries {done.first} to {done.end - 1} of {done.size}")
    print(f"{done.written} files written, {done.kept} were there already")


def _prove(data_dir: Path, store: str, index: int, *, size: int | None, out: Path) -> None:
    from gateway.audit.errors import LogBroken, LogUnavailable
    from gateway.audit.keys import Places
    from gateway.audit.published import Published
    from gateway.storage.opening import open_reader, parse_location

    places = Places.under(data_dir)
    try:
        location = parse_location(store, places.store)
    except ValueError as error:
        _stop(str(error))
    published = Published(open_reader(location), _log_key(places))
    try:
        proof, leaf = published.proof(index, size), published.leaf(index)
    except LogBroken as error:
        print(f"NOT OK  {error.detail}", file=sys.stderr)
        raise typer.Exit(1) from None
    except LogUnavailable:
        _stop(f"{'the store' if store else places.store}: no log that can be read")
    finally:
        published.close()
    if proof is None or leaf is None:
        _stop(
            f"There is no entry {index} in the log."
            if size is None
            else f"No checkpoint of size {size} was signed, or its tree has no entry {index}."
        )
    try:
        out.write_text(proof.text(), encoding="utf-8")
    except OSError as error:
        _stop(f"{out}: {error.strerror}")
    print(f"{out}  entry {index}")
    print(f"leaf {base64.b64encode(leaf).decode()}")


def _check(file: Path, public_key: str | None, leaf: str | None) -> None:
    from gateway.audit.check import CannotCheck, Violation, check_leaf, open_proof

    if public_key is None:
        _could_not("give the log's public key with --public-key")
    try:
        key = verifier_key(public_key, file)
        hashed = _leaf(leaf)
        proof = open_proof(file.read_text(encoding="utf-8"), key)
        check_leaf(proof, hashed)
    except Violation as violation:
        print(f"NOT OK  {violation}")
        raise typer.Exit(1) from None
    except OSError as error:
        _could_not(f"{file}: {error.strerror}")
    except CannotCheck as error:
        _could_not(str(error))
    except ValueError as error:
        _could_not(f"{file}: {error}")
    print(f"OK  entry {proof.index} is in the log of {proof.checkpoint.size} entries")
    print(f"    log   {proof.checkpoint.origin}")
    print(f"    root  {proof.checkpoint.root.hex()}")


def _leaf(text: str | None) -> bytes:
    from gateway.audit.check import CannotCheck

    if text is None:
        raise CannotCheck("a proof is one for a leaf: give it with --leaf; it stands in the receipt")
    try:
        leaf = base64.b64decode(text, validate=True)
    except binascii.Error:
        leaf = b""
    if len(leaf) != 32:
        raise CannotCheck("--leaf is the base64 of 32 bytes")
    return leaf


def _log_key(places: "Places") -> "NoteKey":
    from signing.errors import SigningError
    from signing.notes import parse_vkey

    try:
        return parse_vkey(places.vkey.read_text(encoding="utf-8").strip())
    except (OSError, SigningError):
        _stop(f"{places.vkey}: no public key of a log there")


def _could_not(sentence: str) -> NoReturn:
    print(f"COULD NOT CHECK  {sentence}", file=sys.stderr)
    raise typer.Exit(2) from None


def _stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(2)
