"""Files that are missing, strange or unreadable as text."""

# ruff: noqa: E501  # one case per line reads as a table

import pytest

from tests.config.folder import Folder


@pytest.mark.parametrize("name", ["gateway.toml", "sources.toml", "fields.toml"])
def test_missing_main_file(folder: Folder, name: str) -> None:
    """A main file that is not there is one problem, not hundreds."""
    (folder.root / name).unlink()
    assert folder.problems() == [f"{name}:1: {name} cannot be read: No such file or directory."]


@pytest.mark.parametrize(
    "name",
    [
        "gateway.toml",
        "sources.toml",
        "fields.toml",
        "codes/tax_kind.toml",
        "portals/H14.toml",
        "dossiers/1.004222/dossier.toml",
    ],
)
def test_syntax_error_is_one_problem(folder: Folder, name: str) -> None:
    """A file that is no TOML is one problem with its line; what refers to it is not blamed."""
    line = folder.append(name, "x = = 1\n")
    assert folder.problems() == [f"{name}:{line}: Not valid TOML: Invalid value."]


def test_syntax_error_at_the_end(folder: Folder) -> None:
    """An unfinished file is reported at its last line."""
    line = folder.append("gateway.toml", "x = [1,\n2")
    assert folder.problems()[0].startswith(f"gateway.toml:{line + 1}: Not valid TOML: ")


@pytest.mark.parametrize("name", ["fields.toml", "grants/1.004222.txt", "territory/provinces-2004-07-08.csv"])
def test_not_utf8(folder: Folder, name: str) -> None:
    """A file in another encoding is reported where it stops being UTF-8."""
    line = folder.text(name).count("\n") + 1
    folder.write(name, folder.text(name).encode() + "Đăng ký".encode("utf-16"))
    assert f"{name}:{line}: The file is not UTF-8 text." in folder.problems()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("portals/h14.toml", "portals holds files named by an agency code, such as H14.toml; this file would not be read."),
        ("portals/H15.tml", "portals holds files named by an agency code, such as H14.toml; this file would not be read."),
        ("grants/1.004222.txt~", "grants holds files named by a procedure code, such as 1.004222.txt; this file would not be read."),
        ("codes/sex.yaml", "codes holds code lists such as tax_status.toml; this file would not be read."),
        ("dossiers/1.004222/form.toml", "dossiers/1.004222 holds a dossier.toml; this file would not be read."),
        ("dossiers/stray.toml", "dossiers holds one folder per procedure; this file would not be read."),
    ],
)  # fmt: skip
def test_stray_file(folder: Folder, name: str, message: str) -> None:
    """A file that would silently not be read is a problem."""
    folder.write(name, "x = 1\n")
    assert folder.problems() == [f"{name}:1: {message}"]


@pytest.mark.parametrize("name", ["portals/.H14.toml.swp", "grants/README.md", "codes/LICENCE-more.txt"])
def test_harmless_files(folder: Folder, name: str) -> None:
    """Hidden files, notes and licences may lie beside the files that are read."""
    folder.write(name, "not read")
    assert folder.problems() == []


def test_grant_without_dossier(folder: Folder) -> None:
    """A grant for a procedure nobody described is a problem."""
    folder.write("grants/1.000001.txt", "person.sex # a law\n")
    assert folder.problems() == [
        "grants/1.000001.txt:1: There is no procedure 1.000001: dossiers/1.000001/dossier.toml is missing."
    ]


@pytest.mark.parametrize("code", ["1.004222", "1.000656"], ids=["fields", "documents too"])
def test_dossier_without_grant(folder: Folder, code: str) -> None:
    """A procedure without a grant is one problem, not one more for each field and document of its form."""
    before = folder.warnings()
    (folder.root / f"grants/{code}.txt").unlink()
    assert folder.problems() == [
        f"dossiers/{code}/dossier.toml:1: The procedure has no grants/{code}.txt, so it could see nothing."
    ]
    assert folder.warnings() == before


def test_folder_that_is_no_procedure(folder: Folder) -> None:
    """A folder in dossiers must be named by a procedure code."""
    folder.write("dossiers/residence/dossier.toml", "")
    assert folder.problems() == ['dossiers/residence:1: "residence" is no procedure code such as 1.004222.']


@pytest.mark.parametrize("name", ["codes", "grants", "dossiers", "portals", "territory"])
def test_missing_folder(folder: Folder, name: str) -> None:
    """A missing folder is named."""
    (folder.root / name).rename(folder.root / f".{name}")
    assert any(problem.startswith(f"{name}:1: The folder {name} ") for problem in folder.problems())


def test_missing_code_list(folder: Folder) -> None:
    """The lists every person needs cannot be left out."""
    (folder.root / "codes/relation.toml").unlink()
    expected = "codes/relation.toml:1: The list relation is missing: every person or address needs it."
    assert folder.problems() == [expected]


def test_oversized_file(folder: Folder) -> None:
    """A file too large to be a configuration file is not read."""
    folder.write("grants/1.004222.txt", "#" * (4 * 1024 * 1024 + 1))
    assert "grants/1.004222.txt:1: grants/1.004222.txt is larger than 4096 KiB." in folder.problems()


def test_everything_missing(folder: Folder) -> None:
    """An empty folder is told as what it lacks, without an exception."""
    empty = Folder(folder.root / "nowhere", folder.environ)
    problems = empty.problems()
    assert "gateway.toml:1: gateway.toml cannot be read: No such file or directory." in problems
    assert "portals:1: The folder portals cannot be read: No such file or directory." in problems
