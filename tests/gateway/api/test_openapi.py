"""The OpenAPI document: valid, complete, and true to what the gateway answers."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import pytest_asyncio
from schemathesis.specs.openapi import definitions

from gateway.api import openapi, openapi_examples, openapi_problems, problems, token_rules
from gateway.api.routes import ROUTES
from gateway.errors import Code
from gateway.model import Call, Status
from gateway.steps import verify
from gateway.wire import claims, papers, requests
from tests.config.folder import copy
from tests.gateway.api.document import AUDIENCE, BASE_URL, described
from tests.helpers import builders
from tests.helpers.stack import RESIDENCE, Stack, stack

_TIMES = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


@pytest_asyncio.fixture
async def running(tmp_path: Path) -> AsyncIterator[Stack]:
    """A whole gateway over the mock registries."""
    async with stack(tmp_path) as made:
        yield made


def bare() -> dict[str, Any]:
    """The document without a vocabulary."""
    return openapi.document(base_url=BASE_URL, audience=AUDIENCE, version="1")


def walk(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every object in a document."""
    if isinstance(node, Mapping):
        yield node
        for member in node.values():
            yield from walk(member)
    elif isinstance(node, list):
        for item in node:
            yield from walk(item)


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Path, method and operation, for all of them."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def media_types(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every media type object with a schema."""
    for node in walk(document):
        if isinstance(node.get("content"), Mapping):  # of a document it is a text, described by a schema
            yield from (media for name, media in node["content"].items() if "/" in name)


def fits(document: Mapping[str, Any], schema: Mapping[str, Any], value: Any) -> list[str]:
    """What a value has against a schema of the document."""
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": document["components"], **schema}
    return [error.message for error in jsonschema_rs.validator_for(whole, validate_formats=True).iter_errors(value)]


def component(document: Mapping[str, Any], reference: str) -> Any:
    """What a reference points at."""
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


@pytest.mark.parametrize("document", [bare(), described()], ids=["shape only", "with vocabulary"])
def test_the_document_is_valid_openapi(document: Mapping[str, Any]) -> None:
    """The document fits the OpenAPI 3.1 meta-schema, with and without a vocabulary."""
    validator = jsonschema_rs.validator_for(definitions.OPENAPI_31)
    assert [error.message for error in validator.iter_errors(document)] == []


