"""Digitised documents in the configuration: accepted and granted are the same, and both are known."""

import pytest

from config.errors import ConfigError
from gateway.papers import settings
from tests.config.folder import Folder

GRANT, DOSSIER = "grants/1.001776.txt", "dossiers/1.001776/dossier.toml"
BLOCK = '\n[[documents]]\nkind = "{}"\nrole = "{}"\nlabel_vi = "Giấy"\nlabel_en = "Paper"\nrequired = false\n'


def line_of(folder: Folder, name: str, text: str) -> int:
    """The line a text stands in."""
    lines = (folder.root / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_the_shipped_procedures_accept_what_they_are_granted(folder: Folder) -> None:
    """Every accepted kind has its legal basis, and every granted one is accepted."""
    found = folder.load().procedures.values()
    accepting = [procedure for procedure in found if procedure.documents]
    assert len(accepting) == 6
    for procedure in accepting:
        assert {slot.kind for slot in procedure.documents} == set(procedure.grant.documents)
        assert all(basis.strip() for basis in procedure.grant.documents.values())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "document birth_certificate   # a law",
            "The document birth_certificate is granted and stands in no [[documents]]",
        ),
        ("document birth_certificate", "The document birth_certificate has no legal basis: write it after #."),
        ("document diploma   # a law", '"diploma" is not a kind of codes/document_kind.toml.'),
        ("document disability_certificate   # a law", "The document disability_certificate stands here twice."),
        ("document   # a law", "A line about a document is: document, its kind, then # and the legal basis."),
    ],
)
def test_a_mistaken_line_of_a_grant_is_named(folder: Folder, line: str, said: str) -> None:
    """With file and line."""
    text = (folder.root / GRANT).read_text(encoding="utf-8")
    folder.write(GRANT, f"{text}{line}\n")
    [problem] = folder.problems()
    assert problem.startswith(f"{GRANT}:{len(text.splitlines()) + 1}: {said}")


@pytest.mark.parametrize(
    ("kind", "role", "said"),
    [
        ("birth_certificate", "applicant", f'{GRANT} has no line "document birth_certificate".'),
        ("diploma", "applicant", '"diploma" is not a kind of codes/document_kind.toml.'),
        ("disability_certificate", "nobody", "There is no [roles.nobody]."),
        ("disability_certificate", "applicant", "The document disability_certificate of applicant stands here twice."),
    ],
)
def test_a_mistaken_block_of_a_dossier_is_named(folder: Folder, kind: str, role: str, said: str) -> None:
    """With file and line."""
    text = (folder.root / DOSSIER).read_text(encoding="utf-8")
    folder.write(DOSSIER, text + BLOCK.format(kind, role))
    [problem] = folder.problems()
    begins = len(text.splitlines()) + 3
    assert problem in (f"{DOSSIER}:{begins}: {said}", f"{DOSSIER}:{begins + 1}: {said}")


def test_a_file_of_authorities_is_read_or_named(folder: Folder) -> None:
    """One that is not there is a problem of the file; one that holds no authority is a problem at the start."""
    text = (folder.root / "gateway.toml").read_text(encoding="utf-8")
    folder.write("gateway.toml", text.replace("trust = []", 'trust = ["roots.pem"]'))
    number = line_of(folder, "gateway.toml", 'trust = ["roots.pem"]')
    assert folder.problems() == [
        f"gateway.toml:{number}: trust: the file roots.pem cannot be read: No such file or directory."
    ]
    folder.write("roots.pem", "no certificate")
    with pytest.raises(ConfigError, match=f"gateway.toml:{number}: trust: "):
        settings.trust(folder.load().gateway.documents)
