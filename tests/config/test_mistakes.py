"""Each mistake an operator can make gives one sentence with the right file and line."""

# ruff: noqa: E501  # one case per line reads as a table

import pytest

from tests.config.folder import Folder

GATEWAY = [
    ("drain_seconds = 20", "drain_seconds = 5", "drain_seconds must not be shorter than deadline_seconds: calls would be cut off."),
    ("listen = ", "lisen = ", "lisen is not a known key here. Did you mean listen?"),
    ('listen = "127.0.0.1:8080"', "listen = 8080", "listen must be a text."),
    ('listen = "127.0.0.1:8080"', 'listen = "8080"', "listen must be host:port, such as 127.0.0.1:8080 (port 0: a free one)."),
    ('ops = "127.0.0.1:9090"', 'ops = "127.0.0.1:70000"', "ops must be host:port, such as 127.0.0.1:8080 (port 0: a free one)."),
    ('ops = "127.0.0.1:9090"', 'ops = "127.0.0.1:8080"', "ops must be another address than listen: its pages are not for callers."),
    ("public_url = {", 'public_url = "gateway" #', "public_url must be a URL such as https://gateway.example.gov.vn, without query, fragment or user."),
    ('log_origin = "lienthong.example/access-log"', 'log_origin = "https://x"', "log_origin must be a name like gateway.example.gov.vn/log: a URL without its scheme."),
    ("in_flight = 256", "in_flight = 0", "in_flight must be from 1 to 100000."),
    ("in_flight = 256", "in_flight = 2.5", "in_flight must be a whole number."),
    ("in_flight = 256", "in_flight = true", "in_flight must be a whole number."),
    ("deadline_seconds = 10", "deadline_seconds = nan", "deadline_seconds must be from 0.1 to 300."),
    ("deadline_seconds = 10", 'deadline_seconds = "10"', "deadline_seconds must be a number."),
    ("deadline_seconds = 60", "deadline_seconds = 601", "deadline_seconds must be from 0.1 to 600."),
    ("keep_minutes = 15", "keep_minutes = 1", "keep_minutes must be longer than deadline_seconds."),
    ("keep_minutes = 60", "keep_minutes = -1", "keep_minutes must be from 0 to 10080."),
    ("keep_days = 365", "keep_days = 0", "keep_days must be from 0.001 to 3660."),
    ("most_each = 10000", "most_each = 0", "most_each must be from 1 to 1000000."),
    ("most = 256", "most = 0", "most must be from 1 to 100000."),
    ("most = 256", "mots = 256", "mots is not a known key here. Did you mean most?"),
    ("audience = \"\"", "audience = ", "Not valid TOML: Invalid value."),
]  # fmt: skip

SOURCES = [
    ('adapter = "population"', 'adapter = "Population!"', "adapter must be a short name of small letters, digits, - and _."),
    ('profile = "c06"', 'profile = ""', "profile is empty."),
    ("attempts = 2", "attempts = 11", "attempts must be from 1 to 10."),
    ("attempts = 2", "atempts = 2", "atempts is not a known key here. Did you mean attempts?"),
    ("deadline_seconds = 5", "deadline_seconds = 11", "deadline_seconds is longer than the gateway allows a whole call (gateway.toml)."),
    ('url = { env = "LT_POPULATION_URL" }', 'url = "ftp://x"', "url must be a URL such as https://gateway.example.gov.vn, without query, fragment or user."),
    ('url = { env = "LT_POPULATION_URL" }', 'url = "https://me:pw@x/"', "url must be a URL such as https://gateway.example.gov.vn, without query, fragment or user."),
    ('url = { env = "LT_POPULATION_URL" }', 'url = { env = "LT_NONE" }', "url: the environment variable LT_NONE is not set."),
    ('url = { env = "LT_POPULATION_URL" }', 'url = { evn = "LT_NONE" }', "url must hold exactly one of env, file and file_env."),
    ('url = { env = "LT_POPULATION_URL" }', 'url = { env = "LT_POPULATION_URL", also = 1 }', "also is not a known key here."),
    ("username = {", 'username = "clerk" #', 'username is a credential: write { env = "NAME" } or { file = "path" }, never the value.'),
    ('secret = { file_env = "LT_POPULATION_SECRET_FILE" }', 'secret = { file = "none" }', "secret: the file none does not exist."),
    ('secret = { file_env = "LT_POPULATION_SECRET_FILE" }', 'secret = { file = "none", env = "X" }', "secret must hold exactly one of env, file and file_env."),
    ('secret = { file_env = "LT_POPULATION_SECRET_FILE" }', 'secret = { file_env = "LT_NONE" }', "secret: the environment variable LT_NONE is not set."),
    ("[population.options]", "[[population.options]]", "options must be a table."),
]  # fmt: skip

