"""The files that are shipped: complete, in both languages, and true to their sources."""

import re
from collections import Counter
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.codes import fold
from config.fields import SUBJECTS
from config.loader import load
from config.model import Settings
from gateway import text
from mocks.country import trades
from tests.config.folder import SHIPPED, environment

CONTRACT = {
    "person": "personal_id old_id full_name birth_date sex ethnicity religion nationality marital_status blood_type "
    "birth_registration_place native_place permanent_address current_address father mother spouse representative "
    "household_head",
    "enterprise": "code name name_foreign short_name type status founded_on last_amended_on charter_capital "
    "head_office representatives activities members",
    "taxpayer": "tax_code name kind status status_reason tax_office address obligations",
}
CURRENT = re.findall(
    r"\d\d",
    "01 04 08 11 12 14 15 19 20 22 24 25 31 33 37 38 40 42 44 46 48 51 52 56 66 68 75 79 80 82 86 91 92 96",
)
MOVED = re.findall(
    r"(\d\d)>(\d\d)",
    "02>08 06>19 10>15 17>25 26>25 27>24 30>31 34>33 35>37 36>37 45>44 49>48 54>66 58>56 60>68 62>51 64>52 67>68 70>75 "
    "72>80 74>79 77>79 83>86 84>86 87>82 89>91 93>92 94>92 95>96",
)
NAMES = {
    "04": "Cao Bằng",
    "08": "Tuyên Quang",
    "24": "Bắc Ninh",
    "46": "Huế",
    "52": "Gia Lai",
    "79": "Hồ Chí Minh",
    "82": "Đồng Tháp",
    "91": "An Giang",
}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The shipped configuration itself."""
    return load(SHIPPED, environ=environment(tmp_path_factory.mktemp("secrets")))


def test_vocabulary(shipped: Settings) -> None:
    """The fields are exactly the public vocabulary, in its order."""
    expected = [f"{subject}.{word}" for subject, words in CONTRACT.items() for word in words.split()]
    assert list(shipped.fields) == expected


def test_sensitive_fields(shipped: Settings) -> None:
    """Three fields are sensitive, and only a grant that declares the need opens one."""
    sensitive = {spec.name for spec in shipped.fields.values() if spec.sensitive}
    assert sensitive == {"person.ethnicity", "person.religion", "person.blood_type"}
    granted = {(p.code, name) for p in shipped.procedures.values() for name in p.grant.fields if name in sensitive}
    assert granted == {(p.code, name) for p in shipped.procedures.values() for name in p.grant.needs}
    # the declarations of these print the ethnic group; religion and blood group are on no form
    assert granted == {
        (code, "person.ethnicity")
        for code in ("1.000656", "1.000894", "1.001022", "1.001193", "1.001776", "1.004859", "1.004873")
    }


def test_every_source_knows_a_field(shipped: Settings) -> None:
    """No source is there for nothing, and a field of each subject can be asked for."""
    assert {spec.source for spec in shipped.fields.values()} == set(shipped.sources)
    assert {name.partition(".")[0] for name in shipped.fields} == set(SUBJECTS)


def test_labels_differ_by_language(shipped: Settings) -> None:
    """Names of fields, forms, roles and procedures stand in both languages, and the English ones have no accents."""
    named = [spec.label for spec in shipped.fields.values()]
    for procedure in shipped.procedures.values():
        named += [procedure.name, *(r.label for r in procedure.roles.values()), *(f.label for f in procedure.form)]
    for name in named:
        assert name.vi
        assert name.vi != name.en
        assert name.en.isascii(), name.en


def test_code_lists(shipped: Settings) -> None:
    """The lists have the sizes of their sources."""
    sizes = {name: len(codes.codes) for name, codes in shipped.codes.items()}
    assert sizes == {
        "blood_type": 4,
        "country": 249,
        "document_kind": 13,
        "enterprise_status": 7,
        "enterprise_type": 11,
        "ethnicity": 55,
        "marital_status": 3,
        "relation": 10,
        "religion": 15,
        "sex": 2,
        "tax_kind": 5,
        "tax_office": 0,
        "tax_status": 10,
        "tax_status_reason": 36,
    }


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("codes/*.toml")), ids=lambda file: file.stem)
def test_codes_are_unique(file: Path) -> None:
    """No code and no name stands twice in a list, and none is empty."""
    rows = re.findall(r'^"([^"]+)" = \{ vi = "([^"]+)", en = "([^"]+)" \}$', file.read_text(), re.MULTILINE)
    for column in zip(*rows, strict=True):
        assert [value for value, count in Counter(column).items() if count > 1] == []


def test_codes_of_the_registries(shipped: Settings) -> None:
    """Codes mean what the registries mean by them."""
    codes = shipped.codes
    assert codes["sex"].codes["2"].vi == "Nữ"
    assert codes["sex"].empty == {"0"}
    assert codes["ethnicity"].codes["02"].vi == "Tày"
    assert codes["ethnicity"].codes["54"].vi == "Rơ măm"
    assert codes["religion"].codes["00"].en == "No religion"
    assert codes["country"].codes["VN"].vi == "Việt Nam"
    assert set(codes["tax_status"].codes) == {"00", "01", "02", "03", "04", "05", "06", "07", "09", "10"}
    assert {code.partition(".")[0] for code in codes["tax_status_reason"].codes} == set(codes["tax_status"].codes) - {
        "04"
    }


@pytest.mark.parametrize(
    ("name", "spelling", "code"),
    [
        ("enterprise_status", "ĐANG HOẠT ĐỘNG", "active"),
        ("enterprise_status", "Đang làm thủ tục giải thể", "dissolving"),
        ("enterprise_type", "Công ty TNHH Một Thành Viên", "llc_single"),
        ("country", "viet nam", "VN"),
        ("sex", "nữ", "2"),
    ],
)
def test_spellings(shipped: Settings, name: str, spelling: str, code: str) -> None:
    """A registry's words lead to the code regardless of capitals and accents."""
    assert shipped.codes[name].by_name[fold(spelling)] == code


