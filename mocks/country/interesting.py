"""The identifiers worth knowing, and the documentation page made of them.

Rule of this file: every row is tested against the country, and `docs/mock-country.md` is this page, word for word.
"""

from dataclasses import dataclass
from typing import Final, Literal

from mocks.country.citizens import person, person_by_old_id
from mocks.country.firms import enterprise
from mocks.country.revenue import taxpayer

Register = Literal["population", "business", "tax"]


@dataclass(frozen=True, slots=True)
class Interesting:
    """An identifier, the register to ask for it, and what is special about its record."""

    identifier: str
    register: Register
    note: str


INTERESTING: Final = (
    Interesting("004192000123", "population", "nothing unusual: married, lives in Cao Bằng, current address"),
    Interesting("001199000000", "population", "absent: the serial 000000 is never issued"),
    Interesting("001145000201", "population", "only the year of birth is known"),
    Interesting("024158000202", "population", "only year and month of birth are known"),
    Interesting("038085000203", "population", "the recorded sex contradicts the number"),
    Interesting("040183000204", "population", "the recorded year of birth contradicts the number"),
    Interesting("031060000205", "population", "deceased"),
    Interesting("027178000206", "population", "permanent address from before July 2025, abolished code 27"),
    Interesting("082190000207", "population", "permanent address under the old code 82, now another province"),
    Interesting("001099000208", "population", "never married"),
    Interesting("079201000209", "population", "a name of one word"),
    Interesting("046188000210", "population", "a very long name"),
    Interesting("001087000212", "population", "a name full of Đ"),
    Interesting("068190012001", "population", "Cơ-ho: a name of one part, with an apostrophe"),
    Interesting("004076150001", "population", "an ethnic minority of the north"),
    Interesting("150917940", "population", "the 9-digit number of 004192000123"),
    Interesting("663401536", "population", "absent: a 9-digit number never issued"),
    Interesting("048186000211", "population", "married to a foreigner, who has no personal number"),
    Interesting("001187000213", "population", "the tax register spells the name differently (Thuý for Thúy)"),
    Interesting("022194000214", "population", "the register never split the name into parts"),
    Interesting("052080000215", "population", "no information on sex"),
    Interesting("092196000216", "population", "born on 29 February"),
    Interesting("033170000217", "population", "a given name with two accepted spellings, Hòa and Hoà"),
    Interesting("001215000222", "population", "a minor: represented by the father, in the household of the parents"),
    Interesting("001135000333", "population", "parents known by name only, without numbers"),
    Interesting("0100109106", "business", "nothing unusual: active"),
    Interesting("0199999991", "business", "absent: the serial 9999999 is never issued"),
    Interesting("0100109107", "business", "absent: wrong check digit"),
    Interesting("0100109106-001", "business", "a branch"),
    Interesting("0109000015", "business", "dissolved"),
    Interesting("4809000018", "business", "suspended"),
    Interesting("4809000025", "business", "three legal representatives"),
    Interesting("0309000037", "business", "no foreign name; its director's identity document expired in June 2024"),
    Interesting("4809000089", "business", "head office address from before July 2025"),
    Interesting("3809000094", "business", "not at its registered address"),
    Interesting("9209000103", "business", "certificate revoked by tax enforcement"),
    Interesting("0109000110", "business", "being dissolved"),
    Interesting("5609000076", "business", "in bankruptcy proceedings"),
    Interesting("7909000063", "business", "the tax register has another address than the head office"),
    Interesting("0100109106", "tax", "status 00, no debts"),
    Interesting("0109000015", "tax", "status 01: ended, procedure finished"),
    Interesting("0109000128", "tax", "status 02: moving to another tax office"),
    Interesting("0109000110", "tax", "status 03: ended, procedure not finished"),
    Interesting("0809000130", "tax", "status 04: void, without a reason code"),
    Interesting("4809000018", "tax", "status 05: suspended"),
    Interesting("3809000094", "tax", "status 06: not at its registered address"),
    Interesting("5609000076", "tax", "status 07: bankruptcy"),
    Interesting("3109000042", "tax", "status 09: address being verified, while the business register says active"),
    Interesting("8000000029", "tax", "status 10: old code of 004192000123, not yet matched"),
    Interesting("8000000011", "tax", "a foreigner"),
    Interesting("4809000057", "tax", "three debts"),
    Interesting("004192000123", "tax", "an individual, by personal number"),
    Interesting("0100109106-001", "tax", "a dependent unit"),
    Interesting("001215000222", "tax", "absent: a minor is not registered"),
)  # fmt: skip

_HEAD = """\
# The country the mocks know

The mock registries answer from one synthetic country. Nobody in it is real: a record is computed from its
identifier, the same in every process and on every machine, and nothing is stored.

- **12 digits**: everybody with a first digit 0, one of the 63 old province codes, a century digit 0 to 3, a birth
  not after 2026-11-01 and a serial other than 000000 exists. Digits 7 to 9 are the lineage a father hands down.
- **9 digits**: most numbers belong to somebody born from 1930 to 1999.
- **10 digits**: every number with a right check digit is an enterprise, unless it begins with 8 (natural persons'
  tax codes) or its serial is 9999999. `-001` to `-009` are its branches.
- **Relations hold**: spouses point at each other; parents are married to each other, 18 to 45 years older and hand
  down the family name; a household has a head; directors are citizens; the tax register repeats the names of the
  other two in capitals, and its statuses agree with theirs, apart from the exceptions below.
- Codes of household relations other than `CH01`, of enterprise types and statuses, and of tax offices are the mock's
  own: the registries publish none.

## Identifiers worth knowing

| identifier | register | name | born | what is special |
|---|---|---|---|---|
"""


def page() -> str:
    """The documentation page on the mock country, in Markdown."""
    return _HEAD + "".join(_row(row) for row in INTERESTING)


def _row(row: Interesting) -> str:
    name, born = _facts(row)
    return f"| {row.identifier} | {row.register} | {name} | {born} | {row.note} |\n"


def _facts(row: Interesting) -> tuple[str, str]:
    if row.register == "business":
        firm = enterprise(row.identifier)
        return (firm.name, "") if firm else ("", "")
    if row.register == "tax":
        registered = taxpayer(row.identifier)
        return (registered.name, "") if registered else ("", "")
    found = (person_by_old_id if len(row.identifier) == 9 else person)(row.identifier)
    if found is None:
        return "", ""
    parts = (f"{found.birth.year:04}", *(f"{part:02}" for part in (found.birth.month, found.birth.day) if part))
    return found.full_name, "-".join(parts)
