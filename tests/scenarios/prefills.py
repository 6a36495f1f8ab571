"""One pre-fill for each shipped procedure over the mock country, and the golden answers they are compared with.

    python -m tests.scenarios.prefills      writes golden/<code>.json anew

Rule of this file: what it writes is read, line by line, before it is committed. A golden answer is a reviewed one.
"""

import asyncio
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mocks.country.citizens import person
from tests.config.folder import SHIPPED
from tests.helpers.stack import ENTERPRISE, PERSON, Stack, stack

GOLDEN = Path(__file__).parent / "golden"
CODES = sorted(path.name for path in (SHIPPED / "dossiers").iterdir())
_TIMES = frozenset({"at", "as_of", "retrieved_at"})
_MASK = "(a time)"


def someone(number: str) -> dict[str, str]:
    """The three identifiers of a citizen of the mock country."""
    found = person(number)
    assert found is not None
    born, parts = found.birth, (found.family, found.middle, found.given)
    days = [f"{part:02d}" for part in (born.month, born.day) if part is not None]
    return {
        "personal_id": number,
        "full_name": " ".join(part for part in parts if part),
        "birth_date": "-".join([f"{born.year:04d}", *days]),
    }


def _taxpayer(code: str) -> dict[str, str]:
    return {"tax_code": code}


def _enterprise(code: str) -> dict[str, str]:
    return {"enterprise_code": code}


_SPOUSE = someone("004092660876")
_SHOPKEEPER, _DEBTOR = someone("004185000004"), someone("004185000069")  # owners of household businesses
_SELLER, _DIRECTOR = someone("082190000207"), someone("001087000212")
_CHILD, _FATHER, _MOTHER = someone("001215000222"), someone("001078000264"), someone("001176666735")
_PHONE = {"phone": "0912 345 678"}

SUBJECTS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "0.000001": {"applicant": PERSON, "taxpayer": _taxpayer("4809000057"), "enterprise": _enterprise("4809000057")},
    "1.000656": {"applicant": someone("031164192794"), "deceased": someone("031060000205")},
    "1.000894": {"wife": someone("068190012001"), "husband": someone("004076150001")},
    "1.001022": {"applicant": _MOTHER, "parent": _FATHER, "child": _CHILD},
    "1.001193": {"applicant": PERSON, "mother": PERSON},  # the father is the mother's husband
    "1.001266": {"applicant": _DEBTOR},
    "1.001612": {"applicant": PERSON, "taxpayer": _taxpayer("8000000029")},
    "1.001776": {"applicant": _CHILD, "representative": _FATHER},
    "1.004194": {"applicant": someone("027178000206"), "household_head": PERSON},
    "1.004222": {"applicant": PERSON},
    "1.004859": {"applicant": PERSON, "registered_person": _SELLER},
    "1.004873": {"applicant": PERSON},
    "1.005169": {"applicant": PERSON, "enterprise": ENTERPRISE, "taxpayer": _taxpayer("0100109106")},
    "1.008498": {"applicant": someone("001099000208")},
    "1.010038": {"applicant": _SPOUSE},
    "1.010039": {"applicant": someone("046188000210")},
    "1.013831": {
        "applicant": PERSON, "spouse": _SPOUSE, "transferor": _SELLER,
    },
    "2.000200": {"applicant": someone("092196000216")},
    "2.000720": {"applicant": _SHOPKEEPER},
    "2.001194": {"applicant": _CHILD, "representative": _FATHER},
    "2.001583": {"applicant": PERSON, "enterprise": ENTERPRISE, "representative": _SPOUSE},
    "2.002010": {"applicant": PERSON, "enterprise": _enterprise("4809000025"), "representative": _DIRECTOR},
}  # fmt: skip
DECLARED: Mapping[str, Mapping[str, Any]] = {
    "1.001193": {
        "relation": "Mẹ", "child_full_name": "Nguyễn Minh An", "child_birth_date": "2026-11-20", "child_sex": "Nữ",
        "father_birth_date": _SPOUSE["birth_date"],
    },
    "1.004222": {"permanent_address": "Xóm khác, Xã Phục Hòa, Cao Bằng", "new_address": "Phường Thục Phán, Cao Bằng"},
    "1.013831": {"parcel_area": 120.5, "change": "Nhận chuyển nhượng"},
    "2.001194": {"reason": "Bị mất thẻ"},
}  # fmt: skip


async def answered(up: Stack, code: str) -> dict[str, Any]:
    """What the gateway says to the pre-fill of a procedure, its times masked: question and answer in one document."""
    asked = {"subjects": SUBJECTS[code], "declared": {**_declarable(up, code), **DECLARED.get(code, {})}}
    said = await up.call("/v1/dossiers/prefill", asked, procedure=code)
    assert said.status_code == 200, said.text
    return {"asked": asked, "answer": masked(said.json())}


def _declarable(up: Stack, code: str) -> Mapping[str, Any]:
    form = up.gateway.state.policy.procedures[code].form
    return {name: value for name, value in _PHONE.items() if any(field.name == name for field in form)}


def masked(document: Any) -> Any:
    """The document with every time replaced."""
    if isinstance(document, list):
        return [masked(item) for item in document]
    if isinstance(document, dict):
        return {key: _MASK if key in _TIMES else masked(value) for key, value in document.items()}
    return document


def written(document: Mapping[str, Any]) -> str:
    """A document as it stands in a golden file."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


async def _rewrite() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with stack(Path(folder), procedures=CODES) as up:
            for code in CODES:
                (GOLDEN / f"{code}.json").write_text(written(await answered(up, code)), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(_rewrite())
