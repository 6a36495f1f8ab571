"""The recipes of CONTRIBUTING.md can be followed."""

import re
import textwrap
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

import gateway.audit.entry
import gateway.audit.events
from adapters import registry
from gateway.cli.demo import scenery
from tests.config.folder import copy
from tests.docs.pages import ROOT, section, text

DATABASE, PROCEDURE, EVENT = (
    section("CONTRIBUTING.md", f"Recipe: add {what}")
    for what in ("a national database", "a procedure", "an audit event")
)


def blocks(recipe: str) -> list[str]:
    """The indented examples of a recipe."""
    return [textwrap.dedent(found) for found in re.findall(r"(?:^ {7}.+\n(?:\n(?= {7}))?)+", recipe, re.MULTILINE)]


def test_a_source_a_field_and_a_procedure_are_added_with_files_alone(tmp_path: Path) -> None:
    """The examples of both recipes, put where the recipes say, are a configuration that loads."""
    # under names nobody ships, so that whoever adds what the example adds does not meet it here
    source, field, grant = (
        block.replace("land", "sample").replace("LAND", "SAMPLE") for block in (*blocks(DATABASE), *blocks(PROCEDURE))
    )
    folder = copy(tmp_path)
    key = tmp_path / "key"
    key.write_text("secret\n")
    key.chmod(0o600)
    code = "9.999999"
    for name, more in (("sources.toml", source), ("fields.toml", field)):
        folder.write(name, (folder.root / name).read_text(encoding="utf-8") + "\n" + more)
    shortest = (folder.root / "dossiers/1.004873/dossier.toml").read_text(encoding="utf-8")
    (folder.root / f"dossiers/{code}").mkdir()
    folder.write(
        f"dossiers/{code}/dossier.toml",
        shortest.replace("1.004873", code).replace('field = "person.sex"', 'field = "person.sample_certificate"'),
    )
    folder.write(f"grants/{code}.txt", grant)
    more_environ = {"LT_SAMPLE_URL": "http://127.0.0.1:1", "LT_SAMPLE_API_KEY_FILE": str(key)}
    folder = replace(folder, environ={**folder.environ, **more_environ})

    settings = folder.load()

    assert settings.sources["sample"].credentials == {"api_key": "secret"}
    assert settings.fields["person.sample_certificate"].source == "sample"
    assert set(settings.procedures[code].grant.fields) == {"person.full_name", "person.sample_certificate"}


def test_the_example_to_copy_is_the_shortest() -> None:
    """The procedure that newcomers are sent to is the shortest shipped one that asks for a sensitive field."""
    lengths = {path.parent.name: len(path.read_text()) for path in ROOT.glob("config/dossiers/*/dossier.toml")}
    assert "1.004873" in PROCEDURE
    sensitive = [code for code in lengths if "need:" in (ROOT / f"config/grants/{code}.txt").read_text()]
    assert min(sensitive, key=lambda code: lengths[code]) == "1.004873"


@pytest.mark.parametrize("recipe", [DATABASE, PROCEDURE, EVENT], ids=["database", "procedure", "event"])
def test_files_named_in_recipes_exist(recipe: str) -> None:
    """Each path of this repository that a recipe names is there, but for those of the example."""
    named = set(re.findall(r"`((?:adapters|mocks|config|gateway|tests)/[\w./]+)`", recipe))
    example = {path for path in named if "land" in path or "1.009999" in path}
    assert [path for path in named - example if not (ROOT / path).exists()] == []


def test_names_in_recipes_exist() -> None:
    """The functions and tables a newcomer is sent to are there."""
    assert callable(registry.Build)
    assert callable(scenery.environment)
    assert callable(gateway.audit.entry._own)
    assert set(gateway.audit.events.KINDS) == set(gateway.audit.events.Event.__args__)
    assert "\ndef test_procedures(" in text("tests/config/test_shipped.py")
    assert "\nFULL: " in text("tests/gateway/audit/test_events.py")
    assert tomllib.loads(blocks(DATABASE)[0]).keys() == {"land"}
