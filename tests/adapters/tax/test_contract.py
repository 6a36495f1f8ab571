"""The contract files, the mock's copies of them, and the page that explains them."""

import hashlib
import re
from importlib.resources import files
from pathlib import Path

import pytest
from lxml import etree

from adapters.tax import CONTRACT, failures, mapping
from adapters.tax.wsse import Flaw

PAGE = (Path(__file__).parents[3] / "docs" / "tax-profile.md").read_text("utf-8")


@pytest.mark.parametrize("name", CONTRACT)
def test_both_ends_hold_the_same_contract(name: str) -> None:
    """The mock serves the very files the adapter was made with, and their digests are pinned."""
    ours = (files("adapters.tax") / name).read_bytes()
    assert ours == (files("mocks.tax") / name).read_bytes()
    assert hashlib.sha256(ours).hexdigest() == CONTRACT[name]


@pytest.mark.parametrize("word", [flaw.value for flaw in Flaw])
def test_every_flaw_is_documented(word: str) -> None:
    """The page explains each reason a signature is refused."""
    assert f"`{word}`" in PAGE


@pytest.mark.parametrize("table", [failures.SUBCODES, failures.CODES])
def test_every_soap_fault_is_documented(table: dict[str, tuple[object, str, bool]]) -> None:
    """The page has a row for each code, with its fault and reason."""
    for code, (fault, reason, again) in table.items():
        row = f"| `{code}` | {fault} | `{reason}` | {'yes' if again else 'no'} |"
        assert re.sub(r"\s+", " ", row) in re.sub(r"[ \t]+", " ", PAGE)


def test_every_name_of_the_wire_is_documented() -> None:
    """The page mentions each element and each kind of taxpayer of the schema."""
    schema = (files("adapters.tax") / "tax.xsd").read_text("utf-8")
    names = set(re.findall(r'<xs:element name="(\w+)"', schema)) | mapping.KINDS.keys()
    assert {name for name in names if f"`{name}`" not in PAGE} == set()


def test_every_other_reason_is_documented() -> None:
    """The page lists the reasons the adapter itself gives."""
    folder = Path(str(files("adapters.tax")))
    source = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    reasons = set(re.findall(r'AdapterError\(Fault\.\w+, "(\w+)"', source))
    assert len(reasons) > 5
    assert {reason for reason in reasons if f"`{reason}`" not in PAGE} == set()


def test_the_samples_fit_the_schema() -> None:
    """Each sample message on the page is valid."""
    schema = etree.XMLSchema(etree.fromstring((files("adapters.tax") / "tax.xsd").read_bytes()))
    samples = re.findall(r"```xml\n(.*?)```", PAGE, re.DOTALL)
    assert [schema.validate(etree.fromstring(sample)) for sample in samples] == [True] * 3
