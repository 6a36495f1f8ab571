"""Relations in the files: what may lead where, how far, never in a circle, and only with the grant's own line."""

# ruff: noqa: E501  # one case per line reads as a table

import pytest

from tests.config.folder import Folder

DOSSIER, GRANT = "dossiers/1.001193/dossier.toml", "grants/1.001193.txt"
TABLE = "[roles.father.via]\n"
REASON = 'reason_vi = "vì"\nreason_en = "because"\n'


def test_a_relation_is_read_with_its_depth(folder: Folder) -> None:
    """Where it begins, what it follows, why, and how far it is from somebody the portal names."""
    role = folder.load().procedures["1.001193"].roles["father"]
    assert role.via is not None
    assert (role.via.role, role.via.field, role.via.birth_date) == ("mother", "person.spouse", "father_birth_date")
    assert role.via.depth == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('role = "mother"\nfield = "person.spouse"', 'role = "nobody"\nfield = "person.spouse"', "There is no [roles.nobody]."),
        ('field = "person.spouse"\nbirth', 'field = "person.wife"\nbirth', '"person.wife" is not a field of fields.toml.'),
        ('field = "person.spouse"\nbirth', 'field = "enterprise.code"\nbirth', "enterprise.code is not a field of a person, which mother is."),
        ('field = "person.spouse"\nbirth', 'field = "person.sex"\nbirth', "person.sex does not lead to a person."),
        ('field = "person.spouse"\nbirth', 'field = "person.personal_id"\nbirth', "person.personal_id does not lead to a person."),
        ('birth_date = "father_birth_date"', 'birth_date = "fathers_day"', "The form has no field fathers_day."),
        ('label_en = "Father"\nrequired = false', 'label_en = "Father"\nrequired = true', "A role that is reached may be left out by the portal: write required = false."),
        ('role = "mother"\nfield = "person.spouse"', 'role = "father"\nfield = "person.spouse"', "The roles lead in a circle: father is reached from itself."),
    ],
)  # fmt: skip
def test_a_mistake_in_a_relation(folder: Folder, old: str, new: str, message: str) -> None:
    """Each is one sentence at the relation's line."""
    folder.swap(DOSSIER, old, new)
    line = folder.line(DOSSIER, TABLE)
    assert f"{DOSSIER}:{line}: {message}" in folder.problems()


def test_two_roles_in_a_circle(folder: Folder) -> None:
    """Neither can be reached from anybody the portal names."""
    folder.swap(
        DOSSIER,
        'label_en = "Mother"\nrequired = false\n',
        'label_en = "Mother"\nrequired = false\n\n[roles.mother.via]\nrole = "father"\nfield = "person.spouse"\n'
        + REASON,
    )
    said = [one for one in folder.problems() if "circle" in one]
    assert len(said) == 2


@pytest.mark.parametrize(
    ("depth", "sound"), [("", False), ("relation_depth = 2\n", False), ("relation_depth = 3\n", True)]
)
def test_a_chain_is_no_longer_than_said(folder: Folder, depth: str, *, sound: bool) -> None:
    """Two relations unless the dossier says three."""
    folder.swap(DOSSIER, 'code = "1.001193"\n', f'code = "1.001193"\n{depth}')
    chain = "".join(
        f'[roles.{name}]\nkind = "person"\nlabel_vi = "a"\nlabel_en = "b"\nrequired = false\n'
        f'[roles.{name}.via]\nrole = "{start}"\nfield = "person.spouse"\n{REASON}\n'
        for name, start in (("second", "father"), ("third", "second"))
    )
    folder.swap(DOSSIER, "[[form]]", f"{chain}[[form]]")
    said = [one for one in folder.problems() if "relations away" in one]
    assert said == [] if sound else "third is 3 relations away; relation_depth allows 2." in said[0]


@pytest.mark.parametrize("depth", ["0", "4", "true"])
def test_the_depth_has_a_hard_end(folder: Folder, depth: str) -> None:
    """Three, whatever the file would like."""
    folder.swap(DOSSIER, 'code = "1.001193"\n', f'code = "1.001193"\nrelation_depth = {depth}\n')
    assert any("relation_depth must be" in one for one in folder.problems())


def test_a_relation_without_its_line_is_a_warning(folder: Folder) -> None:
    """It is legal, is said, and is not followed."""
    line = folder.line(GRANT, "follow")
    text = folder.text(GRANT).splitlines(keepends=True)
    folder.write(GRANT, "".join(text[: line - 1]))
    said = "The grant does not say follow mother person.spouse father: father will not be reached."
    assert any(said in one for one in folder.warnings())


def test_a_line_without_its_relation_is_a_mistake(folder: Folder) -> None:
    """A line of a grant that has no effect would be believed to have one."""
    folder.append(GRANT, "follow mother person.spouse applicant   # Law\n")
    assert any("no role here has such a via" in one for one in folder.problems())
