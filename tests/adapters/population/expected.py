"""What the adapter must say about a person of the mock country, written from the person and not from the wire."""

from adapters.values import RawAddress, RawCode, RawDate, RawName, RawPerson, RawText, RawValue
from mocks.country.model import Address, Person, Relative


def flat(value: RawValue) -> RawValue:
    """A value without the differences the wire itself makes: name in parts or whole, capitals, missing units."""
    if isinstance(value, RawName):
        parts = (value.family, value.middle, value.given)
        whole = value.full or " ".join(part for part in parts if part)
        return RawName(full=whole.upper())
    if isinstance(value, RawPerson):
        name = None if value.name is None else flat(value.name)
        assert name is None or isinstance(name, RawName)
        return RawPerson(name, value.personal_id, value.old_id, value.nationality, value.relation)
    if isinstance(value, RawAddress):
        return RawAddress(text=value.text, commune=value.commune, country=value.country)
    return value


def expected(person: Person) -> dict[str, RawValue]:
    """Every field of a person, flat."""
    values: dict[str, RawValue | None] = {
        "person.personal_id": RawText(person.personal_id),
        "person.old_id": RawText(person.old_id) if person.old_id else None,
        "person.full_name": RawName(full=person.full_name.upper()),
        "person.birth_date": RawDate(person.birth.year, person.birth.month, person.birth.day),
        "person.sex": RawCode(person.sex),
        "person.ethnicity": RawCode(person.ethnicity),
        "person.religion": RawCode(person.religion),
        "person.nationality": RawCode(person.nationality),
        "person.marital_status": RawCode(person.marital_status),
        "person.blood_type": RawCode(person.blood_type),
        "person.birth_registration_place": _address(person.birth_place),
        "person.native_place": _address(person.native_place),
        "person.permanent_address": _address(person.permanent),
        "person.current_address": _address(person.current),
        "person.father": _relative(person.father),
        "person.mother": _relative(person.mother),
        "person.spouse": _relative(person.spouse),
        "person.representative": _relative(person.representative),
        "person.household_head": _head(person),
    }
    return {name: value for name, value in values.items() if value is not None}


def _address(address: Address) -> RawAddress:
    return RawAddress(text=address.text, commune=address.commune_code, country="VN")


def _relative(relative: Relative | None) -> RawPerson | None:
    if relative is None:
        return None
    return RawPerson(
        RawName(full=relative.full_name.upper()),
        relative.personal_id,
        relative.old_id,
        RawCode(relative.nationality),
    )


def _head(person: Person) -> RawPerson:
    return RawPerson(
        RawName(full=person.head.full_name.upper()),
        person.head.personal_id,
        person.head.old_id,
        relation=RawCode(person.head_relation),
    )
