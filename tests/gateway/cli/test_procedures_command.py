"""`gateway procedures`: check, list, show, new."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from config.review import review
from gateway.cli.procedures import app
from gateway.cli.shown import WIDTH
from tests.config.folder import SHIPPED, Folder, copy
from tests.scenarios.prefills import CODES


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A copy of the shipped configuration."""
    return copy(tmp_path)


def run(folder: Folder, *arguments: str) -> Result:
    """One sub-command on the copy."""
    return CliRunner().invoke(app, [*arguments, "--config", str(folder.root)])


def test_check_says_what_it_looked_at(folder: Folder) -> None:
    """Sound procedures are counted, all of them or those asked for."""
    assert f"{len(CODES)} procedure(s) are sound" in run(folder, "check").stdout
    assert "2 procedure(s) are sound (0 warning(s))." in run(folder, "check", "1.004873", "1.001193").stdout


def test_check_fails_with_every_mistake(folder: Folder) -> None:
    """Each mistake has its file and line; the exit status is 1."""
    line = folder.swap("grants/1.001193.txt", "person.full_name", "person.fullname")
    found = run(folder, "check")
    assert found.exit_code == 1
    assert f'grants/1.001193.txt:{line}: "person.fullname" is not a field of fields.toml.' in found.stderr
    assert found.stderr.endswith("1 problem(s).\n")
    assert run(folder, "check", "1.999999").exit_code == 1


@pytest.mark.parametrize("english", [[], ["--english"]], ids=["vietnamese", "english"])
def test_tables_fit_a_terminal(english: list[str]) -> None:
    """No line of the list or of any procedure is longer than a terminal is wide, in either language."""
    shipped = ["--config", str(SHIPPED), *english]
    listed = CliRunner().invoke(app, ["list", *shipped]).stdout
    assert [code for code in CODES if f"\n{code}" in listed] == CODES
    for code in CODES:
        shown = CliRunner().invoke(app, ["show", code, *shipped])
        assert shown.exit_code == 0
        assert [line for line in (listed + shown.stdout).splitlines() if len(line) > WIDTH] == []


def test_show_leaves_nothing_out() -> None:
    """Every role, form field, origin, granted field, basis, need and note of a procedure is in its table."""
    for code, one in review(SHIPPED).procedures.items():
        shown = " ".join(CliRunner().invoke(app, ["show", code, "--config", str(SHIPPED)]).stdout.split())
        words = [one.name.vi, one.note or "", *one.grant.fields, *one.grant.fields.values(), *one.grant.needs.values()]
        words += [*one.roles, *(role.label.vi for role in one.roles.values())]
        words += [f"{field.label.vi} [{field.name}]" for field in one.form]
        words += [f"{o.field} of the {o.role}" for field in one.form for o in field.origins]
        assert [word for word in words if " ".join(word.split()) not in shown] == [], code


def test_show_says_how_origins_stand_to_each_other() -> None:
    """Compared, standing in, a part, and what nobody granted."""
    enterprise = " ".join(CliRunner().invoke(app, ["show", "1.005169"]).stdout.split())
    assert "enterprise.name of the enterprise; compared with tax: taxpayer.name of the taxpayer" in enterprise
    assert "current_address of the applicant; else population: person.permanent_address of the applicant" in enterprise
    household = " ".join(CliRunner().invoke(app, ["show", "1.010038"]).stdout.split())
    assert "person.household_head of the applicant, its personal_id" in household


def test_show_marks_what_is_not_granted(folder: Folder) -> None:
    """A form field that would be withheld is seen in the table."""
    folder.swap("grants/1.004222.txt", "person.sex ", "person.nationality ")
    assert "person.sex of the applicant, NOT GRANTED" in run(folder, "show", "1.004222").stdout


NEW = ["new", "1.009999", "--name-vi", 'Thử "nghiệm"', "--name-en", 'A "trial"']
ROLES = [f"--role={role}" for role in ("applicant:person", "spouse:person", "firm:enterprise", "payer:taxpayer")]


def test_a_new_procedure_passes_the_check_at_once(folder: Folder) -> None:
    """Two files, no mistake; what only a person can know is a warning with its line."""
    made = run(folder, *NEW, *ROLES)
    assert made.exit_code == 0, made.stderr
    assert made.stdout.split() == ["dossiers/1.009999/dossier.toml", "grants/1.009999.txt"]
    checked = run(folder, "check", "1.009999")
    assert (checked.exit_code, checked.stdout) == (0, "1 procedure(s) are sound (10 warning(s)).\n")
    assert "grants/1.009999.txt:2: The legal basis or the need of person.full_name is still to be written." in (
        checked.stderr
    )
    one = folder.load().procedures["1.009999"]
    assert (one.name.vi, one.name.en) == ('Thử "nghiệm"', 'A "trial"')
    assert {name: role.kind for name, role in one.roles.items()} == {
        "applicant": "person", "spouse": "person", "firm": "enterprise", "payer": "taxpayer",
    }  # fmt: skip
    assert {field.name for field in one.form} >= {"full_name", "spouse_full_name", "firm_name", "request"}


def test_a_law_that_is_given_is_written(folder: Folder) -> None:
    """With the basis and known roles nothing but the note is left to write."""
    run(folder, *NEW, "--role=applicant:person", "--basis", "Land Law 31/2024/QH15 art. 133")
    _, *warnings = run(folder, "check", "1.009999").stderr.partition("The note is still to be written.")
    assert "warning" not in "".join(warnings)
    assert set(folder.load().procedures["1.009999"].grant.fields.values()) == {"Land Law 31/2024/QH15 art. 133"}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (["new", "1.999", *NEW[2:], *ROLES], '"1.999" is no procedure code such as 1.004222.'),
        (["new", "1.004222", *NEW[2:], *ROLES], "There is a dossiers/1.004222/dossier.toml already."),
        ([*NEW, "--role=applicant:citizen"], '"applicant:citizen" is no role such as applicant:person'),
        ([*NEW, "--role=Applicant"], '"Applicant" is no role such as applicant:person'),
        ([*NEW, *ROLES, ROLES[0]], "The role applicant is named twice."),
        ([*NEW, ROLES[0], "--basis", "a\nlaw"], "Names and legal basis are one line each, and not empty."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_a_procedure_is_not_written(folder: Folder, changed: list[str], message: str) -> None:
    """The reason is said, and no file is made or touched."""
    before = sorted(path for path in folder.root.rglob("*"))
    refused = run(folder, *changed)
    assert refused.exit_code == 1
    assert message in refused.stderr
    assert sorted(path for path in folder.root.rglob("*")) == before
    assert folder.problems() == []


def test_show_says_how_a_role_is_reached() -> None:
    """Beside the role: whose record leads to it and why; at the end the line of the grant with its law."""
    said = " ".join(CliRunner().invoke(app, ["show", "1.001193", "--english"]).stdout.split())
    assert (
        "if not named: reached through person.spouse of the mother, with the birth date declared in father_birth_date; "
        "A child born in a marriage is the child of both spouses"
    ) in said
    assert "follow mother person.spouse father Law on Marriage and Family 52/2014/QH13 art. 88" in said
