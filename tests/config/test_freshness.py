"""How old kept answers may be, as a policy officer writes it."""

# ruff: noqa: E501  # one case per line reads as a table

from datetime import timedelta
from pathlib import Path

import pytest

from config.model import AgeLimit
from tests.config.folder import Folder, copy

FILE = "dossiers/1.005169/dossier.toml"
NAME = '"person.full_name"'
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A copy of the shipped configuration."""
    return copy(tmp_path / "config")


def test_a_default_for_all_and_lines_of_their_own(folder: Folder) -> None:
    """Outage is as long as max_age unless it says more; what is not to be kept is not in it."""
    folder.append(
        FILE,
        f'\n[freshness]\nmax_age = "1h"\noutage = "1d"\n[freshness.fields]\n{NAME} = {{ max_age = "90s" }}\n'
        '"enterprise.status" = { keep = false }\n',
    )
    procedure = folder.load().procedures["1.005169"]
    assert procedure.freshness is not None
    limits = procedure.freshness.limits
    assert procedure.freshness.within == "dossier"
    assert limits.keys() == procedure.grant.fields.keys() - {"enterprise.status"}
    assert limits["person.full_name"] == AgeLimit(timedelta(seconds=90), timedelta(seconds=90))
    assert limits["enterprise.name"] == AgeLimit(HOUR, DAY)


def test_lines_alone_allow_only_what_they_name(folder: Folder) -> None:
    """Without a default nothing else is kept."""
    folder.append(FILE, f'\n[freshness]\nwithin = "procedure"\n[freshness.fields]\n{NAME} = {{ max_age = "7d" }}\n')
    freshness = folder.load().procedures["1.005169"].freshness
    assert freshness is not None
    assert set(freshness.limits) == {"person.full_name"}


def test_a_procedure_that_says_nothing_keeps_nothing(folder: Folder) -> None:
    """The safe default."""
    assert folder.load().procedures["1.004222"].freshness is None


def test_a_default_never_covers_a_sensitive_field(folder: Folder) -> None:
    """Granted or not."""
    path = "dossiers/1.004873/dossier.toml"
    text = folder.text(path).partition("\n[freshness]")[0]
    folder.write(path, f'{text}\n[freshness]\nmax_age = "1h"\n')
    procedure = folder.load().procedures["1.004873"]
    assert "person.ethnicity" in procedure.grant.fields
    assert procedure.freshness is not None
    assert "person.ethnicity" not in procedure.freshness.limits


@pytest.mark.parametrize(
    ("written", "part", "sentence"),
    [
        ('[freshness]\nmax_age = "1 hour"\n', "max_age", 'max_age must be a number with s, m, h or d, such as "15m" or "24h".'),
        ('[freshness]\nmax_age = 60\n', "max_age", "max_age must be a text."),
        ('[freshness]\noutage = "1h"\n', "[freshness]", "max_age is missing."),
        ('[freshness]\nmax_age = "31d"\n', "max_age", "max_age is longer than 30 days."),
        ('[freshness]\nmax_age = "2h"\noutage = "1h"\n', "outage", "outage is shorter than max_age: in an outage less would be known than otherwise."),
        ('[freshness]\nmax_age = "0s"\n', "max_age", "Nothing is ever young enough for this; keep = false says so."),
        ('[freshness]\nwithin = "country"\nmax_age = "1h"\n', "within", 'within "country" is none of: dossier, procedure.'),
        ("[freshness]\n", "[freshness]", "Nothing would be kept: give a max_age here or for a field, or take [freshness] out."),
        ('[freshness]\nmax_aeg = "1h"\nmax_age = "1h"\n', "max_aeg", "max_aeg is not a known key here."),
        ('[freshness.fields]\n"person.adress" = { max_age = "1h" }\n', "person.adress", '"person.adress" is not a field of fields.toml.'),
    ],
)  # fmt: skip
def test_mistakes_have_their_line(folder: Folder, written: str, part: str, sentence: str) -> None:
    """Each of them stops the start."""
    folder.append(FILE, f"\n{written}")
    assert folder.problems() == [f"{FILE}:{folder.line(FILE, part)}: {sentence}"]


def test_a_sensitive_field_can_have_no_line(folder: Folder) -> None:
    """Even one that says it is not kept: there is no choice to be read there."""
    path = "dossiers/1.004873/dossier.toml"
    text = folder.text(path).partition("\n[freshness]")[0]
    folder.write(path, f'{text}\n[freshness.fields]\n"person.ethnicity" = {{ max_age = "1h" }}\n')
    line = folder.line(path, '"person.ethnicity" = {')
    assert folder.problems() == [
        f"{path}:{line}: person.ethnicity is sensitive: it is never kept and can have no line here."
    ]


def test_a_line_for_what_is_not_granted_is_a_warning(folder: Folder) -> None:
    """A grant can be narrowed without a second file in the way; nothing is kept of the field."""
    folder.append(FILE, '\n[freshness]\nmax_age = "1h"\n[freshness.fields]\n"person.sex" = { max_age = "1h" }\n')
    line = folder.line(FILE, '"person.sex" = {')
    freshness = folder.load().procedures["1.005169"].freshness
    assert freshness is not None
    assert "person.sex" not in freshness.limits
    assert f"{FILE}:{line}: person.sex is not granted to 1.005169: there is nothing to keep." in folder.warnings()
