"""Digitised documents: which kinds a procedure accepts, what law grants them, and how the register keeps them.

    [[documents]] in dossiers/<code>/dossier.toml     the kinds the procedure accepts, and whose they are
    document birth_certificate   # Law ...            in grants/<code>.txt: that it may have them
    codes/document_kind.toml                          every kind there is
    [documents] in gateway.toml                       whose signatures are trusted, how long a row is kept

Rule of this file: accepted and granted are the same kinds, or the configuration is wrong.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from config.codes import named
from config.errors import Findings, meant
from config.files import Files
from config.model import DocumentSlot, Grant, Role
from config.place import Place
from config.references import Environment
from config.running import DocumentSettings
from config.table import Table

CODE_LIST = "document_kind"

_LINE = re.compile(r"document\s+(?P<kind>[a-z][a-z0-9_]*)\s*(?:#\s*(?P<basis>.*))?")
_LIMIT = 1024 * 1024  # bytes of one file of certificates


def field_name(kind: str) -> str:
    """The name under which the log and decisions speak of a kind of document, among those of fields."""
    return f"document.{kind}"


def is_line(line: str) -> bool:
    """Whether a line of a grant is about a document."""
    return line.split(maxsplit=1)[0] == "document"


def grant_line(line: str, known: Collection[str], granted: Mapping[str, str]) -> tuple[str, str] | str:
    """Kind and legal basis of such a line, or the sentence that says what is wrong with it."""
    match = _LINE.fullmatch(line)
    if match is None:
        return "A line about a document is: document, its kind, then # and the legal basis."
    kind, basis = match.group("kind"), (match.group("basis") or "").strip()
    if kind not in known:
        return f'"{kind}" is not a kind of codes/{CODE_LIST}.toml.'
    if kind in granted:
        return f"The document {kind} stands here twice."
    return (kind, basis) if basis else f"The document {kind} has no legal basis: write it after #."


def slots(table: Table, roles: Mapping[str, Role], known: Collection[str], grant: Grant) -> tuple[DocumentSlot, ...]:
    """`[[documents]]` of a dossier. A kind that the grant does not name is a mistake."""
    found: list[DocumentSlot] = []
    for block in table.tables("documents", required=False):
        slot = _slot(block, roles)
        if slot.kind and slot.kind not in known:
            block.problem("kind", f'"{slot.kind}" is not a kind of codes/{CODE_LIST}.toml.')
        elif slot.kind and slot.kind not in grant.documents:
            block.problem("kind", f'grants/{grant.procedure}.txt has no line "document {slot.kind}".')
        if any((slot.kind, slot.role) == (earlier.kind, earlier.role) for earlier in found):
            block.problem("kind", f"The document {slot.kind} of {slot.role} stands here twice.")
        found.append(slot)
    return tuple(found)


def unused(files: Files, grant: Grant, accepted: tuple[DocumentSlot, ...]) -> None:
    """Record a problem for each document that is granted and that the procedure does not accept."""
    kinds = {slot.kind for slot in accepted}
    if grant.documents.keys() <= kinds:
        return
    for place, kind in _lines(files, grant.procedure):
        if kind in grant.documents and kind not in kinds:
            files.findings.problem(
                place, f"The document {kind} is granted and stands in no [[documents]] of the dossier."
            )


def read(table: Table, environ: Environment) -> DocumentSettings:
    """`[documents]` of `gateway.toml`."""
    block = table.table("documents", required=False)
    names = block.texts("trust", default=())
    # on another machine the files of the gateway's are not there to be read
    here = enumerate(names if environ is not None else ())
    trust = tuple(_certificates(block, position, name) for position, name in here)
    settings = DocumentSettings(
        trust=tuple(pem for pem in trust if pem is not None),
        trust_place=block.place("trust") if block.has("trust") else None,
        keep=timedelta(days=block.whole("keep_days", 1, 36_500, default=3650)),
    )
    block.done()
    return settings


def _slot(table: Table, roles: Mapping[str, Role]) -> DocumentSlot:
    kind, role = table.text("kind"), table.text("role")
    if role and role not in roles:
        table.problem("role", f"There is no [roles.{role}].{meant(role, roles)}")
    days = table.whole("max_age_days", 1, 36_500) if table.has("max_age_days") else None
    slot = DocumentSlot(
        kind=kind,
        role=role,
        label=named(table, "label_vi", "label_en"),
        required=table.boolean("required"),
        max_age=timedelta(days=days) if days is not None else None,
    )
    table.done()
    return slot


def _lines(files: Files, procedure: str) -> Iterator[tuple[Place, str]]:
    name = f"grants/{procedure}.txt"
    for number, line in enumerate((files.text(name) or "").splitlines(), 1):
        match = _LINE.fullmatch(line.strip())
        if match is not None:
            yield Place(files.shown(name), number), match.group("kind")


def _certificates(table: Table, position: int, name: str) -> bytes | None:
    findings: Findings = table.findings
    place = table.place("trust", position)
    path = Path(table.file).parent / name
    try:
        if path.stat().st_size > _LIMIT:
            findings.problem(place, f"trust: the file {name} is larger than {_LIMIT // 1024} KiB.")
            return None
        return path.read_bytes()
    except OSError as error:
        findings.problem(place, f"trust: the file {name} cannot be read: {error.strerror}.")
        return None