FIELDS = [
    ("[person.sex]", "[animal.sex]", "A field begins with person, enterprise, taxpayer; animal is none of them."),
    ('kind = "date"', 'kind = "day"', 'kind "day" is none of: text, identifier, date, name, code, address, person, money, persons, activities, members, obligations.'),
    ('source = "population"', 'source = "poplation"', 'source "poplation" has no block in sources.toml. Did you mean population?'),
    ('source = "population"', 'source = "people"', 'source "people" has no block in sources.toml.'),
    ('code_list = "sex"', 'code_list = "sexes"', 'code_list "sexes" has no file codes/sexes.toml.'),
    ('kind = "date"', 'kind = "date"\ncode_list = "sex"', "Only a field of kind code has a code_list."),
    ("\nsensitive = true", "\nsensitive = 1", "sensitive must be true or false."),
    ('label_en = "Sex"', 'label_en = " "', "label_en is empty."),
]  # fmt: skip

PORTAL = [
    ('agency = "H14"', 'agency = "H15"', "The file of H15 must be named H15.toml."),
    ('agency = "H14"', 'agency = "Cao Bằng"', "An agency code holds ASCII letters, digits and dots only."),
    ("sandbox = true", 'sandbox = "yes"', "sandbox must be true or false."),
    ('"1.004222"', '"9.999999"', 'procedures: "9.999999" is not a procedure: it has no folder in dossiers.'),
    ('"1.004194"', '"1.004222"', 'procedures names "1.004222" twice.'),
    ('"persons.verify"', '"persons.delete"', 'operations: "persons.delete" is none of: persons.verify, persons.lookup, enterprises.lookup, taxpayers.lookup, dossiers.prefill, dossiers.preview, corrections.report, corrections.read, documents.register, documents.fetch, documents.revoke.'),
    ('"birth_certificate"', '"diploma"', 'registers: "diploma" is not a kind of codes/document_kind.toml.'),
    ('"documents.register", "documents.fetch", "documents.revoke",\n]\n# The kinds of documents it may register: those of its own offices.\nregisters = [', "]\nregisters = [", "registers counts only with the operation documents.register."),
    ("registers = [", "registrs = [", "registrs is not a known key here. Did you mean registers?"),
    ('"consent"]', '"consent", 3]', "bases must be a list of texts."),
    ('"consent"]', '"whim"]', 'bases: "whim" is none of: law, consent.'),
    ("body_kib = 256", "body_kib = 257", "body_kib is more than the gateway takes from anybody (gateway.toml)."),
    ("per_second = 20", "per_second = 0", "per_second must be from 0.001 to 100000."),
    ("per_day = 100000", "perday = 1", "perday is not a known key here. Did you mean per_day?"),
]  # fmt: skip

DOSSIER = [
    ('code = "1.004222"', 'code = "1.004223"', 'code is "1.004223" but the folder is named 1.004222.'),
    ('kind = "person"', 'kind = "citizen"', 'kind "citizen" is none of: person, enterprise, taxpayer.'),
    ('name = "birth_date"', 'name = "full_name"', "The form already has a field full_name."),
    ('name = "birth_date"', 'name = "Birth date"', "name must be a name of small letters, digits and _."),
    ('field = "person.sex"', 'field = "person.size"', '"person.size" is not a field of fields.toml.'),
    ('field = "person.sex"', 'field = "enterprise.code"', "enterprise.code is not a field of a person, which applicant is."),
    ('field = "person.full_name"', 'field = "person.fullname"', '"person.fullname" is not a field of fields.toml. Did you mean person.full_name?'),
    ('role = "applicant"', 'role = "aplicant"', "There is no [roles.aplicant]. Did you mean applicant?"),
    ('role = "applicant"', 'role = "someone"', "There is no [roles.someone]."),
    ('field = "person.sex"', 'field = "person.sex", part = "size"', "person.sex has these parts: code, name, name_en."),
    ('field = "person.household_head"', 'field = "person.household_head", part = "age"', "person.household_head has these parts: name, personal_id, old_id, birth_date, sex, nationality, relation."),
    ('field = "person.sex"', 'field = "person.sex", fallback = true', "The first origin stands in for nothing: fallback belongs to a later one."),
    ('field = "person.sex"', 'field = "person.sex", fallback = 1', "fallback must be true or false."),
    ("maxLength = 200", "maxlength = 200", "maxlength is not a known key here. Did you mean maxLength?"),
    ('type = "string", maxLength = 200', 'type = "string"', "A declared text needs maxLength or enum."),
    ('type = "string", maxLength = 200', 'type = "object"', 'type "object" is none of: string, integer, number, boolean.'),
    ('maxLength = 254, format = "email"', 'maxLength = 254, format = "phone"', "format must be one of: date, email."),
    ('maxLength = 12, pattern = "^(', 'maxLength = 12, pattern = "^((', "pattern is no regular expression (ECMA 262)."),
]  # fmt: skip

