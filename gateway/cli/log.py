"""`gateway log`: the auditor's tools. `verify` needs only the log and its public key, `show` needs the key epoch.

Exit codes of `verify` and `prove --check`: 0 it holds, 1 it does not (the first bad entry is named), 2 it could not be
checked.
"""

import json
import sys
import textwrap
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.log_files import export, prove
from gateway.cli.log_keys import epoch_keys, verifier_key

if TYPE_CHECKING:
    from gateway.audit.check import Checkpoint, Key
    from gateway.audit.keys import Places
    from gateway.audit.reading import Opened

app = typer.Typer(help="Verify, prove, export and read the access log.", no_args_is_help=True)
app.command()(prove)
app.command()(export)

_WIDTH = 80
_DataDir = Annotated[Path, typer.Option("--data-dir", help="The gateway's data directory; the log is in DIR/log.")]


@app.command()
def verify(
    store: Annotated[
        Path | None, typer.Argument(help="The store (log.sqlite) or the folder of an export, instead of --data-dir.")
    ] = None,
    *,
    data_dir: _DataDir = Path("data"),
    public_key: Annotated[
        str | None,
        typer.Option(
            "--public-key",
            metavar="VKEY",
            help="The log's public key, as text or as a file. Default: log.vkey beside the store or in the export.",
        ),
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint kept from earlier: shows whether the log was cut back. Repeatable."),
    ] = None,
    epoch: Annotated[
        Path | None, typer.Option(help="The key epoch file: opens every entry and checks the commitments too.")
    ] = None,
) -> None:
    """Recompute the whole log and compare it with every signature it carries."""
    from gateway.audit.check import CannotCheck, Violation, check, check_export

    place = store or data_dir / "log" / "log.sqlite"
    try:
        _present(place)
        key = verifier_key(public_key, place / "log.vkey" if place.is_dir() else place.with_name("log.vkey"))
        earlier = [_earlier(file, key) for file in checkpoint or []]
        walk = check_export if place.is_dir() else check
        report = walk(place, key=key, earlier=earlier, epoch=epoch_keys(epoch))
    except Violation as violation:
        print(f"NOT OK  {violation}")
        raise typer.Exit(1) from None
    except CannotCheck as error:
        print(f"COULD NOT CHECK  {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    print(f"OK  {report.entries} entries, {report.checkpoints} checkpoints, {report.tiles} tiles")
    if report.entries < report.newest.size:
        last = report.first + report.entries - 1
        print(f"    only the entries {report.first} to {last} of {report.newest.size} are in this export")
    print(f"    log   {report.newest.origin}")
    print(f"    root  {report.newest.root.hex()}")
    if epoch is not None:
        print(f"    {report.opened} entries opened with the key epoch given")
    for remark in report.remarks:
        print(f"    note: {remark}")
    if public_key is None:
        print(f"    note: the public key lay {_where(place)}; --public-key proves it to others")
    if not checkpoint:
        print("    note: without --checkpoint a log cut back to an older state is not noticed")


@app.command()
def show(
    *,
    data_dir: _DataDir = Path("data"),
    last: Annotated[int, typer.Option(min=1, help="How many entries.")] = 20,
    kind: Annotated[str | None, typer.Option(help="decided, disclosed, refused, key-epoch ...")] = None,
    portal: Annotated[str | None, typer.Option(help="Agency code of the portal.")] = None,
    procedure: Annotated[str | None, typer.Option(help="Procedure code.")] = None,
    dossier: Annotated[str | None, typer.Option(help="Dossier code.")] = None,
    subject_stdin: Annotated[
        bool, typer.Option("--subject-stdin", help="Read a personal, enterprise or tax number from standard input.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line, with the whole content.")] = False,
) -> None:
    """Print the newest entries that fit, oldest first. Reads, does not verify."""
    from gateway.audit.errors import KeyFileRefused
    from gateway.audit.keys import Places
    from gateway.storage.contract import StoreUnavailable

    wanted = {"portal": portal, "procedure": procedure, "dossier": dossier}
    filters = {name: value for name, value in wanted.items() if value is not None}
    # a number on the command line would be visible to every user of the machine
    subject = sys.stdin.readline().strip() if subject_stdin else None
    if subject == "":
        _stop("--subject-stdin: nothing came on standard input")
    try:
        entries = list(islice(_matching(Places.under(data_dir), subject, kind, filters), last))
    except (KeyFileRefused, StoreUnavailable, ValueError) as error:
        _stop(str(error))
    for entry in reversed(entries):
        print(_json_line(entry) if as_json else _lines(entry))
    if not entries and not as_json:
        print("No entry fits.")


def _matching(places: "Places", subject: str | None, kind: str | None, filters: dict[str, str]) -> Iterator["Opened"]:
    from gateway.audit.epoch import read_epoch
    from gateway.audit.reading import newest
    from gateway.storage.sqlite_reader import SqliteReader

    reader = SqliteReader(places.store)
    try:
        for entry in newest(reader, read_epoch(places.epoch), subject=subject):
            payload = entry.payload or {}
            if kind in (None, entry.kind) and all(payload.get(name) == value for name, value in filters.items()):
                yield entry
    finally:
        reader.close()


def _json_line(entry: "Opened") -> str:
    from gateway.audit.reading import as_json

    return json.dumps(as_json(entry), ensure_ascii=False)


def _lines(entry: "Opened") -> str:
    payload = entry.payload
    head = f"#{entry.index}  {entry.at:%Y-%m-%d %H:%M:%S}Z  {entry.kind}"
    if payload is None:
        return f"{head}\n{_indented('sealed under key epoch ' + entry.epoch)}"
    if entry.kind == "key-epoch":
        return f"{head}\n{_indented('epoch ' + entry.epoch + ' of ' + str(payload.get('origin')))}"
    outcome = [str(payload[name]) for name in ("status", "code") if name in payload]
    parts = ["  ".join([head, *outcome]), _indented(_who(payload))]
    parts += [_indented(text) for text in (_about(payload), _what(payload), _ties(payload)) if text]
    return "\n".join(parts)


def _who(payload: dict[str, Any]) -> str:
    names = ("portal", "officer", "operation", "procedure", "dossier", "basis", "consent")
    return "  ".join(f"{name} {payload[name]}" for name in names if payload.get(name))


def _about(payload: dict[str, Any]) -> str:
    subject = payload.get("subject")
    if not isinstance(subject, dict):
        return ""
    found = {True: ", found", False: ", not found", None: ""}[payload.get("found")]
    return f"about {subject['role']} ({subject['kind']} {subject['n']} of {subject['of']}){found}"


def _what(payload: dict[str, Any]) -> str:
    outcomes = payload.get("outcomes") or {}
    asked = [*payload.get("sources", ()), *(f"{source}: {word}" for source, word in sorted(outcomes.items()))]
    texts = [f"sources {', '.join(asked)}"] if asked else []
    fields = payload.get("fields") or []
    return "; ".join([*texts, f"fields {', '.join(fields)}"] if fields else texts)


def _ties(payload: dict[str, Any]) -> str:
    decided = f"  decided in #{payload['decided']}" if "decided" in payload else ""
    return f"request {payload.get('req')}{decided}"


def _indented(text: str) -> str:
    # portals choose these texts: nothing in them may steer the auditor's terminal
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return textwrap.fill(shown, _WIDTH, initial_indent="    ", subsequent_indent="      ", break_on_hyphens=False)


def _where(place: Path) -> str:
    return "in the export" if place.is_dir() else "beside the store"


def _present(place: Path) -> None:
    from gateway.audit.check import CannotCheck

    try:
        place.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise CannotCheck(f"{place}: the store does not exist") from None
    except OSError as error:
        raise CannotCheck(f"{place}: {error.strerror}") from None


def _earlier(file: Path, key: "Key") -> "Checkpoint":
    from gateway.audit.check import CannotCheck, open_checkpoint

    try:
        return open_checkpoint(file.read_text(encoding="utf-8"), key)
    except UnicodeDecodeError:
        raise CannotCheck(f"{file}: not text in UTF-8, so not a checkpoint") from None
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else error
        raise CannotCheck(f"{file}: {what}") from None


def _stop(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    raise typer.Exit(2)
