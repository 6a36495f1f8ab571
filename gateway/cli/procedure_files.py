"""The files of a new procedure: a dossier and a grant that load, to be completed by someone who knows the procedure.

Rule of this file: it invents nothing. Labels come from fields.toml; a law it was not told is marked as unwritten. Files
that are there are never touched.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from config.fields import SUBJECTS
from config.grants import CODE, UNWRITTEN
from config.model import FieldSpec, Named

# The fields every form of a kind begins with, and what a citizen may type for them.
_FIRST: Mapping[str, tuple[str, ...]] = {
    "person": ("person.full_name", "person.birth_date", "person.personal_id"),
    "enterprise": ("enterprise.code", "enterprise.name"),
    "taxpayer": ("taxpayer.tax_code", "taxpayer.name"),
}
_SCHEMAS: Mapping[str, str] = {
    # ISO 8601 as precise as it is known, or as people write it
    "date": '{ type = "string", maxLength = 10, pattern = '
    '"^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4})$" }',
    "identifier": '{ type = "string", maxLength = 14 }',
}
_TEXT = '{ type = "string", maxLength = 500 }'
_ROLES: Mapping[str, Named] = {
    "applicant": Named("Người yêu cầu", "Applicant"),
    "spouse": Named("Vợ hoặc chồng", "Spouse"),
    "child": Named("Con", "Child"),
    "father": Named("Cha", "Father"),
    "mother": Named("Mẹ", "Mother"),
    "household_head": Named("Chủ hộ", "Head of household"),
    "representative": Named("Người đại diện", "Representative"),
    "enterprise": Named("Doanh nghiệp", "Enterprise"),
    "taxpayer": Named("Người nộp thuế", "Taxpayer"),
}
_ROLE = re.compile(r"([a-z][a-z0-9_]{0,63}):([a-z]+)")


class NotWritten(Exception):  # noqa: N818  # it says what is wrong
    """The files of a procedure were not written, with the reason for a person."""


def add(
    config: Path,
    fields: Mapping[str, FieldSpec],
    *,
    code: str,
    names: tuple[str, str],
    roles: Sequence[str],
    basis: str,
) -> tuple[Path, Path]:
    """Write dossier and grant; both paths. `names`: in Vietnamese and English. Raises `NotWritten`."""
    if not re.fullmatch(CODE, code):
        raise NotWritten(f'"{code}" is no procedure code such as 1.004222.')
    if not all(_one_line(text) for text in names) or not _one_line(basis or UNWRITTEN):
        raise NotWritten("Names and legal basis are one line each, and not empty.")
    parsed = _parsed(roles)
    dossier, grant = config / "dossiers" / code / "dossier.toml", config / "grants" / f"{code}.txt"
    for path in (dossier, grant):
        if path.exists():
            raise NotWritten(f"There is a {path.relative_to(config)} already.")
    texts = (_dossier(code, names, parsed, fields), _grant(names[1], parsed, basis))
    try:
        dossier.parent.mkdir(parents=True, exist_ok=True)
        for path, text in zip((dossier, grant), texts, strict=True):
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise NotWritten(f"The files cannot be written: {error.strerror}.") from None
    return dossier, grant


def _one_line(text: str) -> bool:
    return bool(text.strip()) and text.isprintable()


def _parsed(roles: Sequence[str]) -> Mapping[str, str]:
    parsed: dict[str, str] = {}
    for written in roles:
        found = _ROLE.fullmatch(written)
        if found is None or found[2] not in SUBJECTS:
            raise NotWritten(f'"{written}" is no role such as applicant:person; kinds are {", ".join(SUBJECTS)}.')
        if found[1] in parsed:
            raise NotWritten(f"The role {found[1]} is named twice.")
        parsed[found[1]] = found[2]
    return parsed


def _dossier(code: str, names: tuple[str, str], roles: Mapping[str, str], fields: Mapping[str, FieldSpec]) -> str:
    note = f"{UNWRITTEN}: what is not confirmed of code, form and legal basis. Remove the line when nothing is."
    head = [f"code = {_quoted(code)}", f"name_vi = {_quoted(names[0])}", f"name_en = {_quoted(names[1])}"]
    blocks = ["\n".join([*head, f"note = {_quoted(note)}"])]
    for name, kind in roles.items():
        label = _ROLES.get(name, Named(name, name))
        lines = [f"[roles.{name}]", f"kind = {_quoted(kind)}", *_labels(label), "required = true"]
        blocks.append("\n".join(lines))
    for number, (role, kind) in enumerate(roles.items()):
        blocks += [_form_field(role, fields[name], alone=number == 0) for name in _FIRST[kind]]
    blocks.append(_REQUEST)
    return "\n\n".join(blocks) + "\n"


def _form_field(role: str, spec: FieldSpec, *, alone: bool) -> str:
    word = spec.name.partition(".")[2]
    label = _ROLES.get(role, Named(role, role))
    told = spec.label if alone else Named(f"{spec.label.vi} ({label.vi})", f"{spec.label.en} ({label.en})")
    lines = [
        "[[form]]",
        f"name = {_quoted(word if alone else f'{role}_{word}')}",
        *_labels(told),
        "required = true",
        f"origins = [{{ role = {_quoted(role)}, field = {_quoted(spec.name)} }}]",
        f"schema = {_SCHEMAS.get(spec.kind, _TEXT)}",
    ]
    return "\n".join(lines)


_REQUEST = """\
# A form field without origins is the citizen's to say.
[[form]]
name = "request"
label_vi = "Nội dung đề nghị"
label_en = "What is requested"
required = true
schema = { type = "string", maxLength = 1000 }"""


def _grant(name: str, roles: Mapping[str, str], basis: str) -> str:
    law = basis or f"{UNWRITTEN}: the law and article that allow it"
    granted = dict.fromkeys(field for kind in roles.values() for field in _FIRST[kind])
    return f"# {name}.\n" + "".join(f"{field:<47} # {law}\n" for field in granted)


def _labels(label: Named) -> list[str]:
    return [f"label_vi = {_quoted(label.vi)}", f"label_en = {_quoted(label.en)}"]


def _quoted(text: str) -> str:
    """A TOML basic string; its escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False)
