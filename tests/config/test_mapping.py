"""Mistakes in what an origin does with a value, and in translations, profiles and components, with file and line."""

# ruff: noqa: E501  # one case per line reads as a table

import pytest

from tests.config.folder import Folder

DOSSIER = "dossiers/1.005169/dossier.toml"
_CAPITAL = 'field = "enterprise.charter_capital", format = "digits"'
_MAIN = 'expression = "[?main].code | [0]"'
MISTAKES = [
    (DOSSIER, _CAPITAL, _CAPITAL.replace("digits", "date_vi"), "format date_vi is for a date."),
    (DOSSIER, _CAPITAL, _CAPITAL.replace("digits", "roman"), 'format "roman" is none of: date_vi, date_compact, date_time, year, money_grouped, digits, text, upper.'),
    (DOSSIER, _CAPITAL, _CAPITAL + ', separator = "-"', "separator goes with join."),
    (DOSSIER, _CAPITAL, _CAPITAL + ', codes = "none"', 'codes "none" has no file translations/none.toml.'),
    (DOSSIER, _CAPITAL, 'field = "enterprise.charter_capital", codes = "sex_judicial_record"', "sex_judicial_record translates codes of the list sex, which these are not."),
    (DOSSIER, _MAIN, 'expression = "[?main"', "expression is not JMESPath (https://jmespath.org)."),
    (DOSSIER, _MAIN, 'expression = "eval(@)"', "JMESPath has no function eval."),
    (DOSSIER, 'is = ["llc_multiple", "joint_stock", "partnership"]', "is = []", "when takes field and is together, or neither."),
    (DOSSIER, 'field = "enterprise.type", is', 'field = "enterprise.activities", is', "A field of kind activities cannot decide: take one of kind code, text or identifier."),
    (DOSSIER, '"enterprise_code", "enterprise_name"', '"enterprise_kode"', "The form has no field enterprise_kode."),
    (DOSSIER, '"enterprise_code", "enterprise_name"', '"phone"', "phone is the citizen's to say: no registry can stand in for the paper."),
    ("translations/sex_judicial_record.toml", '"2" = { code = "0", vi = "Nữ", en = "Female" }', "", '"2" of the list sex has no translation and is not in without.'),
    ("translations/sex_judicial_record.toml", '"2" = {', '"3" = {', 'The list sex has no code "3".'),
    ("profiles/national_portal.toml", 'edition = "2026"', 'edition = "2027"', "There is no [editions.2027]."),
    ("profiles/national_portal.toml", 'part = "province_now"', 'part = "province_then"', "person.permanent_address has no part province_then."),
    ("profiles/national_portal.toml", 'to = "Email"', 'to = "SoDienThoai"', "Two members have one name in to."),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "sentence"), MISTAKES, ids=[m[3] for m in MISTAKES])
def test_mistake(folder: Folder, file: str, old: str, new: str, sentence: str) -> None:
    """The problem names the file, a line, and what is wrong."""
    written = folder.text(file)
    assert old in written
    folder.write(file, written.replace(old, new, 1))
    problems = folder.problems()
    assert any(p.startswith(f"{file}:") and p.endswith(f": {sentence}") for p in problems), problems
