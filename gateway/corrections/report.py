"""The body of `POST /v1/corrections`, and what may be reported: a field the procedure is granted, to its owner.

Rule of this file: shapes and checks. A report says nothing about anybody that its portal did not write into it.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from config.model import Procedure
from gateway.errors import Code, Flaw, refused
from gateway.model import Kind, Subject
from gateway.wire import requests, strict

_VALUE_BYTES, _TEXT = 4096, 1000
SUBJECT_ROLE = "subject"


class Problem(StrEnum):
    """What is wrong with the data."""

    WRONG_VALUE = "wrong_value"
    OUTDATED = "outdated"
    MISSPELT = "misspelt"
    NOT_MINE = "not_mine"  # it is somebody else's
    MISSING = "missing"
    OTHER = "other"


def _small(value: Any) -> Any:
    if len(json.dumps(value, ensure_ascii=False).encode()) > _VALUE_BYTES:
        raise ValueError(f"At most {_VALUE_BYTES} bytes of JSON.")
    return value


def _printable(text: str) -> str:
    if not text.strip() or not all(c.isprintable() or c == "\n" for c in text):
        raise ValueError("Must be a text without control characters.")
    return text


Value = Annotated[Any, AfterValidator(_small)]


class CorrectionReport(requests.Shape):
    """Body of `POST /v1/corrections`. Procedure and dossier are those of the token's purpose."""

    subject: Annotated[requests.AnyIdentifiers, Field(description="whose data it is, as in a look-up")]
    field: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z]+\.[a-z_]+$", max_length=64),
        Field(description="which field is wrong; one the procedure is granted", examples=["person.full_name"]),
    ]
    source: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$"),
        Field(description="the registry that said it, which owns the field", examples=["population"]),
    ]
    problem: Annotated[
        Annotated[str, StringConstraints(pattern=f"^({'|'.join(Problem)})$")],
        Field(description=f"one of {', '.join(Problem)}", examples=["misspelt"]),
    ]
    shown: Annotated[Value, Field(description="the value as it was shown")] = None
    proposed: Annotated[Value, Field(description="what it should be")] = None
    evidence: Annotated[
        Annotated[str, StringConstraints(max_length=_TEXT), AfterValidator(_printable)] | None,
        Field(description="what shows it: a paper and its number, a reference in your portal"),
    ] = None


def parse(body: bytes) -> CorrectionReport:
    """The report in a body. Raises `Refused`: body_malformed, field_unknown or value_invalid, flaws with pointers."""
    document = strict.parse(body)
    try:
        return CorrectionReport.model_validate(document)
    except ValidationError as error:
        raise requests.refusal(error) from None


def subject(report: CorrectionReport) -> Subject:
    """Whom a report is about."""
    return requests.subject(SUBJECT_ROLE, report.subject)


def allow(report: CorrectionReport, about: Subject, procedure: Procedure, sources: Mapping[str, str]) -> None:
    """Check a report against the vocabulary and the grant. `sources`: field -> the registry that owns it.

    Raises `Refused`: field_unknown, value_invalid or field_not_granted.
    """
    kind = Kind(about.kind).value
    if report.field not in sources or not report.field.startswith(f"{kind}."):
        flaw = Flaw("/field", Code.FIELD_UNKNOWN, f"There is no such field of a {kind}.")
        raise refused(Code.FIELD_UNKNOWN, flaws=(flaw,))
    if report.field not in procedure.grant.fields:
        flaw = Flaw("/field", Code.FIELD_NOT_GRANTED, "The procedure's grant does not name this field.")
        raise refused(Code.FIELD_NOT_GRANTED, flaws=(flaw,))
    if report.source != sources[report.field]:
        flaw = Flaw("/source", Code.VALUE_INVALID, f"This field is owned by: {sources[report.field]}.")
        raise refused(Code.VALUE_INVALID, flaws=(flaw,))