CODES = [
    ("as_of = 2026-11-22", 'as_of = "2026-11-22"', "as_of must be a date such as 2026-11-22, unquoted."),
    ("as_of = 2026-11-22", "as_of = 2026-11-22T00:00:00Z", "as_of must be a date such as 2026-11-22, unquoted."),
    ('"Nữ giới" = "2"', '"Nữ giới" = "3"', 'by_name leads to "3", which is neither in [codes] nor in empty.'),
    ('"Nữ giới" = "2"', '"NAM" = "2"', 'The spelling "NAM" leads to two codes, "1" and "2".'),
    ('en = "Male"', 'en = "Male", fr = "Homme"', "fr is not a known key here."),
]  # fmt: skip

GRANT = [
    ("person.full_name ", "person.name ", '"person.name" is not a field of fields.toml. Did you mean person.full_name?'),
    ("person.sex", "person.birth_date", "person.birth_date stands here twice; the first is in line 3."),
    ("# Law", "# ", "person.full_name has no legal basis: write it after #."),
    ("person.sex", "person.religion", "person.religion is sensitive: write need: and why the procedure cannot do without it."),
    ("person.sex", "person.sex need: curiosity", "person.sex is not sensitive, so it takes no need:."),
    ("person.sex", "person.sex please", "A line is: field, then for a sensitive field need: and why, then # and the legal basis."),
]  # fmt: skip

PROVINCES = [
    ("04,Cao Bằng,Cao Bang", "4,Cao Bằng,Cao Bang", '"4" is no province code.'),
    ("96,Cà Mau,Ca Mau", "92,Cà Mau,Ca Mau", "The province 92 stands here twice."),
    ("04,Cao Bằng,Cao Bang", "04,Cao Bằng", "A row has 3 cells, none empty."),
    ("04,Cao Bằng,Cao Bang", '04,"Cao Bằng,Cao Bang', "A row has 3 cells, none empty."),
    ("04,Cao Bằng,Cao Bang", "04,Cao Bằng, ", "A row has 3 cells, none empty."),
]

OLDER = [
    ("00001,Phường Phúc Xá,001,00097", "00001,Phường Phúc Xá,001,99999", "There is no current commune 99999."),
    ("00001,Phường Phúc Xá,001,00097", "00001,Phường Phúc Xá,999,00097", "There is no district 999."),
    ("00001,Phường Phúc Xá,001,00097", "0001,Phường Phúc Xá,001,00097", '"0001" is no commune code.'),
]
DISTRICTS = [
    ("001,Quận Ba Đình,01,-", "001,Quận Ba Đình,99,-", "There is no province 99."),
    ("001,Quận Ba Đình,01,-", "001,Quận Ba Đình,01,99999", "There is no current commune 99999."),
]
SPELLINGS = [("HN,01,2004-07-08", "HN,99,2004-07-08", "There is no province 99 in 2004-07-08.")]

CASES = [
    (file, *case)
    for file, cases in (
        ("gateway.toml", GATEWAY),
        ("sources.toml", SOURCES),
        ("fields.toml", FIELDS),
        ("portals/H14.toml", PORTAL),
        ("dossiers/1.004222/dossier.toml", DOSSIER),
        ("codes/sex.toml", CODES),
        ("grants/1.004222.txt", [case for case in GRANT if case[0] != "# Law"]),
        ("territory/provinces-2025-07-01.csv", PROVINCES),
        ("territory/communes-2004-07-08.csv", OLDER),
        ("territory/districts-2004-07-08.csv", DISTRICTS),
        ("territory/spellings.csv", SPELLINGS),
    )
    for case in cases
]