def test_every_schema_is_a_json_schema() -> None:
    """Every component schema fits the JSON Schema 2020-12 meta-schema."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schemas = described()["components"]["schemas"]
    assert [name for name, schema in schemas.items() if not jsonschema_rs.meta.is_valid({**dialect, **schema})] == []


def test_every_reference_resolves() -> None:
    """No reference points at nothing, and no component is left without a reference."""
    document = described()
    used = {node["$ref"] for node in walk(document) if isinstance(node.get("$ref"), str)}
    for reference in used:
        assert component(document, reference)
    for kind in ("schemas", "responses", "headers"):
        unused = {f"#/components/{kind}/{name}" for name in document["components"][kind]} - used
        assert unused <= {"#/components/schemas/AnyField"}


def test_every_call_is_described() -> None:
    """Each row of the routing table is an operation that needs a signed token."""
    document = described()
    signed = {(p, m.upper(), o["x-operation"]) for p, m, o in operations(document) if o["security"]}
    assert signed == {(route.path, route.method, route.call.value) for route in ROUTES}


def test_operations_have_names_of_their_own() -> None:
    """Operation ids are unique."""
    names = [operation["operationId"] for _, _, operation in operations(described())]
    assert len(names) == len(set(names))


def test_every_problem_code_appears() -> None:
    """Each code is in a response of some operation, under the status of the table."""
    document = described()
    seen: dict[str, set[str]] = {}
    for _, _, operation in operations(document):
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                continue
            media = component(document, response["$ref"])["content"]["application/problem+json"]
            seen.setdefault(status, set()).update(media["schema"]["allOf"][1]["properties"]["code"]["enum"])
    expected: dict[str, set[str]] = {}
    for code, row in problems.TABLE.items():
        expected.setdefault(str(row.status), set()).add(code.value)
    assert seen == expected


def test_retryable_problems_carry_retry_after() -> None:
    """A response names Retry-After exactly when one of its codes can be tried again."""
    for name, response in described()["components"]["responses"].items():
        codes = response["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["code"]["enum"]
        retryable = any(problems.TABLE[Code(code)].retry_after for code in codes)
        assert ("Retry-After" in response["headers"]) is retryable, name


def test_every_example_fits_its_schema() -> None:
    """Examples of bodies, answers and problems are valid."""
    document = described()
    shown = 0
    for media in media_types(document):
        examples = [media["example"]] if "example" in media else []
        examples += [one["value"] for one in media.get("examples", {}).values()]
        for example in examples:
            assert fits(document, media["schema"], example) == []
            shown += 1
    assert shown > len(ROUTES) + len(document["components"]["responses"])


@pytest.mark.parametrize("code", list(Code))
def test_every_problem_fits_its_schema(code: Code) -> None:
    """A printed problem of any code is what the document says, and no other status is taken for it."""
    document = described()
    printed = openapi_problems.example(code, base_url=BASE_URL)
    assert fits(document, {"$ref": "#/components/schemas/Problem"}, printed) == []
    assert fits(document, {"$ref": "#/components/schemas/Problem"}, {**printed, "code": "unheard_of"}) != []


@pytest.mark.parametrize("status", [status.value for status in Status])
def test_a_value_comes_with_three_statuses_only(status: str) -> None:
    """`value` is demanded with ok, stale and conflict and refused with the others."""
    document = described()
    schema = {"$ref": "#/components/schemas/TextField"}
    without = {"status": status, "source": "tax"}
    holds = status in {"ok", "stale", "conflict"}
    assert (fits(document, schema, {**without, "value": "x"}) == []) is holds
    assert (fits(document, schema, without) == []) is not holds


def test_the_vocabulary_is_described_by_name(tmp_path: Path) -> None:
    """With the configured fields every field is a member with its source, and nothing else is taken."""
    document = described()
    fields = copy(tmp_path).load().fields
    schemas = document["components"]["schemas"]
    listed = [
        s["properties"] for s in (schemas["PersonFields"], schemas["EnterpriseFields"], schemas["TaxpayerFields"])
    ]
    assert {name: field["x-source"] for one in listed for name, field in one.items()} == {
        name: spec.source for name, spec in fields.items()
    }
    assert {name for one in listed for name, field in one.items() if field.get("x-sensitive")} == {
        name for name, spec in fields.items() if spec.sensitive
    }
    unknown = {"person.shoe_size": {"status": "not_found", "source": "population"}}
    assert fits(document, {"$ref": "#/components/schemas/PersonFields"}, unknown) != []


def test_bodies_are_described_as_they_are_parsed() -> None:
    """What the parser refuses by form the schema refuses too: digits, unknown members, role names."""
    document = described()
    lookup = {"$ref": "#/components/schemas/PersonLookup"}
    person = dict(openapi_examples.PERSON)
    assert fits(document, lookup, {**person, "personal_id": "12"}) != []
    assert fits(document, lookup, {**person, "shoe_size": "39"}) != []
    prefill = {"$ref": "#/components/schemas/DossierPrefill"}
    assert fits(document, prefill, {"subjects": {"Applicant": person}}) != []
    assert fits(document, prefill, {"subjects": {"applicant": person}}) == []


def test_the_checks_described_are_the_checks_made() -> None:
    """Numbers, names and codes of the checks are those of the verification, replay being the last."""
    attempt = verify.Attempt((), (), "GET", f"{BASE_URL}/v1/procedures", b"", AUDIENCE, {}, builders.AT)
    made = [(check.number, check.name) for check in verify.examine(attempt)]
    assert [(check.number, check.name) for check in token_rules.CHECKS] == [*made, (17, "used once")]
    documented = str(verify.__doc__)
    for check in token_rules.CHECKS[:-1]:
        line = next(line for line in documented.splitlines() if line.strip().startswith(f"{check.number} "))
        assert set(re.findall(r"[a-z]+(?:_[a-z]+)+", line)) == {code.value for code in check.codes}
    unauthorized = {code for code, row in problems.TABLE.items() if row.status == 401}
    assert {code for check in token_rules.CHECKS for code in check.codes} == unauthorized


def test_the_claims_described_are_the_claims_demanded() -> None:
    """Every claim whose absence is refused is in the table of claims."""
    named = {part.name for part in token_rules.CLAIMS}
    demanded = {*claims.missing({}), *claims.missing({"purpose": {"basis": "consent"}})}
    assert demanded <= named
    assert named - demanded == {"digest", "purpose.basis"}


async def test_the_answers_shown_are_the_answers_given(running: Stack) -> None:
    """The example bodies, sent to a gateway over the mock registries, get the example answers, times apart."""
    shown = openapi_examples.answers(running.base_url, running.gateway.state.policy.audience)
    for route in ROUTES:
        if route.call not in openapi_examples.REQUESTS or route.call in papers.MODELS:
            continue  # of documents: tests/scenarios/test_papers.py
        procedure = RESIDENCE if route.call.value.startswith(("persons", "dossiers")) else "1.005169"
        answered = await running.call(route.path, openapi_examples.REQUESTS[route.call], procedure=procedure)
        assert answered.status_code == 200
        given = answered.json()
        if route.call is Call.DOSSIERS_PREFILL:
            given["dossier"] = shown[route.call]["dossier"]
        assert timeless(given) == timeless(shown[route.call])


async def test_the_procedures_shown_are_those_given(running: Stack) -> None:
    """The example procedure is one of the list, and its form is part of the whole form."""
    shown = openapi_examples.answers(running.base_url, running.gateway.state.policy.audience)
    listed = (await running.call("/v1/procedures", method="GET")).json()
    assert shown[Call.PROCEDURES_LIST]["procedures"][0] in listed["procedures"]
    whole = (await running.call(f"/v1/procedures/{RESIDENCE}", method="GET")).json()
    part = shown[Call.PROCEDURES_READ]
    assert part["form"]["properties"].items() <= whole["form"]["properties"].items()
    assert part["fields"][0] in whole["fields"]
    for name in part.keys() - {"form", "fields"}:
        assert part[name] == whole[name]


async def test_the_examination_shown_is_the_one_given(running: Stack) -> None:
    """A token signed for another address gets the example examination from debug/verify."""
    path = "/v1/debug/verify"
    token, _ = running.token(path, None, url=f"{running.base_url}/v1/persons/verify")
    given = (await running.send(path, None, token, None)).json()
    shown = openapi_examples.answers(running.base_url, running.gateway.state.policy.audience)
    assert timeless(given) == timeless(shown[Call.DEBUG_VERIFY])


async def test_open_documents_fit_their_schemas(running: Stack) -> None:
    """Every described address without a token answers 200, with the media type and the schema described."""
    document = (await running.http.get(f"{running.base_url}/openapi.json")).json()
    for path, _, operation in operations(document):
        if operation["security"]:
            continue
        examples = {one["name"]: one["example"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        answered = await running.http.get(running.base_url + path.format(**{**examples, "code": "key_expired"}))
        assert answered.status_code == 200
        media, described_as = next(iter(operation["responses"]["200"]["content"].items()))
        assert answered.headers["content-type"].partition(";")[0] == media
        body = answered.json() if media == "application/json" else answered.text
        assert fits(document, described_as["schema"], body) == []


async def test_real_answers_fit_their_schemas(running: Stack) -> None:
    """Everything a grant allows about the example subjects fits the described answer."""
    document = described()
    for path, body, name in (
        ("/v1/persons/lookup", openapi_examples.PERSON, "PersonReading"),
        ("/v1/enterprises/lookup", openapi_examples.ENTERPRISE, "EnterpriseReading"),
        ("/v1/taxpayers/lookup", openapi_examples.TAXPAYER, "TaxpayerReading"),
        ("/v1/persons/lookup", {**openapi_examples.PERSON, "birth_date": "1990-01-01"}, "PersonReading"),
    ):
        given = (await running.call(path, dict(body), procedure="1.005169")).json()
        assert fits(document, {"$ref": f"#/components/schemas/{name}"}, given) == []


def timeless(document: Any) -> Any:
    """The document with every instant replaced by the examples' one."""
    if isinstance(document, dict):
        return {name: timeless(member) for name, member in document.items()}
    if isinstance(document, list):
        return [timeless(item) for item in document]
    if isinstance(document, str):
        return _TIMES.sub(openapi_examples.AT, document)
    return document


def test_what_can_be_deferred_is_described() -> None:
    """Calls that ask a registry take Prefer and can answer 202; a job is 202 while it is pending; nothing else is."""
    for _, _, operation in operations(described()):
        call = operation.get("x-operation")
        asks = call in {call.value for call in requests.MODELS}
        assert ("202" in operation["responses"]) is (asks or call == "jobs.read")
        assert ("Prefer" in {p["name"] for p in operation.get("parameters", [])}) is asks
        if asks:
            assert {"Location", "Retry-After", "Preference-Applied"} <= operation["responses"]["202"]["headers"].keys()
