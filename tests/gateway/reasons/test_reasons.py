"""Tests of sentences, doubts and the reason of a preference."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.model import FormField, Named, Origin
from gateway import mapping
from gateway.agreement import difference
from gateway.model import Conflict, Filled, Reading, Status, Value
from gateway.reasons import doubts, preference
from gateway.reasons.sentences import BECAUSE, DOUBTS, OTHER
from gateway.steps import follow
from tests.config.folder import SHIPPED
from tests.helpers.stack import ROOT

AT = datetime(2026, 11, 22, tzinfo=UTC)
_NAMED = re.compile(r"DOUBT|SCHEME_|SPLIT|UNIT_")
_CODE = re.compile(r"[a-z]+(_[a-z]+)+")


def _said_in(path: Path) -> set[str]:
    """Texts that look like codes where a module appends, returns or names doubts."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        texts: list[ast.expr] = []
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "append":
            texts = node.args
        elif isinstance(node, ast.IfExp):
            texts = [e for t in (node.body, node.orelse) if isinstance(t, ast.Tuple) for e in t.elts]
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            texts = [e for t in node.value.elts if isinstance(t, ast.Tuple) for e in t.elts]
        elif isinstance(node, ast.Assign) and re.match(
            r"DOUBT|SCHEME_|SPLIT|UNIT_", ast.unparse(node.targets[0]).strip("(")
        ):
            texts = list(ast.walk(node.value))  # type: ignore[arg-type]
        found |= {t.value for t in texts if isinstance(t, ast.Constant) and isinstance(t.value, str)}
    return {text for text in found if _CODE.fullmatch(text)}


def test_every_doubt_that_the_code_raises_has_a_sentence() -> None:
    """Adapters, the normaliser, relations and mappings raise no doubt that is not in sentences.toml."""
    places = [
        *(ROOT / "adapters").glob("*/mapping.py"),
        *(ROOT / "gateway/steps/normalise").glob("*.py"),
        ROOT / "gateway/wire/identifiers.py",
    ]
    raised = set().union(*map(_said_in, places))
    raised |= {follow.NAME_DIFFERS, follow.NOT_MUTUAL, follow.NOT_CONFIRMED, follow.POINTS_AT_ITSELF}
    raised |= {mapping.CODE_UNTRANSLATED, mapping.EXPRESSION_FAILED, mapping.FORMAT_IMPOSSIBLE}
    assert {"sex_contradicts_id", "birth_year_contradicts_id", "code_is_a_serial", "address_scheme_unknown"} <= raised
    assert raised <= DOUBTS.keys()


def test_every_sentence_is_whole() -> None:
    """Both languages, each a sentence, and no two alike."""
    for sentences in (DOUBTS, BECAUSE):
        for code, sentence in sentences.items():
            assert sentence.vi.endswith("."), code
            assert sentence.en.endswith("."), code
        assert len({s.vi for s in sentences.values()}) == len({s.en for s in sentences.values()}) == len(sentences)


@pytest.mark.parametrize(("listed", "fit"), [("enterprise_status", {"active"}), ("tax_status", {"00"})])
def test_every_status_but_the_sound_one_gives_pause(listed: str, fit: set[str]) -> None:
    """A code that is added to a list of statuses needs a doubt, or is one of the sound ones."""
    import tomllib

    codes = set(tomllib.loads((SHIPPED / "codes" / f"{listed}.toml").read_text(encoding="utf-8"))["codes"])
    field = {"enterprise_status": "enterprise.status", "tax_status": "taxpayer.status"}[listed]
    told = [code for sentence in DOUBTS.values() if sentence.field == field for code in sentence.codes]
    assert set(told) == codes - fit
    assert len(told) == len(set(told))


def _reading(status: Status = Status.OK, code: str = "ended", own: tuple[str, ...] = ()) -> Reading:
    value = {"code": code, "name": "x"} if status is Status.OK else None
    said = Value("enterprise.status", status, "business", value, AT)
    return Reading("enterprise", True, {"enterprise.status": said}, own)


def test_a_status_speaks_only_where_it_is_shown() -> None:
    """Shown: a doubt. Fetched and not shown, withheld, or sound: none."""
    assert doubts.doubts(_reading(), {"enterprise.status"}) == ("enterprise_ended",)
    assert doubts.doubts(_reading(), {"enterprise.name"}) == ()
    assert doubts.doubts(_reading(Status.WITHHELD), {"enterprise.status"}) == ()
    assert doubts.doubts(_reading(code="active"), {"enterprise.status"}) == ()


def test_a_notice_says_what_it_is_about() -> None:
    """With source and date where the field was fetched; an unknown code is told in general words."""
    ended, unknown = doubts.notices(_reading(), ("enterprise_ended", "never_heard_of"))
    assert (ended.source, ended.as_of, ended.role) == ("business", AT, "enterprise")
    assert (unknown.vi, unknown.source, unknown.code) == (DOUBTS[OTHER].vi, None, "never_heard_of")


def _conflict(one: Any, other: Any, between: str = "sources") -> Conflict:
    first = Filled(Value("person.full_name", Status.OK, "population", one), "applicant")
    second = Filled(Value("taxpayer.name", Status.OK, "tax", other), "taxpayer")
    return Conflict("name", between, (first, second))


def _wanted(because: Named | None = None) -> FormField:
    origins = (Origin("applicant", "person.full_name"), Origin("taxpayer", "taxpayer.name"))
    return FormField("name", Named("Tên", "Name"), origins, True, {}, because)


def test_the_reason_of_a_preference() -> None:
    """The form's order, its own reason where it declares one, and a registry before a declaration in any case."""
    own = Named("Theo luật.", "By law.")
    said = [
        preference.explained(_conflict("A", "B"), _wanted()),
        preference.explained(_conflict("A", "B"), _wanted(own)),
        preference.explained(_conflict("A", "B", "declared"), _wanted(own)),
    ]
    assert [one.because.code for one in said if one.because] == [
        "named_first",
        "procedure",
        "registry_over_declaration",
    ]
    assert said[1].because is not None
    assert (said[1].because.vi, said[1].because.en) == (own.vi, own.en)


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ({"full": "Nguyễn Thị Mẫu"}, "Nguyễn Thị Mậuu", "spelling"),
        ({"full": "Nguyễn Thị Hoa"}, {"full": "Nguyễn Thị Hao"}, "spelling"),
        ({"full": "Nguyễn Thị Mẫu"}, {"full": "Trần Văn Nam"}, "value"),
        ("Lê An", "Lê Ân B", "value"),
        ("1992-11-22", "1992-12-22", "date"),
        ({"code": "01", "name": "Tỉnh A"}, {"code": "02", "name": "Tỉnh B"}, "value"),
        ({"text": "Thôn 7, Xã Phục Hòa"}, "Thôn 8, Xã Phục Hòa", "value"),
        ({"text": "Thôn 7, Xã Phục Hòa, Cao Bằng"}, "Thôn 7, Xã Phúc Hoà, Cao Bằngg", "spelling"),
        ({"amount": "1", "currency": "VND"}, "2", "value"),
    ],
)
def test_how_statements_differ(one: Any, other: Any, kind: str) -> None:
    """A letter or two apart is spelling; other digits, codes and amounts never are."""
    assert difference(one, other) == kind
    assert difference(other, one) == kind
