"""A pre-filled dossier in the national portal's shape, given beside ours (docs/national-portal.md).

Rule of this file: it rearranges what the answer holds and adds nothing to it. Which member comes from what stands in
`config/profiles/national_portal.toml`; what is not in the answer is left out, never made up.
"""

from collections.abc import Collection, Mapping
from typing import Any

from config.model import Component, Procedure
from config.transformations import Member, Profile
from gateway import mapping
from gateway.model import DECLARED, HAS_VALUE, Dossier, Filled


def national_portal(
    filled: Dossier,
    *,
    procedure: Procedure,
    profile: Profile,
    roles: Collection[str],
    vneid_account: bool | None,
    documents: Collection[str] = (),
) -> dict[str, Any]:
    """The members of `HoSo` that a pre-fill can know. `roles`: those named in the call; `documents`: kinds offered."""
    people = {
        "submitter": _first(profile.submitter, roles, procedure),
        "owner": _first(profile.owner, roles, procedure),
    }
    details = {member.to: said for member in profile.members if (said := _member(member, people, filled))}
    kind = profile.kinds.get(procedure.roles[people["submitter"]].kind) if people["submitter"] else None
    components = [_component(one, filled, profile, vneid_account, documents) for one in procedure.components]
    return {
        "MaHoSo": filled.dossier,
        "MaTTHC": filled.procedure,
        "HoSoCoThanhPhanSoHoa": int(any(one["DuocSoHoa"] for one in components)),
        "ThongTinNguoiNop": {**({"LoaiDoiTuong": kind} if kind else {}), "ThongTinChiTiet": details},
        "ThanhPhanHoSo": components,
    }


def _first(wanted: Collection[str], roles: Collection[str], procedure: Procedure) -> str | None:
    """The first of the wanted roles that is named, else the first role of the procedure that is."""
    return next((role for role in (*wanted, *procedure.roles) if role in roles), None)


def _member(member: Member, people: Mapping[str, str | None], filled: Dossier) -> str | None:
    for name in member.form:
        one = filled.form.get(name)
        if one is not None and one.value.status in HAS_VALUE:
            return _written(member.format, one.value.value)
    role = people[member.of]
    for name, part in member.origins:
        for one in filled.form.values():
            value = _whole(one)
            if value is None or (one.role, one.value.name) != (role, name):
                continue
            taken = mapping.part(value, part) if part else value
            return _written(member.format, mapping.code(taken) if part else taken)
    return None


def _written(name: str, value: Any) -> str | None:
    said = mapping.formatted(name, value).value if value is not None else None
    return said if isinstance(said, str) else None


def _whole(one: Filled) -> Any:
    """The field's value where the answer holds all of it."""
    if one.value.status not in HAS_VALUE or one.part is not None:
        return None
    return one.whole if one.by else one.value.value


def _component(
    one: Component, filled: Dossier, profile: Profile, vneid_account: bool | None, documents: Collection[str]
) -> dict[str, Any]:
    sources = [_registry(filled.form.get(name)) for name in one.fields]
    from_fields = bool(sources) and all(sources)
    said: dict[str, Any] = {
        "MaThanhPhanHoSo": one.code,
        "TenThanhPhanHoSo": one.name.vi,
        "DuocSoHoa": int(from_fields or any(kind in documents for kind in one.documents)),
    }
    if said["DuocSoHoa"]:
        # what the gateway hands out comes from a registry, never from the citizen's store at the portal
        said["DuocLayTuKhoDMQG"] = 0
    database = next((code for source, code in profile.databases.items() if source in sources), None)
    if from_fields and database:
        said["MaCSDL"] = database
    if vneid_account is not None:
        said["TaiKhoanDuocXacThucVoiVNeID"] = int(vneid_account)
    return said


def _registry(one: Filled | None) -> str | None:
    """The source that filled a form field; None where it is empty or the citizen said it."""
    if one is None or one.value.status not in HAS_VALUE or one.value.source == DECLARED:
        return None
    return one.value.source