@given(st.text(max_size=30))
def test_spellings_fold_as_the_gateway_folds(written: str) -> None:
    """Spellings are folded here exactly as the gateway folds what a registry sends."""
    assert fold(written) == text.fold(written)


def test_provinces(shipped: Settings) -> None:
    """The 34 provinces carry the codes of Decision 19/2025/QĐ-TTg."""
    current = shipped.territory.current
    assert sorted(current.provinces) == CURRENT
    assert {code: current.provinces[code].vi for code in NAMES} == NAMES
    assert current.provinces["48"].en == "Da Nang"
    assert current.scheme == "2025-07-01"


def test_moves(shipped: Settings) -> None:
    """Each of the 63 older provinces moved where the decision says; the others kept their code."""
    territory = shipped.territory
    moves = dict(MOVED)
    assert dict(territory.moved) == {code: moves.get(code, code) for code in territory.former.provinces}
    assert len(territory.former.provinces) == 63
    assert territory.former.provinces["82"].vi == "Tiền Giang"


def test_former_communes(shipped: Settings) -> None:
    """All 10,035 communes and 696 districts of before, each with where it went, never into a foreign province."""
    territory = shipped.territory
    former, current = territory.former, territory.current
    assert (len(former.communes), len(former.districts)) == (10_035, 696)
    assert former.communes["00004"] == ("Phường Trúc Bạch", "01")
    assert former.districts[former.district_of["00004"]] == ("Quận Ba Đình", "01")
    assert set(territory.communes_moved) == set(former.communes)
    for code, parts in territory.communes_moved.items():
        assert {current.communes[part][1] for part in parts} == {territory.moved[former.communes[code][1]]}
    assert {current.communes[into][0] for into in territory.districts_moved.values()} == {
        "Đặc khu Bạch Long Vĩ",
        "Đặc khu Cồn Cỏ",
        "Đặc khu Hoàng Sa",
        "Đặc khu Lý Sơn",
        "Đặc khu Côn Đảo",
    }


def test_communes(shipped: Settings) -> None:
    """All 3,321 communes are there, each in a province that exists and each province with some."""
    communes = shipped.territory.current.communes
    assert len(communes) == 3321
    assert {province for _, province in communes.values()} == set(CURRENT)
    assert communes["01273"] == ("Phường Thục Phán", "04")
    assert all(re.match(r"(Xã|Phường|Đặc khu) ", name) for name, _ in communes.values())


def test_procedures(shipped: Settings) -> None:
    """One joins all three kinds of subject; a form takes from where it says. Who each is about: docs/procedures.md."""
    assert {role.kind for role in shipped.procedures["1.005169"].roles.values()} == {"person", "enterprise", "taxpayer"}
    residence = shipped.procedures["1.004222"]
    fields = {field.name: field for field in residence.form}
    assert [(o.role, o.field) for o in fields["permanent_address"].origins] == [
        ("applicant", "person.permanent_address")
    ]
    assert fields["phone"].origins == ()


def test_the_sample_portal_may_try_every_procedure(shipped: Settings) -> None:
    """A procedure that is shipped can be tried out."""
    assert shipped.portals["H14"].procedures == set(shipped.procedures)


