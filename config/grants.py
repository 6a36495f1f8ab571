"""`grants/<procedure>.txt`: what one procedure may see, one field per line, with the law that says so.

    person.full_name                                    # Law on Residence 68/2020/QH14
    person.ethnicity   need: printed on the form        # Law on Civil Status 60/2014/QH13
    follow applicant person.spouse spouse               # Law on Marriage and Family 52/2014/QH13
    document birth_certificate                          # Law on Civil Status 60/2014/QH13

A `follow` line allows to ask about whom a granted field of one role points at, as the subject of another role.

Rule of this file: a line that is not understood is a mistake, never a line without effect.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from config import documents
from config.errors import Findings
from config.fields import unknown
from config.files import Files
from config.model import FieldSpec, Grant
from config.place import Place

CODE = r"\d\.\d{6}"
_LINE = re.compile(r"(?P<field>\S+?)(?:\s+need:\s*(?P<need>[^#]*?))?\s*(?:#\s*(?P<basis>.*))?")
_FOLLOW = re.compile(r"follow\s+(?P<role>\S+)\s+(?P<field>\S+)\s+(?P<target>[^\s#]+)\s*(?:#\s*(?P<basis>.*))?")
NOTHING: Mapping[str, str] = MappingProxyType({})
UNWRITTEN = "TO BE WRITTEN"
"""Stands where a new procedure cannot know what a law or a person says."""


def follow_line(start: str, field: str, reached: str) -> str:
    """How a grant names a relation: `applicant person.spouse spouse`. Roles at both ends, the field between."""
    return f"{start} {field} {reached}"


def read(
    files: Files, fields: Mapping[str, FieldSpec], kinds: Collection[str] = ()
) -> Mapping[str, tuple[Place, Grant]]:
    """Procedure code -> its grant and the file's place. Mistakes are recorded in the findings of `files`.

    `kinds`: of documents.
    """
    found: dict[str, tuple[Place, Grant]] = {}
    for name in files.names("grants", rf"{CODE}\.txt", say="files named by a procedure code, such as 1.004222.txt"):
        code = name.removeprefix("grants/").removesuffix(".txt")
        text = files.text(name)
        shown = files.shown(name)
        grant = Grant(code, NOTHING, NOTHING)
        if text is not None:
            grant = parse(code, text, shown, fields, kinds, findings=files.findings)
        found[code] = (Place(shown, 1), grant)
    return found


def parse(
    code: str,
    text: str,
    shown: str,
    fields: Mapping[str, FieldSpec],
    kinds: Collection[str] = (),
    *,
    findings: Findings,
) -> Grant:
    """The grant in a file's text; `shown` is the file's name in messages. A line with a mistake grants nothing."""
    bases: dict[str, str] = {}
    needs: dict[str, str] = {}
    papers: dict[str, str] = {}
    first: dict[str, int] = {}
    following: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.split()[0] == "follow":
            following.append((number, line.strip()))
            continue
        if documents.is_line(line):
            paper = documents.grant_line(line.strip(), kinds, papers)
            if isinstance(paper, str):
                findings.problem(Place(shown, number), paper)
            else:
                papers[paper[0]] = paper[1]
            continue
        match = _LINE.fullmatch(line.strip())
        name, need, basis = match.group("field", "need", "basis") if match else (line.split()[0], None, None)
        mistake = _mistake(match is not None, name, need, basis, fields=fields, seen=first.get(name))
        first.setdefault(name, number)
        if mistake is not None:
            findings.problem(Place(shown, number), mistake)
            continue
        if UNWRITTEN in f"{basis}{need}":
            findings.warning(Place(shown, number), f"The legal basis or the need of {name} is still to be written.")
        bases[name] = basis or ""
        if need:
            needs[name] = need
    if not first and not papers:
        findings.problem(Place(shown, 1), "The grant names no field.")
    return Grant(code, bases, needs, _follows(following, bases, shown, findings), papers)


def _follows(
    lines: Sequence[tuple[int, str]], granted: Mapping[str, str], shown: str, findings: Findings
) -> Mapping[str, str]:
    """`role field role` -> legal basis. A line with a mistake allows nothing."""
    found: dict[str, str] = {}
    for number, line in lines:
        match, place = _FOLLOW.fullmatch(line), Place(shown, number)
        if match is None:
            findings.problem(
                place, "A line is: follow, role, field, the role that is reached, then # and the legal basis."
            )
            continue
        words, basis = follow_line(*match.group("role", "field", "target")), (match.group("basis") or "").strip()
        if not basis:
            findings.problem(place, f"follow {words} has no legal basis: write it after #.")
        elif match.group("field") not in granted:
            findings.problem(place, f"{match.group('field')} is not granted here, so it cannot be followed.")
        elif words in found:
            findings.problem(place, f"follow {words} stands here twice.")
        else:
            if UNWRITTEN in basis:
                findings.warning(place, f"The legal basis of follow {words} is still to be written.")
            found[words] = basis
    return found


def _mistake(
    understood: bool,
    name: str,
    need: str | None,
    basis: str | None,
    *,
    fields: Mapping[str, FieldSpec],
    seen: int | None,
) -> str | None:
    if not understood:
        return "A line is: field, then for a sensitive field need: and why, then # and the legal basis."
    spec = fields.get(name)
    if spec is None:
        return unknown(name, fields)
    if seen is not None:
        return f"{name} stands here twice; the first is in line {seen}."
    if not basis or not basis.strip():
        return f"{name} has no legal basis: write it after #."
    if spec.sensitive and not (need and need.strip()):
        return f"{name} is sensitive: write need: and why the procedure cannot do without it."
    if need is not None and not spec.sensitive:
        return f"{name} is not sensitive, so it takes no need:."
    return None
