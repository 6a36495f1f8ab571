"""`gateway log show`: the newest entries that fit, a few lines each. Reads, does not verify.

Rule of this file: a number to search by comes from standard input and is printed nowhere; no text that somebody else
chose steers the terminal.
"""

import json
import sys
import textwrap
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from gateway.audit.reading import Opened
    from gateway.storage.opening import Location

_WIDTH = 80
_DataDir = Annotated[Path, typer.Option("--data-dir", help="The gateway's data directory; the log is in DIR/log.")]


def show(
    *,
    data_dir: _DataDir = Path("data"),
    store: Annotated[
        str, typer.Option(help="Address of a PostgreSQL store, instead of the one under --data-dir.")
    ] = "",
    last: Annotated[int, typer.Option(min=1, help="How many entries.")] = 20,
    kind: Annotated[str | None, typer.Option(help="decided, disclosed, refused, inspected, key-epoch ...")] = None,
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
    from gateway.storage.opening import parse_location

    places = Places.under(data_dir)
    wanted = {"portal": portal, "procedure": procedure, "dossier": dossier}
    filters = {name: value for name, value in wanted.items() if value is not None}
    # a number on the command line would be visible to every user of the machine
    subject = sys.stdin.readline().strip() if subject_stdin else None
    if subject == "":
        _stop("--subject-stdin: nothing came on standard input")
    try:
        location = parse_location(store, places.store)
        entries = list(islice(_matching(location, places.ring, subject, kind, filters), last))
    except StoreUnavailable as error:
        _stop(f"{'the store' if store else places.store}: {error}")
    except (KeyFileRefused, ValueError) as error:
        _stop(str(error))
    for entry in reversed(entries):
        print(_json_line(entry) if as_json else _lines(entry))
    if not entries and not as_json:
        print("No entry fits.")


def _matching(
    location: "Location", ring: Path, subject: str | None, kind: str | None, filters: dict[str, str]
) -> Iterator["Opened"]:
    from gateway.audit.reading import newest
    from gateway.audit.ring import KeyRing
    from gateway.storage.opening import open_reader

    reader = open_reader(location)
    try:
        for entry in newest(reader, KeyRing(ring), subject=subject):
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
    outcome = [str(payload[name]) for name in ("status", "code", "action") if name in payload]
    parts = ["  ".join([head, *outcome])]
    parts += [_indented(text) for text in _said(entry.kind, payload) if text]
    return "\n".join(parts)


def _said(kind: str, payload: dict[str, Any]) -> list[str]:
    match kind:
        case "key-epoch":
            return [f"epoch {payload['epoch']} of {payload['origin']}", _named(payload, "seals", "period")]
        case "inspected":
            scope = ["scope " + ", ".join(payload["scope"])] if payload.get("scope") else []
            who = "  ".join([_named(payload, "auditor", "role"), *scope])
            return [who, _about(payload), _listed(payload.get("about", {})), _seen(payload)]
        case "changed":
            changes = [" ".join([c["what"], c["name"], c["change"], c.get("detail", "")]) for c in payload["changes"]]
            more = [f"and {payload['omitted']} more"] if "omitted" in payload else []
            return [_named(payload, "by"), "; ".join([*(one.strip() for one in changes), *more])]
        case "redaction":
            erased = [f"{one['seals']} of {one['period']}, epoch {one['epoch']}" for one in payload["epochs"]]
            return [_named(payload, "basis"), *erased]
        case "heartbeat":
            return []
    return [_who(payload), _about(payload), _what(payload), _ties(payload)]


def _who(payload: dict[str, Any]) -> str:
    return _named(payload, "portal", "officer", "operation", "procedure", "dossier", "basis", "consent")


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


def _seen(payload: dict[str, Any]) -> str:
    shown = [f"#{index}" for index in payload.get("entries", ())]
    texts = [f"saw {' '.join(shown)}"] if shown else []
    return "  ".join([*texts, f"of {payload['matches']}"] if "matches" in payload else texts)


def _named(payload: dict[str, Any], *names: str) -> str:
    return _listed({name: payload[name] for name in names if payload.get(name)})


def _listed(members: dict[str, Any]) -> str:
    return "  ".join(f"{name} {value}" for name, value in members.items())


def _indented(text: str) -> str:
    # portals choose these texts: nothing in them may steer the auditor's terminal
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return textwrap.fill(shown, _WIDTH, initial_indent="    ", subsequent_indent="      ", break_on_hyphens=False)


def _stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(2)
