"""`[freshness]` of a dossier.toml: how old what the gateway kept of a registry's answer may be when it is used again.

    [freshness]
    within = "procedure"        # or "dossier", the default: only the dossier they were asked for
    max_age = "1h"              # younger is used without asking the registry
    outage = "24h"              # younger stands in, marked stale, while the registry is down; older is unavailable

    [freshness.fields]
    "person.permanent_address" = { max_age = "15m", outage = "4h" }
    "person.marital_status" = { keep = false }

Rule of this file: nothing is kept that no line allows, and a sensitive field is never kept, whatever the lines say.
"""

import re
from collections.abc import Mapping
from datetime import timedelta

from config.fields import unknown
from config.model import AgeLimit, FieldSpec, Freshness, Grant
from config.table import Table

WITHIN = ("dossier", "procedure")
MOST = timedelta(days=30)
"""An answer that is kept longer is a register of its own."""

_UNITS: Mapping[str, str] = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = r"(\d{1,5})([smhd])"
_SAY = 'a number with s, m, h or d, such as "15m" or "24h"'


def read(table: Table, fields: Mapping[str, FieldSpec], grant: Grant) -> Freshness | None:
    """What a procedure allows; None where it says nothing. `table`: the whole dossier. Mistakes go to its findings."""
    if not table.has("freshness"):
        return None
    block = table.table("freshness")
    within = block.text("within", default=WITHIN[0])
    if within not in WITHIN:
        block.problem("within", f'within "{within}" is none of: {", ".join(WITHIN)}.')
    limits: dict[str, AgeLimit] = {}
    if block.has("max_age") or block.has("outage"):
        usual = _limit(block)
        limits = {name: usual for name in grant.fields if name in fields and not fields[name].sensitive}
    for name, line in block.table("fields", required=False).children():
        limits.pop(name, None)
        if not _may_be_kept(name, line, fields, grant):
            continue
        if line.boolean("keep", default=True):
            limits[name] = _limit(line)
        line.done()
    if not limits and not any(block.has(key) for key in ("max_age", "outage", "fields")):
        block.problem(None, "Nothing would be kept: give a max_age here or for a field, or take [freshness] out.")
    block.done()
    return Freshness(within, limits)


def _may_be_kept(name: str, line: Table, fields: Mapping[str, FieldSpec], grant: Grant) -> bool:
    if name not in fields:
        line.problem(None, unknown(name, fields))
    elif name not in grant.fields:
        # no mistake: a grant must be narrowed without another file in the way
        line.findings.warning(line.place(), f"{name} is not granted to {grant.procedure}: there is nothing to keep.")
    elif fields[name].sensitive:
        line.problem(None, f"{name} is sensitive: it is never kept and can have no line here.")
    else:
        return True
    return False


def _limit(table: Table) -> AgeLimit:
    max_age = _duration(table, "max_age")
    outage = _duration(table, "outage") if table.has("outage") else max_age
    if max_age is None or outage is None:
        return AgeLimit(timedelta(), timedelta())  # a mistake, and recorded
    if outage < max_age:
        table.problem("outage", "outage is shorter than max_age: in an outage less would be known than otherwise.")
    elif not outage:
        table.problem("max_age", "Nothing is ever young enough for this; keep = false says so.")
    return AgeLimit(max_age, outage)


def _duration(table: Table, key: str) -> timedelta | None:
    """None, with a problem recorded, for what is none."""
    written = table.text(key)
    parts = re.fullmatch(_DURATION, written, re.ASCII)
    if parts is None:
        if written:
            table.problem(key, f"{key} must be {_SAY}.")
        return None
    length = timedelta(**{_UNITS[parts[2]]: int(parts[1])})
    if length > MOST:
        table.problem(key, f"{key} is longer than {MOST.days} days.")
    return length
