"""How old kept values are, and what the procedure allows them to do.

    fresh   not older than max_age: used without asking
    stale   not older than outage: stands in while the source is down; nothing can stand in for "empty there"
    else    as if nothing were kept

Rule of this file: pure, and the one place that decides. A field without limits in the procedure, or that is
sensitive, is neither used nor kept, whatever was allowed when it was put there.
"""

from collections.abc import Mapping, Set
from datetime import datetime, timedelta

from config.model import AgeLimit, FieldSpec, Procedure
from gateway.freshness.record import Past, Record

_ZERO = timedelta()


def limits(procedure: Procedure, fields: Mapping[str, FieldSpec]) -> Mapping[str, AgeLimit]:
    """Field -> how old it may be, for fields that may be kept at all."""
    if procedure.freshness is None:
        return {}
    return {
        name: limit
        for name, limit in procedure.freshness.limits.items()
        if name in procedure.grant.fields and name in fields and not fields[name].sensitive
    }


def fresh(record: Record, wanted: Set[str], allowed: Mapping[str, AgeLimit], at: datetime) -> dict[str, Past]:
    """What may be used without asking."""
    return {
        name: past
        for name, past in record.fields.items()
        if name in wanted
        and name in allowed
        and allowed[name].max_age > _ZERO
        and age(past, at) <= allowed[name].max_age
    }


def stale(record: Record, wanted: Set[str], allowed: Mapping[str, AgeLimit], at: datetime) -> dict[str, Past]:
    """What may stand in for a source that is down, the fresh included."""
    return {
        name: past
        for name, past in record.fields.items()
        if name in wanted
        and name in allowed
        and past.value is not None
        and allowed[name].outage > _ZERO
        and age(past, at) <= allowed[name].outage
    }


def worth_keeping(record: Record, allowed: Mapping[str, AgeLimit], at: datetime) -> tuple[Record, datetime]:
    """The part of a record that may still be of use, and when the last of it ends."""
    ends = {
        name: past.since + (allowed[name].max_age if past.value is None else allowed[name].outage)
        for name, past in record.fields.items()
        if name in allowed
    }
    kept = {name: past for name, past in record.fields.items() if name in ends and ends[name] > at}
    return Record(kept, record.doubts), max((ends[name] for name in kept), default=at)


def age(past: Past, at: datetime) -> timedelta:
    """How old; none where another machine's clock is ahead."""
    return max(at - past.since, _ZERO)
