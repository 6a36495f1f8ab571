"""Every key an operator can write is explained in docs/configuration.md."""

import dataclasses
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from config import fields, portals, references, schema
from config.check import check
from config.console_rules import ConsoleRules
from tests.config.folder import AT, SHIPPED, Folder

PAGE = (SHIPPED.parent / "docs/configuration.md").read_text()
# What a comment in the shipped files only hints at.
OPTIONAL = {
    "portals/H14.toml": ["suspended", "keys", "kid", "alg", "public_key", "not_before", "not_after", "revoked_at"]
}
FREE = tomllib.loads((SHIPPED / "sources.toml").read_text(encoding="utf-8")).keys()  # names an operator chooses


def section(title: str) -> str:
    """The text below a heading, up to the next of the same level."""
    _, _, rest = PAGE.partition(f"\n## {title}\n")
    assert rest, f"docs/configuration.md has no section {title}"
    return rest.partition("\n## ")[0]


def keys(value: dict[str, Any]) -> Iterator[str]:
    """Every key of a TOML file, nested ones too, except inside credentials, options and references."""
    for key, inner in value.items():
        if key not in FREE:
            yield key
        if isinstance(inner, dict) and key not in ("options", "credentials") and not references.is_reference(inner):
            yield from keys(inner)
        elif isinstance(inner, list):
            for item in inner:
                if isinstance(item, dict):
                    yield from keys(item)


@pytest.mark.parametrize(
    ("file", "title"),
    [
        ("gateway.toml", "gateway.toml"),
        ("console.toml", "console.toml"),
        ("sources.toml", "sources.toml"),
        ("portals/H14.toml", "portals/"),
        ("dossiers/1.004222/dossier.toml", "dossiers/"),
        ("codes/country.toml", "codes/"),
    ],
)
def test_keys_are_explained(file: str, title: str) -> None:
    """The section of a file names each of its keys in code style."""
    data = tomllib.loads((SHIPPED / file).read_text())
    if title == "codes/":
        data["codes"] = {"VN": {"vi": "", "en": ""}}
        data["by_name"] = {}
    wanted = {*keys(data), *OPTIONAL.get(file, [])} - {"roles.applicant", "applicant", "VN"}
    explained = set(re.findall(r"`\[*([a-zA-Z_]+)\]*`", section(title)))
    assert wanted - explained == set()


def test_credentials_and_variables_are_explained() -> None:
    """The environment variables of the shipped sources are all listed."""
    shipped = (SHIPPED / "sources.toml").read_text() + (SHIPPED / "gateway.toml").read_text()
    assert set(re.findall(r'"(LT_[A-Z_]+)"', shipped)) == set(re.findall(r"`(LT_[A-Z_]+)`", PAGE))


def test_words_of_closed_lists_are_explained() -> None:
    """Kinds of fields, operations, bases, references and schema keywords are all listed."""
    words = [*fields.KINDS, *portals.OPERATIONS, *portals.BASES, *references.KINDS, *schema.KEYWORDS]
    assert [word for word in words if f"`{word}`" not in PAGE] == []


def example(title: str) -> str:
    """The TOML example of a section."""
    found = re.search(r"```toml\n(.*?)```", section(title), re.DOTALL)
    assert found, f"the section {title} has no example"
    return found.group(1)


def test_dossier_example(folder: Folder) -> None:
    """The documented dossier is one the loader takes."""
    folder.write("dossiers/1.004222/dossier.toml", example("dossiers/"))
    assert [field.name for field in folder.load().procedures["1.004222"].form] == ["permanent_address"]


def test_grant_example(folder: Folder) -> None:
    """The documented grant is one the loader takes."""
    rows = [row.strip() for row in section("grants/").splitlines() if row.startswith("    ")]
    folder.write("grants/1.004873.txt", "\n".join(rows))
    grant = folder.load().procedures["1.004873"].grant
    assert dict(grant.needs) == {"person.ethnicity": "printed on it"}


def test_portal_and_source_examples(folder: Folder) -> None:
    """The documented portal and source miss nothing but their keys and secrets."""
    folder.write("portals/H14.toml", example("portals/").partition("[[keys]]")[0])
    others = re.sub(r"(?ms)^\[tax(?:\.\w+)?\]\n.*?(?=^\[(?!tax\b)|\Z)", "", folder.text("sources.toml"))
    folder.write("sources.toml", others + example("sources.toml"))
    assert check(folder.root, None, AT).problems == ()


def test_limits_agree() -> None:
    """The limits stated on the page are those a rule has that the file leaves out."""
    usual, rule, stated = ConsoleRules(), "", {}
    for named, key, default in re.findall(
        r"^\|(?: `\[(\w+)\]`)? \| `(\w+)` \| .* \| `([0-9.]+)` \|$", section("console.toml"), re.M
    ):
        rule = named or rule
        stated[rule, key] = float(default)
    limits = {
        (block.name, limit.name): float(getattr(getattr(usual, block.name), limit.name))
        for block in dataclasses.fields(usual)
        if block.name != "working_hours"
        for limit in dataclasses.fields(getattr(usual, block.name))
    }
    assert stated == limits


def test_numbers_agree() -> None:
    """Defaults stated on the page are those of the shipped files, which state the defaults."""
    for file, title in (("gateway.toml", "gateway.toml"), ("sources.toml", "sources.toml")):
        text = (SHIPPED / file).read_text()
        for key, default in re.findall(r"^\| `(\w+)` \| [^|]+ \| `([0-9]+)` \|", section(title), re.MULTILINE):
            assert re.search(rf"^{key} = {default}$", text, re.MULTILINE), f"{file}: {key} = {default}"
