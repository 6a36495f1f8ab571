"""The pages for people: the reference, the catalogue of error codes and one page per code.

Rule of this file: server-rendered, no script, nothing inline, nothing from elsewhere. Links are relative, so that the
pages also work behind a proxy that adds a path.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from gateway.api import openapi_examples, openapi_problems, problems, reference
from gateway.api.catalogue import ENTRIES
from gateway.errors import Code
from gateway.model import Call

_TEMPLATES = Path(__file__).parent / "templates"
_FAULTS: Mapping[str, str] = {
    "caller": "your portal has to change something",
    "source": "a national database has to be mended; your call was right",
    "gateway": "the gateway or its operator has to act; your call was right",
}
_AFTER_MARK = re.compile(r"[^_.]*[_.]|[^_.]+")
_SHORT = 88
_EXAMPLE_BASE = "https://gateway.example"
_DEMO = """\
gateway demo --keep --ready-file ready.json &
# as soon as ready.json is there:
env $(jq -r '"BASE_URL=\\(.base_url) AUDIENCE=\\(.audience)", (.portal |
  "AGENCY=\\(.iss) KID=\\(.kid) KEY=\\(.private_key)")' ready.json) bash first-call.sh"""
# one level below the root of the site
_PROBLEM_ROOT = "../"


@dataclass(frozen=True, slots=True)
class Row:
    """One error code as the pages show it. `example` is a whole answer, printed."""

    code: str
    status: int
    phrase: str
    title: str
    title_vi: str
    fault: str
    fault_text: str
    meaning: str
    text_vi: str
    advice: str
    retry_after: int | None
    example: str


def docs(openapi: Mapping[str, Any]) -> str:
    """The reference page of the gateway that an OpenAPI document (`gateway.api.openapi.document`) describes."""
    base_url, audience = openapi["servers"][0]["url"], openapi["info"]["x-audience"]
    return (
        _environment()
        .get_template("docs.html")
        .render(
            root="",
            here="Reference",
            script=first_call(base_url=base_url, audience=audience),
            demo=_DEMO,
            problems=_rows(),
            problem_example=printed(openapi_problems.example(Code.VALUE_INVALID, base_url=base_url)),
            **reference.content(openapi, printed=printed),
        )
    )


def catalogue() -> str:
    """The page with every error code."""
    by_status: dict[int, list[Row]] = {}
    for row in _rows():
        by_status.setdefault(row.status, []).append(row)
    groups = [{"status": s, "phrase": HTTPStatus(s).phrase, "rows": rows} for s, rows in sorted(by_status.items())]
    return _environment().get_template("catalogue.html").render(root="", here="Error codes", groups=groups)


def problem(code: str) -> str | None:
    """The page of one error code; None when there is no such code."""
    row = next((row for row in _rows() if row.code == code), None)
    if row is None:
        return None
    return _environment().get_template("problem.html").render(root=_PROBLEM_ROOT, here="", row=row)


def stylesheet() -> str:
    """The style sheet of all pages, served at /docs/style.css."""
    return (_TEMPLATES / "style.css").read_text(encoding="utf-8")


def first_call(*, base_url: str, audience: str) -> str:
    """A bash script that makes one signed call. Its environment: BASE_URL, AUDIENCE, AGENCY, KID, KEY."""
    body = json.dumps(openapi_examples.REQUESTS[Call.PERSONS_VERIFY], ensure_ascii=False, separators=(",", ":"))
    return _environment().get_template("first-call.sh").render(base_url=base_url, audience=audience, body=body)


def printed(document: Any, indent: str = "") -> str:
    """JSON for reading: two spaces a level, and what is short and flat on one line."""
    line = json.dumps(document, ensure_ascii=False)
    if not isinstance(document, dict | list) or (len(line) <= _SHORT and _flat(document)):
        return line
    deeper = f"{indent}  "
    if isinstance(document, list):
        members = [printed(item, deeper) for item in document]
        opening, closing = "[", "]"
    else:
        members = [f"{json.dumps(k, ensure_ascii=False)}: {printed(v, deeper)}" for k, v in document.items()]
        opening, closing = "{", "}"
    inner = f",\n{deeper}".join(members)
    return f"{opening}\n{deeper}{inner}\n{indent}{closing}"


def _flat(document: dict[str, Any] | list[Any]) -> bool:
    members = document.values() if isinstance(document, dict) else document
    return not any(isinstance(member, dict | list) and member for member in members)


def prose(text: str) -> Markup:
    """Text with `names` in backticks as HTML, everything else escaped."""
    parts = text.split("`")
    shown = (Markup("<code>{}</code>").format(part) if n % 2 else escape(part) for n, part in enumerate(parts))
    return Markup("").join(shown)


def breakable(name: str) -> Markup:
    """A name as HTML that narrow screens may break after an underscore or a dot, and nowhere else."""
    return Markup("<wbr>").join(_AFTER_MARK.findall(name))


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["prose"] = prose
    made.filters["breakable"] = breakable
    return made


@cache
def _rows() -> tuple[Row, ...]:
    return tuple(_row(code) for code in problems.TABLE)


def _row(code: Code) -> Row:
    spec, entry = problems.TABLE[code], ENTRIES[code]
    return Row(
        code=code.value,
        status=spec.status,
        phrase=HTTPStatus(spec.status).phrase,
        title=spec.title,
        title_vi=entry.title_vi,
        fault=spec.fault,
        fault_text=_FAULTS[spec.fault],
        meaning=entry.meaning,
        text_vi=entry.text_vi,
        advice=spec.advice,
        retry_after=spec.retry_after,
        example=printed(openapi_problems.example(code, base_url=_EXAMPLE_BASE)),
    )
