"""docs/procedures.md: its list is that of the files, and its steps can be followed."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.review import review
from gateway.cli.procedures import app
from gateway.steps import follow, prefill
from tests.config.folder import SHIPPED, Folder, copy
from tests.docs.pages import rows, section, text

PAGE = text("docs/procedures.md")
CODE = "1.009999"


def commands() -> list[list[str]]:
    """Every `gateway procedures` command line of the page, without its remark."""
    found = re.findall(r"^ {4}gateway procedures (.+)$", PAGE, re.MULTILINE)
    return [shlex.split(line, comments=True) for line in found]


def command(name: str) -> list[str]:
    """The one command line of that name that the steps of writing show."""
    (only,) = (words for words in commands() if words[0] == name and CODE in words)
    return only


def test_the_list_is_that_of_the_files() -> None:
    """Each shipped procedure has a row with its names, roles and what is not confirmed; no row is of another."""
    told = rows(section("docs/procedures.md", "The procedures that are shipped"))
    expected = [
        [
            f"[{code}](../config/dossiers/{code}/dossier.toml)",
            one.name.vi,
            one.name.en,
            ", ".join(role.name if role.required else f"({role.name})" for role in one.roles.values()),
            one.note or "nothing",
        ]
        for code, one in sorted(review(SHIPPED).procedures.items())
    ]
    assert told == expected


def test_the_table_shown_is_what_the_command_prints() -> None:
    """The page shows the procedure as it is."""
    (shown,) = (words for words in commands() if words[0] == "show")
    printed = CliRunner().invoke(app, shown).stdout
    assert "\n".join(f"    {line}".rstrip() for line in printed.splitlines()) in PAGE


@pytest.fixture
def begun(tmp_path: Path) -> Folder:
    """A copy of the configuration in which step 2 was done."""
    folder = copy(tmp_path)
    assert CliRunner().invoke(app, [*command("new"), "--config", str(folder.root)]).exit_code == 0
    return folder


def test_the_steps_lead_to_a_procedure_that_loads(begun: Folder) -> None:
    """Scaffold, blocks and lines of the page, put where it says: no mistake, and the doubts it promises."""
    steps = section("docs/procedures.md", "Write one")
    (blocks,) = re.findall(r"^```toml\n(.*?)^```$", steps, re.MULTILINE | re.DOTALL)
    granted = re.findall(r"^ {4}(person\.\w+ +# .+)$", steps, re.MULTILINE)
    begun.append(f"dossiers/{CODE}/dossier.toml", f"\n{blocks}")
    begun.append(f"grants/{CODE}.txt", "\n".join(granted) + "\n")
    checked = CliRunner().invoke(app, [*command("check"), "--config", str(begun.root)])
    assert checked.exit_code == 0
    doubts = {line.partition(": ")[2].partition(": ")[2] for line in checked.stderr.splitlines()}
    assert {doubt for doubt in doubts if "still to be written" not in doubt} == set()
    assert "The note is still to be written." in doubts
    form = {field.name: field for field in begun.load().procedures[CODE].form}
    assert [origin.fallback for origin in form["residence"].origins] == [False, True]
    assert form["new_contact_address"].origins == ()


def test_the_mark_of_what_is_unwritten_is_named(begun: Folder) -> None:
    """What the page tells an officer to look for is what stands in the files."""
    assert "`TO BE WRITTEN`" in PAGE
    assert "TO BE WRITTEN" in begun.text(f"dossiers/{CODE}/dossier.toml")
    assert "TO BE WRITTEN" in begun.text(f"grants/{CODE}.txt")


def test_reasons_and_doubts_of_relations_are_those_of_the_code() -> None:
    """The tables of the page name every reason why a role is not reached and every doubt about one that is."""
    told = {
        cells[0].strip("`") for cells in rows(section("docs/procedures.md", "Reach somebody the portal does not name"))
    }
    doubts = {follow.NAME_DIFFERS, follow.NOT_MUTUAL, follow.NOT_CONFIRMED, follow.POINTS_AT_ITSELF}
    reasons = {prefill.ROLE_ABSENT, follow.NOT_REACHABLE, follow.AMBIGUOUS, "not_found", "unavailable"}
    assert told >= doubts | reasons
    assert {one for one in told if one.startswith("relation_")} == doubts


def test_the_relation_of_the_page_is_the_shipped_one() -> None:
    """The lines of the grant stand in the shipped file, and the relation is that of its dossier."""
    page = section("docs/procedures.md", "Reach somebody the portal does not name")
    lines = [" ".join(line.split()) for line in re.findall(r"^    (.+)$", page, re.MULTILINE) if "#" in line]
    shipped = [" ".join(line.split()) for line in (SHIPPED / "grants/1.001193.txt").read_text("utf-8").splitlines()]
    assert lines
    assert set(lines) <= set(shipped)
