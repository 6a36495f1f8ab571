"""One event of every shape, with marks where two of a shape differ.

Rule of this file: shapes are few; what varies without end (people, officers, dossiers, tokens) is a mark.
"""

from datetime import UTC, datetime
from typing import Final

from gateway.audit.events import Context, Decided, Disclosed, Inspected, Refused, SubjectRef
from tests.bench_log.shapes import MARK

OPERATIONS: Final = ("persons.verify", "persons.lookup", "dossiers.prefill", "enterprises.lookup")
PREFILL, ENTERPRISE = 2, 3
FIELDS: Final = ("full_name", "birth_date", "sex", "permanent_address", "nationality", "hometown")
EARLY: Final = (("procedure_not_granted", 403), ("field_not_granted", 403), ("request_replayed", 409))
LATE: Final = (("source_unavailable", 502, "unavailable"), ("subject_not_found", 404, "not_found"))
ACTIONS: Final = ("overview", "searched", "opened", "reviewed")

_SOURCES: Final = (("population",), ("population",), ("population", "tax"), ("business",))
_AT: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DIGEST: Final = f"sha-256=:{MARK.format('digest')}=:"
_TOKEN: Final = MARK.format("token")
_FORM_FIELDS: Final = 20


def decided(operation: int, subjects: int, fields: int) -> Decided:
    """A call was allowed."""
    people = _people(operation, subjects)
    return Decided(_AT, _context(operation), people, FIELDS[:fields], _SOURCES[operation], _TOKEN, "c0ffee")


def disclosed(operation: int, subjects: int, fields: int) -> Disclosed:
    """Its answer."""
    prefill = operation == PREFILL
    return Disclosed(
        _AT,
        _context(operation),
        _people(operation, subjects),
        FIELDS[:fields],
        dict.fromkeys(_SOURCES[operation], "answered"),
        200,
        _DIGEST,
        0,
        None if prefill else True,
        commitments={f"/form/{name}": MARK.format(f"commitment{n}") + "=" for n, name in enumerate(FIELDS[:fields])},
        reuse=(_FORM_FIELDS, 2 * fields) if prefill else None,
    )


def late(operation: int, subjects: int, fields: int, failed: int) -> Refused:
    """It was decided and came to nothing."""
    code, status, word = LATE[failed]
    outcomes = dict.fromkeys(_SOURCES[operation], word)
    people, asked = _people(operation, subjects), FIELDS[:fields]
    return Refused(_AT, _context(operation), people, code, status, _DIGEST, 0, fields=asked, sources=outcomes)


def early(operation: int, subjects: int, refused: int) -> Refused:
    """It was refused before anything was decided."""
    code, status = EARLY[refused]
    return Refused(_AT, _context(operation), _people(operation, subjects), code, status, _DIGEST, None, token=_TOKEN)


def inspected(action: int, scope: tuple[str, ...]) -> Inspected:
    """An auditor looked."""
    role = "provincial_auditor" if scope else "national_auditor"
    about = {"kind": "disclosed"}
    return Inspected(_AT, MARK.format("auditor"), role, scope, ACTIONS[action], about, (4, 7), 2, None)


def _context(operation: int) -> Context:
    blank = {name: MARK.format(name) for name in ("req", "portal", "officer", "key", "procedure", "dossier")}
    return Context(
        req=blank["req"],
        agency=blank["portal"],
        officer=blank["officer"],
        kid=blank["key"],
        operation=OPERATIONS[operation],
        procedure=blank["procedure"],
        dossier=blank["dossier"],
        basis="law",
        consent=None,
    )


def _people(operation: int, count: int) -> tuple[SubjectRef, ...]:
    if operation == ENTERPRISE:
        return (SubjectRef("enterprise", "enterprise", "0"),)
    return tuple(SubjectRef("applicant" if n == 0 else "member", "person", "0", "?") for n in range(count))
