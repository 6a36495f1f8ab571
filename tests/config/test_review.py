"""Procedures checked alone: the mistakes of start-up, and what deserves a second look."""

# ruff: noqa: E501  # one case per line reads as a table

import pytest

from config.review import review
from tests.config.folder import Folder

DOSSIER, GRANT = "dossiers/1.004222/dossier.toml", "grants/1.004222.txt"


def said(folder: Folder, *codes: str) -> tuple[list[str], list[str]]:
    """Problems and warnings, the files without the folder's path."""
    found = review(folder.root, codes)
    problems, warnings = (
        [str(one).removeprefix(f"{folder.root}/") for one in several] for several in (found.problems, found.warnings)
    )
    return problems, warnings


def test_shipped_procedures_are_sound(folder: Folder) -> None:
    """No mistake; the only thing worth a look is what some grants allow beside their form."""
    problems, warnings = said(folder)
    assert problems == []
    assert {warning.partition(" is granted and stands nowhere in the form")[2] for warning in warnings} == {
        ": only look-ups can use it."
    }


def test_every_mistake_is_told_at_once_with_its_line(folder: Folder) -> None:
    """Two files with mistakes give one sentence for each."""
    lines = [
        folder.swap(DOSSIER, 'label_en = "Sex"\n', ""),
        folder.swap(DOSSIER, 'schema = { type = "string", maxLength = 1000 }', "schema = { maxLength = 1000 }"),
        folder.swap(GRANT, "person.sex", "person.size"),
    ]
    header = folder.line(DOSSIER, '[[form]]\nname = "sex"')
    problems, _ = said(folder)
    assert set(problems) == {
        f"{DOSSIER}:{header}: label_en is missing.",
        f"{DOSSIER}:{lines[1]}: type is missing.",
        f"{DOSSIER}:{lines[1]}: maxLength is not a known key here.",
        f'{GRANT}:{lines[2]}: "person.size" is not a field of fields.toml.',
    }


def test_one_procedure_is_judged_by_its_own_files(folder: Folder) -> None:
    """A mistake in another procedure, or elsewhere in the configuration, does not stand in the way."""
    folder.swap("grants/1.004873.txt", "person.sex", "person.size")
    folder.swap("gateway.toml", "in_flight = 256", "in_flight = 0")
    assert said(folder, "1.004222")[0] == []
    assert said(folder, "1.004873")[0] != []
    assert said(folder, "1.004222", "1.999999")[0] == ["dossiers/1.999999:1: There is no procedure 1.999999."]


def test_a_grant_without_its_dossier_is_a_mistake(folder: Folder) -> None:
    """Half a procedure is named as such, also when it is asked for by its code."""
    folder.write("grants/1.009999.txt", "person.sex # a law\n")
    missing = "grants/1.009999.txt:1: There is no procedure 1.009999: dossiers/1.009999/dossier.toml is missing."
    assert said(folder)[0] == said(folder, "1.009999")[0] == [missing]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (DOSSIER, 'name_en = "Permanent', 'name_en = "Đăng ký thường trú" #', "The procedure has one name for both languages."),
        (DOSSIER, 'label_en = "Applicant"', 'label_en = "Người yêu cầu"', "The role applicant has one label for both languages."),
        (DOSSIER, 'label_en = "Sex"', 'label_en = "Giới tính"', "The form field sex has one label for both languages."),
        (DOSSIER, "required = true", "required = false", "The form field full_name is required, and every role it comes from may be left out."),
        (DOSSIER, 'note = "Not', 'note = "TO BE WRITTEN. Not', "The note is still to be written."),
        (DOSSIER, "[roles.applicant]", '[roles.child]\nkind = "person"\nlabel_vi = "Con"\nlabel_en = "Child"\nrequired = false\n\n[roles.applicant]', "Nothing in the form comes from the role child."),
        (DOSSIER, ', field = "person.sex" }', ', field = "person.nationality" }', "person.nationality is not granted to 1.004222: it will be withheld. Add a line for it to grants/1.004222.txt, or take it out here."),
        (GRANT, "# Law on Residence", "# TO BE WRITTEN", "The legal basis or the need of person.full_name is still to be written."),
        (GRANT, "person.sex ", "person.nationality ", "person.nationality is granted and stands nowhere in the form: only look-ups can use it."),
    ],
    ids=lambda value: value[:30],
)  # fmt: skip
def test_what_deserves_a_second_look(folder: Folder, file: str, old: str, new: str, message: str) -> None:
    """It is said, and stops nothing."""
    folder.swap(file, old, new)
    problems, warnings = said(folder, "1.004222")
    assert problems == []
    assert message in [warning.partition(": ")[2] for warning in warnings]


def test_a_folder_that_is_none_is_said(folder: Folder) -> None:
    """Nothing to check is a mistake, not a success."""
    assert [problem.message for problem in review(folder.root / "nowhere").problems] == [
        "The folder dossiers is missing.",
        "fields.toml cannot be read: No such file or directory.",
    ]