def test_each_procedure_says_what_is_not_confirmed(shipped: Settings) -> None:
    """None was read from the national portal, so each has a note for whoever puts it into use."""
    assert [code for code, one in shipped.procedures.items() if "ot confirmed" not in (one.note or "")] == []


def test_own_numbers_are_no_national_codes(shipped: Settings) -> None:
    """A number this project gave begins with 0, as no national code does, and its note says so."""
    own = {code: p.note for code, p in shipped.procedures.items() if code.startswith("0.")}
    assert set(own) == {"0.000001"}
    assert all(note and "own number" in note for note in own.values())


def test_schemas_judge_declarations(shipped: Settings) -> None:
    """Every schema is valid JSON Schema; a plausible declaration passes and rubbish does not."""
    forms = {field.name: dict(field.schema) for p in shipped.procedures.values() for field in p.form}
    assert all(jsonschema_rs.meta.is_valid(schema) for schema in forms.values())
    good = {
        "phone": "+84 912 345 678",
        "birth_date": "22/11/1992",
        "personal_id": "004192000123",
        "enterprise_code": "0100109106",
        "tax_code": "0100109106-001",
        "charter_capital": "1000000000",
        "permanent_address": "Phường Thục Phán, Cao Bằng",
    }
    for name, value in good.items():
        assert jsonschema_rs.is_valid(forms[name], value), name
        assert not jsonschema_rs.is_valid(forms[name], value * 60), name
    assert not jsonschema_rs.is_valid(forms["personal_id"], "00419200012a")


@pytest.mark.parametrize("name", [*trades.STATUSES.values(), *(full for full, *_ in trades.TYPES.values())])
def test_words_of_the_mock_registry(shipped: Settings, name: str) -> None:
    """Statuses and types as the business registry writes them lead to a code."""
    known = shipped.codes["enterprise_status"].by_name.keys() | shipped.codes["enterprise_type"].by_name.keys()
    assert fold(name) in known


def test_grants_have_bases(shipped: Settings) -> None:
    """Every granted field names a law, and every form field is granted."""
    for procedure in shipped.procedures.values():
        assert all(re.search(r"\d+/20\d\d/(QH1|NĐ-CP)", basis) for basis in procedure.grant.fields.values())
        assert {o.field for field in procedure.form for o in field.origins} <= set(procedure.grant.fields)


# Granted for look-ups beside the form: a former number, what else the registers say of an enterprise or taxpayer.
BESIDE_THE_FORM = {
    "1.001612": {"taxpayer.kind", "taxpayer.status_reason"},
    "1.004222": {"person.old_id"},
    "1.005169": {"enterprise.short_name", "enterprise.last_amended_on"},
}


FOLLOWED = {
    "1.001193": {"mother person.spouse father"},
    "1.001266": {"applicant person.personal_id taxpayer"},
    "1.001612": {"applicant person.personal_id taxpayer"},
    "1.005169": {"enterprise enterprise.code taxpayer"},
    "1.013831": {"applicant person.personal_id taxpayer"},
    "2.000720": {"applicant person.personal_id taxpayer"},
}


def test_relations_that_are_followed(shipped: Settings) -> None:
    """Every relation a shipped grant allows is named here, rests on a law, and is one the dossier has."""
    followed = {code: p.grant.follows for code, p in shipped.procedures.items() if p.grant.follows}
    assert {code: set(follows) for code, follows in followed.items()} == FOLLOWED
    for code, follows in followed.items():
        roles = shipped.procedures[code].roles.values()
        assert set(follows) == {f"{r.via.role} {r.via.field} {r.name}" for r in roles if r.via}
        assert all(re.search(r"\d+/20\d\d/(QH1|NĐ-CP)", basis) for basis in follows.values())


def test_grants_hold_no_more_than_forms_need(shipped: Settings) -> None:
    """What is granted is in the form, but for a few fields named here."""
    beside = {
        code: set(p.grant.fields)
        - {name for field in p.form for o in field.origins for _, name in o.reads}
        - {role.via.field for role in p.roles.values() if role.via}
        for code, p in shipped.procedures.items()
    }
    assert {code: fields for code, fields in beside.items() if fields} == BESIDE_THE_FORM


def test_no_address_of_a_machine() -> None:
    """No shipped file holds an address of a real machine or a secret."""
    for name in ("gateway.toml", "sources.toml", "portals/H14.toml"):
        text = (SHIPPED / name).read_text().replace("http:// and", "")
        assert re.findall(r"https?://(?!(?:[\w-]+\.)*example[./\"])\S*", text) == []
