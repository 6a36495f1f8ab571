"""Step 2: may this portal, for this procedure, on this basis, ask this?

Deny by default, in this order: the procedure exists, the portal may use it, the basis is accepted, the operation is
allowed, the roles and declared fields are the procedure's, the fields exist and are granted. A refusal is raised as
`Refused`; nothing here looks at who the subject is.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs

from config import documents
from config.grants import follow_line
from config.model import FieldSpec, Portal, Procedure, Role
from gateway.errors import Code, Flaw, refused
from gateway.model import Ask, Call, Caller, Decision, Hop, Kind, Subject

_KIND_OF_CALL: Mapping[Call, Kind] = {
    Call.PERSONS_VERIFY: Kind.PERSON,
    Call.PERSONS_LOOKUP: Kind.PERSON,
    Call.ENTERPRISES_LOOKUP: Kind.ENTERPRISE,
    Call.TAXPAYERS_LOOKUP: Kind.TAXPAYER,
}
_DOCUMENT_CALLS = frozenset({Call.DOCUMENTS_REGISTER, Call.DOCUMENTS_FETCH, Call.DOCUMENTS_REVOKE})
# Every registered portal may read the forms it is granted and check its own signature.
_OPEN_CALLS = frozenset({Call.PROCEDURES_LIST, Call.PROCEDURES_READ, Call.DEBUG_VERIFY})


def authorise(
    caller: Caller, ask: Ask, *, portal: Portal, procedures: Mapping[str, Procedure], fields: Mapping[str, FieldSpec]
) -> Decision:
    """What the caller may get. Raises `Refused`: 403 codes, or 400 field_unknown / value_invalid with pointers."""
    if ask.call in _OPEN_CALLS:
        return _readable(caller, ask, portal, procedures)
    procedure = _usable(caller, ask.call, portal, procedures)
    if ask.call is Call.DOSSIERS_PREFILL:
        return _dossier(caller, ask, procedure)
    if ask.call in _DOCUMENT_CALLS:
        return Decision(caller, ask, {}, documents=_documents(ask, procedure, portal))
    if ask.call is Call.PERSONS_VERIFY:
        return Decision(caller, ask, {ask.subjects[0].role: ()})
    return _lookup(caller, ask, procedure, fields)


def still(
    caller: Caller,
    call: Call,
    names: Iterable[str],
    *,
    follows: Iterable[str] = (),
    portal: Portal,
    procedures: Mapping[str, Procedure],
) -> None:
    """Whether an answer to `call` that was found earlier may be handed out now. Raises `Refused`: 403 codes.

    `names`: the fields it discloses; `follows`: the relations it followed, as a grant writes them. Grants and portals
    may have changed since.
    """
    grant = _usable(caller, call, portal, procedures).grant
    granted = {*grant.fields, *(documents.field_name(kind) for kind in grant.documents)}
    if any(name not in granted for name in names) or any(line not in grant.follows for line in follows):
        raise refused(Code.FIELD_NOT_GRANTED, "The grant was changed after the call: ask again.")


def _usable(caller: Caller, call: Call, portal: Portal, procedures: Mapping[str, Procedure]) -> Procedure:
    procedure = procedures.get(caller.purpose.procedure)
    if procedure is None:
        raise refused(Code.PROCEDURE_UNKNOWN)
    if procedure.code not in portal.procedures:
        raise refused(Code.PROCEDURE_NOT_GRANTED)
    if caller.purpose.basis not in portal.bases:
        raise refused(Code.BASIS_NOT_ACCEPTED, f"This portal may ask on the basis of: {_listed(portal.bases)}.")
    if call.value not in portal.operations:
        raise refused(Code.OPERATION_NOT_GRANTED, f"This portal may call: {_listed(portal.operations)}.")
    return procedure


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing yet"


def _readable(caller: Caller, ask: Ask, portal: Portal, procedures: Mapping[str, Procedure]) -> Decision:
    if ask.call is Call.DEBUG_VERIFY:
        # a sandbox key never gets here: its checks are answered before they are required to pass
        raise refused(Code.OPERATION_NOT_GRANTED, "Only sandbox portals may examine their signatures here.")
    if ask.procedure is not None:
        if ask.procedure not in procedures:
            raise refused(Code.PROCEDURE_UNKNOWN)
        if ask.procedure not in portal.procedures:
            raise refused(Code.PROCEDURE_NOT_GRANTED)
    return Decision(caller, ask, {})


def _lookup(caller: Caller, ask: Ask, procedure: Procedure, fields: Mapping[str, FieldSpec]) -> Decision:
    subject = ask.subjects[0]
    prefix = f"{_KIND_OF_CALL[ask.call].value}."
    granted = tuple(name for name in procedure.grant.fields if name.startswith(prefix))
    if ask.fields is None:
        if not granted:
            raise refused(Code.FIELD_NOT_GRANTED, f"The procedure's grant names no {prefix}* field.")
        return Decision(caller, ask, {subject.role: granted})
    unknown = [
        Flaw(f"/fields/{n}", Code.FIELD_UNKNOWN, "There is no such field in this call.")
        for n, name in enumerate(ask.fields)
        if name not in fields or not name.startswith(prefix)
    ]
    if unknown:
        raise refused(Code.FIELD_UNKNOWN, flaws=tuple(unknown))
    denied = [
        Flaw(f"/fields/{n}", Code.FIELD_NOT_GRANTED, "The procedure's grant does not name this field.")
        for n, name in enumerate(ask.fields)
        if name not in granted
    ]
    if denied:
        raise refused(Code.FIELD_NOT_GRANTED, flaws=tuple(denied))
    return Decision(caller, ask, {subject.role: ask.fields})


def _dossier(caller: Caller, ask: Ask, procedure: Procedure) -> Decision:
    given = {subject.role: subject for subject in ask.subjects}
    flaws = [*_role_flaws(given, procedure.roles), *_declared_flaws(ask.declared, procedure)]
    if flaws:
        unknown = all(f.code is Code.FIELD_UNKNOWN for f in flaws)
        raise refused(Code.FIELD_UNKNOWN if unknown else Code.VALUE_INVALID, flaws=tuple(flaws))
    wanted: dict[str, list[str]] = {role: [] for role in given}
    withheld: set[tuple[str, str]] = set()
    for origin in (o for form_field in procedure.form for o in form_field.origins):
        lacking = [(role, name) for role, name in origin.reads if name not in procedure.grant.fields]
        withheld.update(lacking)
        for role, name in () if lacking else origin.reads:
            if role in wanted and name not in wanted[role]:
                wanted[role].append(name)
    hops = _hops(given, procedure)
    for hop in hops:
        if hop.start in wanted and hop.field not in wanted[hop.start]:
            wanted[hop.start].append(hop.field)
    fields = {role: tuple(names) for role, names in wanted.items()}
    return Decision(caller, ask, fields, frozenset(withheld), hops, documents=_accepted(procedure, given))


def _hops(given: Mapping[str, Subject], procedure: Procedure) -> tuple[Hop, ...]:
    """The relations this call may follow, nearest first: only roles the portal did not name, only where the grant says
    so expressly, only towards what the form asks of the one reached."""
    grant = procedure.grant
    depths = dict.fromkeys(given, 0)
    nearest_first = sorted((r for r in procedure.roles.values() if r.via), key=lambda r: r.via.depth if r.via else 0)
    allowed = []
    for role in nearest_first:
        via = role.via
        if via is None or role.name in given or via.role not in depths or via.field not in grant.fields:
            continue
        basis = grant.follows.get(follow_line(via.role, via.field, role.name))
        if basis is not None:
            depths[role.name] = depths[via.role] + 1
            allowed.append((role, via, basis))
    hops: list[Hop] = []
    for role, via, basis in reversed(allowed):
        reads = [o.reads for f in procedure.form for o in f.origins if all(name in grant.fields for _, name in o.reads)]
        origins = [name for pairs in reads for of, name in pairs if of == role.name]
        onward = [hop.field for hop in hops if hop.start == role.name]
        wanted = tuple(dict.fromkeys(name for name in (*origins, *onward) if name in grant.fields))
        if wanted:
            depth = depths[role.name]
            kind = Kind(role.kind)
            papers = tuple(of for _, of in _accepted(procedure, {role.name}))
            hops.append(Hop(role.name, kind, via.role, via.field, basis, depth, wanted, via.birth_date, papers))
    return tuple(sorted(hops, key=lambda hop: hop.depth))


def _documents(ask: Ask, procedure: Procedure, portal: Portal) -> tuple[tuple[str, str], ...]:
    """(role, kind) of what a call about a document may touch. Raises `Refused(field_not_granted)`."""
    if ask.registration is not None:
        if ask.registration.kind not in portal.registers:
            may = f"This portal may register documents of these kinds: {_listed(portal.registers)}."
            raise refused(Code.FIELD_NOT_GRANTED, may, flaws=(Flaw("/kind", Code.FIELD_NOT_GRANTED, may),))
        return ((ask.subjects[0].role, ask.registration.kind),)
    if ask.call is Call.DOCUMENTS_REVOKE:
        return ()
    holder = ask.subjects[0]
    accepted = _accepted(procedure, {r.name for r in procedure.roles.values() if r.kind == holder.kind.value})
    if not accepted:
        raise refused(Code.FIELD_NOT_GRANTED, f"The procedure accepts no digitised document of a {holder.kind.value}.")
    return tuple(dict.fromkeys((holder.role, kind) for _, kind in accepted))


def _accepted(procedure: Procedure, roles: Collection[str]) -> tuple[tuple[str, str], ...]:
    granted = procedure.grant.documents
    return tuple((slot.role, slot.kind) for slot in procedure.documents if slot.role in roles and slot.kind in granted)


def _role_flaws(given: Mapping[str, Subject], roles: Mapping[str, Role]) -> Iterable[Flaw]:
    for name, subject in given.items():
        role = roles.get(name)
        if role is None:
            listed = ", ".join(roles)
            yield Flaw(f"/subjects/{name}", Code.FIELD_UNKNOWN, f"The procedure has these roles: {listed}.")
        elif role.kind != subject.kind.value:
            yield Flaw(f"/subjects/{name}", Code.VALUE_INVALID, f"This role is a {role.kind}: {_NEEDS[role.kind]}.")
    for role in roles.values():
        if role.required and role.name not in given:
            yield Flaw("/subjects", Code.VALUE_INVALID, f"The role `{role.name}` is required: {_NEEDS[role.kind]}.")


_NEEDS: Mapping[str, str] = {
    "person": "give personal_id, full_name and birth_date",
    "enterprise": "give enterprise_code",
    "taxpayer": "give tax_code",
}


def _declared_flaws(declared: Mapping[str, Any], procedure: Procedure) -> Iterable[Flaw]:
    form = {form_field.name: form_field for form_field in procedure.form}
    for name, value in declared.items():
        pointer = f"/declared/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in form:
            yield Flaw(pointer, Code.FIELD_UNKNOWN, "The form has no such field.")
        elif not fits(value, form[name].schema):
            yield Flaw(pointer, Code.VALUE_INVALID, "Does not fit the form's JSON Schema for this field.")


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a declared value fits the field's JSON Schema (2020-12), its `format` included."""
    return _validator(json.dumps(dict(schema), sort_keys=True)).is_valid(value)


@lru_cache(maxsize=4096)
def _validator(schema: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads(schema), validate_formats=True)
