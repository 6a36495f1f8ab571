"""Every shipped procedure, pre-filled over the mock country: what comes out was reviewed, and is nothing beyond."""

import json
from collections.abc import AsyncIterator

import jsonschema_rs
import pytest
import pytest_asyncio

from config.model import Procedure
from tests.helpers.stack import Stack, stack
from tests.scenarios.prefills import CODES, GOLDEN, SUBJECTS, answered, written


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def every(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """One stack whose portals may use every procedure."""
    async with stack(tmp_path_factory.mktemp("every"), procedures=CODES) as made:
        yield made


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("code", CODES)
async def test_the_prefill_is_the_reviewed_one(every: Stack, code: str) -> None:
    """The dossier equals its golden file but for the times; `python -m tests.scenarios.prefills` writes it anew."""
    assert written(await answered(every, code)) == (GOLDEN / f"{code}.json").read_text(encoding="utf-8")


def _form(code: str) -> dict[str, dict[str, object]]:
    document = json.loads((GOLDEN / f"{code}.json").read_text(encoding="utf-8"))
    return dict(document["answer"]["form"])


@pytest.mark.asyncio(loop_scope="module")
async def test_every_value_is_granted_and_of_the_form(every: Stack) -> None:
    """A value of a golden dossier is granted, comes from an origin of its form field, and of a subject asked about."""
    for code, procedure in every.gateway.state.policy.procedures.items():
        origins = _origins(procedure)
        reached = json.loads((GOLDEN / f"{code}.json").read_text(encoding="utf-8"))["answer"].get("reached", {})
        for name, filled in _form(code).items():
            if filled["from"] is not None:
                assert filled["from"] in procedure.grant.fields, (code, name)
                assert (filled["role"], filled["from"], filled.get("part")) in origins[name], (code, name)
                assert filled["role"] in SUBJECTS[code].keys() | reached.keys()
                assert set(filled.get("also_from", ())) <= procedure.grant.fields.keys(), (code, name)


def _origins(procedure: Procedure) -> dict[str, set[tuple[str, str, str | None]]]:
    return {
        field.name: {
            (piece.role, piece.field, None if o.change.join else piece.part)
            for o in field.origins
            for piece in o.pieces
        }
        for field in procedure.form
    }


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("code", CODES)
async def test_the_form_is_json_schema_that_takes_what_the_golden_citizen_declared(every: Stack, code: str) -> None:
    """Each form can be read by the portal: every value has its source, nothing is withheld, declarations are judged."""
    told = (await every.call(f"/v1/procedures/{code}", method="GET", procedure=code)).json()
    form = told["form"]
    assert jsonschema_rs.meta.is_valid(form)
    declared = json.loads((GOLDEN / f"{code}.json").read_text(encoding="utf-8"))["asked"]["declared"]
    judge = jsonschema_rs.validator_for({**form, "required": []}, validate_formats=True)
    assert judge.is_valid(declared)
    assert not judge.is_valid({**declared, "something_else": "x"})
    assert set(form["required"]) <= set(form["properties"])
    for field in form["properties"].values():
        assert (field["x-withheld"], {o["role"] for o in field["x-origins"]} <= set(told["roles"])) == (False, True)
    assert all(granted["basis"] and granted["source"] for granted in told["fields"])


def test_there_is_a_golden_file_for_each_procedure_and_no_other() -> None:
    """No procedure is without one; none is left over."""
    assert sorted(path.stem for path in GOLDEN.iterdir()) == CODES == sorted(SUBJECTS)