@pytest.mark.parametrize(("file", "old", "new", "message"), CASES, ids=[f"{c[0]}: {c[3][:50]}" for c in CASES])
def test_mistake(folder: Folder, file: str, old: str, new: str, message: str) -> None:
    """The sentence names the file and the line where the mistake was made."""
    line = folder.swap(file, old, new)
    line += new.count("\n")
    assert f"{file}:{line}: {message}" in folder.problems()


def test_shipped_files_have_no_mistake(folder: Folder) -> None:
    """The copy these tests spoil is good before it is spoilt."""
    assert folder.problems() == []


@pytest.mark.parametrize(
    ("file", "old", "header", "message"),
    [
        ("gateway.toml", 'log_origin = "lienthong.example/access-log"', None, "log_origin is missing."),
        ("sources.toml", 'adapter = "business"', "[business]", "adapter is missing."),
        ("portals/H14.toml", "burst = 40", "[limits]", "burst is missing."),
        ("codes/sex.toml", "as_of = 2026-11-22", None, "as_of is missing."),
        ("fields.toml", 'code_list = "sex"', "[person.sex]", "A field of kind code needs its code_list."),
    ],
)
def test_missing_key(folder: Folder, file: str, old: str, header: str | None, message: str) -> None:
    """A missing key is reported at the header of its table, or at the first line where it belongs to no table."""
    line = folder.line(file, header) if header else 1
    folder.swap(file, old, "")
    assert f"{file}:{line}: {message}" in folder.problems()


def test_basis_is_required(folder: Folder) -> None:
    """A granted field without a law behind it is a mistake, with and without the number sign."""
    folder.write("grants/1.004222.txt", "person.full_name\nperson.sex  #  \nperson.birth_date # a law\n")
    assert folder.problems() == [
        "grants/1.004222.txt:1: person.full_name has no legal basis: write it after #.",
        "grants/1.004222.txt:2: person.sex has no legal basis: write it after #.",
    ]


def test_empty_grant(folder: Folder) -> None:
    """A grant of nothing is a mistake."""
    folder.write("grants/1.004222.txt", "# nothing yet\n\n")
    assert folder.problems() == ["grants/1.004222.txt:1: The grant names no field."]


def test_all_problems_at_once(folder: Folder) -> None:
    """Mistakes in many files are all told in one go, by file and line."""
    unknown = '"person.x" is not a field of fields.toml.'
    expected = {
        f"gateway.toml:{folder.swap('gateway.toml', 'in_flight = 256', 'in_flight = 0')}: in_flight must be from 1 to 100000.",
        f"gateway.toml:{folder.append('gateway.toml', 'colour = 1')}: colour is not a known key here.",
        f"sources.toml:{folder.swap('sources.toml', 'attempts = 2', 'attempts = 0')}: attempts must be from 1 to 10.",
        f"portals/H14.toml:{folder.swap('portals/H14.toml', 'burst = 40', 'burst = 0')}: burst must be from 1 to 1000000.",
        f"grants/1.001612.txt:{folder.append('grants/1.001612.txt', 'person.x # y')}: {unknown}",
    }
    assert set(folder.problems()) == expected
    assert folder.problems() == sorted(folder.problems(), key=_place)


def _place(problem: str) -> tuple[str, int]:
    file, line, _ = problem.split(":", 2)
    return file, int(line)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('because_vi = "Vì."', "because_vi and because_en stand together: officers read either."),
        ('because_vi = "Vì."\nbecause_en = "As."', "A reason to prefer one origin needs a second origin."),
    ],
)
def test_a_reason_stands_in_both_languages_and_prefers_something(folder: Folder, written: str, expected: str) -> None:
    """A form field with half a reason, or with a reason and nothing to prefer."""
    folder.swap("dossiers/1.004222/dossier.toml", 'label_vi = "Giới tính"', f'{written}\nlabel_vi = "Giới tính"')
    assert [problem.split(": ", 1)[1] for problem in folder.problems()] == [expected]


def test_a_commune_that_went_into_a_foreign_province_is_a_mistake(folder: Folder) -> None:
    """The table of communes cannot contradict the table of provinces."""
    folder.swap("territory/communes-2004-07-08.csv", "00001,Phường Phúc Xá,001,00097", "00001,Phường Phúc Xá,001,01273")
    expected = "The commune 00001 went into another province than its province did."
    assert any(problem.endswith(expected) for problem in folder.problems())
