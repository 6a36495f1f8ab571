"""The calls of the contract over real sockets, as a portal sees them."""

import json

import pytest

from gateway.api.routes import ROUTES
from signing import jwk, jws, notes, request, response
from tests.helpers.stack import ENTERPRISE, PERSON, RESIDENCE, TAXPAYER, THREE, Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_verify_says_yes_or_no_and_nothing_else(up: Stack) -> None:
    """`persons/verify` answers with the match alone."""
    right = await up.call("/v1/persons/verify", PERSON)
    wrong = await up.call("/v1/persons/verify", {**PERSON, "birth_date": "1992-11-23"})
    assert (right.status_code, right.json()) == (200, {"match": True})
    assert (wrong.status_code, wrong.json()) == (200, {"match": False})


async def test_a_lookup_answers_with_the_fields_asked_for_only(up: Stack) -> None:
    """`fields` narrows the answer to what is named."""
    answered = await up.call("/v1/persons/lookup", {**PERSON, "fields": ["person.permanent_address"]})
    fields = answered.json()["fields"]
    assert list(fields) == ["person.permanent_address"]
    address = fields["person.permanent_address"]
    assert address["status"] == "ok"
    assert address["value"]["province"] == {"code": "04", "name": "Cao Bằng"}
    assert address["value"]["scheme"] == "2025-07-01"
    assert {"source", "as_of", "retrieved_at"} <= address.keys()


async def test_an_unknown_subject_is_an_answer(up: Stack) -> None:
    """A person who does not exist is `found: false` with status 200."""
    answered = await up.call("/v1/persons/lookup", {**PERSON, "personal_id": "001199000000"})
    assert (answered.status_code, answered.json()) == (200, {"found": False, "fields": {}})


async def test_an_enterprise_and_a_taxpayer_are_looked_up(up: Stack) -> None:
    """Both registries answer, and agree about the name."""
    firm = (await up.call("/v1/enterprises/lookup", ENTERPRISE, procedure=THREE)).json()
    payer = (await up.call("/v1/taxpayers/lookup", TAXPAYER, procedure=THREE)).json()
    assert firm["found"]
    assert payer["found"]
    assert firm["fields"]["enterprise.name"]["value"].casefold() == payer["fields"]["taxpayer.name"]["value"].casefold()


async def test_a_dossier_needs_three_registries_and_says_where_each_value_is_from(up: Stack) -> None:
    """Each form field names its source, its field and its times; what is missing is listed with a reason."""
    answered = await up.call(
        "/v1/dossiers/prefill",
        {"subjects": {"applicant": PERSON, "enterprise": ENTERPRISE, "taxpayer": TAXPAYER}},
        procedure=THREE,
    )
    dossier = answered.json()
    assert answered.status_code == 200
    assert {s["outcome"] for s in dossier["sources"].values()} == {"answered"}
    assert {f["source"] for f in dossier["form"].values()} >= {"population", "business", "tax"}
    for field in dossier["form"].values():
        assert {"status", "source", "from", "retrieved_at"} <= field.keys()
    total, filled = dossier["reuse"]["fields_total"], dossier["reuse"]["fields_filled"]
    assert dossier["reuse"]["rate"] == pytest.approx(filled / total, abs=1e-4)
    for missing in dossier["missing"]:
        assert missing["reason"] in {"not_held", "not_found", "withheld", "unavailable", "not_applicable"}


async def test_accents_case_and_spacing_are_no_conflict_but_another_address_is(up: Stack) -> None:
    """Declared values are compared after folding; a real difference is a conflict that shows both."""
    same = await up.call(
        "/v1/dossiers/prefill",
        {"subjects": {"applicant": PERSON}, "declared": {"full_name": "NGUYEN  THI MAU", "birth_date": "22/11/1992"}},
    )
    other = await up.call(
        "/v1/dossiers/prefill",
        {"subjects": {"applicant": PERSON}, "declared": {"permanent_address": "Thôn khác, Xã khác"}},
    )
    assert same.json()["conflicts"] == []
    (conflict,) = other.json()["conflicts"]
    assert (conflict["field"], conflict["between"]) == ("permanent_address", "declared")
    assert [v["source"] for v in conflict["values"]] == ["population", "declared"]
    assert other.json()["form"]["permanent_address"]["status"] == "conflict"


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "pointer"),
    [
        ("/v1/persons/lookup", {**PERSON, "nickname": "x"}, 400, "field_unknown", "/nickname"),
        ("/v1/persons/lookup", {**PERSON, "birth_date": "1992-02-30"}, 400, "value_invalid", "/birth_date"),
        ("/v1/enterprises/lookup", {"enterprise_code": "0100109107"}, 400, "value_invalid", "/enterprise_code"),
        ("/v1/persons/lookup", {**PERSON, "fields": ["person.shoe_size"]}, 400, "field_unknown", "/fields/0"),
        ("/v1/persons/lookup", {**PERSON, "fields": ["person.religion"]}, 403, "field_not_granted", "/fields/0"),
        ("/v1/dossiers/prefill", {"subjects": {"witness": PERSON}}, 400, "value_invalid", "/subjects/witness"),
        ("/v1/persons/lookup", {**PERSON, "full_name": "A\uffff"}, 400, "body_malformed", "/full_name"),
        (
            "/v1/dossiers/prefill",
            {"subjects": {"applicant": PERSON}, "declared": {"email": "not an address"}},
            400,
            "value_invalid",
            "/declared/email",
        ),
        (
            "/v1/dossiers/prefill",
            {"subjects": {"applicant": PERSON}, "declared": {"shoe_size": 1}},
            400,
            "field_unknown",
            "/declared/shoe_size",
        ),
    ],
)
async def test_bad_input_is_pointed_at(
    up: Stack, path: str, body: object, status: int, code: str, pointer: str
) -> None:
    """Bad input names the offending member; no registry is asked."""
    answered = await up.call(path, body)
    problem = answered.json()
    assert (answered.status_code, problem["code"]) == (status, code)
    assert pointer in [e["pointer"] for e in problem["errors"]]
    assert not any([(await up.mock(source, "state"))["calls"] for source in up.mocks])


async def test_what_the_portal_may_not_do_is_refused_and_logged(up: Stack) -> None:
    """An unknown procedure is 403, and the refusal is in the log."""
    answered = await up.call("/v1/persons/lookup", PERSON, procedure="9.999999")
    assert (answered.status_code, answered.json()["code"]) == (403, "procedure_unknown")
    claims = jws.parse(answered.headers["gateway-signature"]).claims()
    assert claims["entry"]["index"] >= 0


async def test_every_answer_is_signed_and_bound_to_question_and_log(up: Stack) -> None:
    """The signature verifies with the published keys and names body, question and a checkpoint that holds the entry."""
    body = json.dumps(PERSON, ensure_ascii=False).encode()
    token, digest = up.token("/v1/persons/verify", body)
    answered = await up.send("/v1/persons/verify", body, token, digest)
    keys = jwk.from_jwks((await up.http.get(f"{up.base_url}/.well-known/jwks.json")).json())
    metadata = (await up.http.get(f"{up.base_url}/.well-known/gateway")).json()
    claims = response.verify_response(
        answered.headers["gateway-signature"],
        keys=keys,
        iss=metadata["issuer"],
        aud="H14",
        req=request.token_hash(token),
        status=200,
        body=answered.content,
        content_digest=answered.headers["content-digest"],
    )
    key = notes.parse_vkey(metadata["log"]["public_key"])
    checkpoint = notes.open_checkpoint(claims["entry"]["checkpoint"], key, origin=metadata["log"]["origin"])
    assert claims["entry"]["index"] < checkpoint.size


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("GET", "/v1/nothing", {}, 404, "not_found"),
        ("GET", "/v1/persons/lookup", {}, 405, "method_not_allowed"),
        ("HEAD", "/v1/procedures", {}, 405, None),
        ("POST", "/v1/persons/lookup?personal_id=1", {"content-type": "application/json"}, 400, "query_not_allowed"),
        ("POST", "/v1/persons/lookup", {"content-type": "text/plain"}, 415, "content_type_wrong"),
        (
            "POST",
            "/v1/persons/lookup",
            {"content-type": "application/json", "content-encoding": "gzip"},
            415,
            "content_type_wrong",
        ),
    ],
)
async def test_the_shape_is_checked_before_the_token(
    up: Stack, method: str, path: str, headers: dict[str, str], status: int, code: str | None
) -> None:
    """Route, method, query and content type are refused without looking at the token; the problem is signed."""
    answered = await up.http.request(method, up.base_url + path, headers=headers, content=b"{}" if code else None)
    assert answered.status_code == status
    assert answered.headers["gateway-signature"]
    if code:
        assert answered.json()["code"] == code


async def test_an_oversized_body_is_refused(up: Stack) -> None:
    """A body over the limit is 413, announced or not."""
    big = b" " * (256 * 1024 + 1)
    answered = await up.http.post(
        f"{up.base_url}/v1/persons/lookup", content=big, headers={"content-type": "application/json"}
    )
    assert (answered.status_code, answered.json()["code"]) == (413, "body_too_large")


async def test_procedures_are_listed_and_described(up: Stack) -> None:
    """The list holds what the portal may use; the description is a JSON Schema with the source of each field."""
    listed = (await up.call("/v1/procedures", method="GET")).json()["procedures"]
    one = (await up.call(f"/v1/procedures/{RESIDENCE}", method="GET")).json()
    assert {p["code"] for p in listed} == {RESIDENCE, THREE}
    assert one["form"]["properties"]["permanent_address"]["x-origins"][0]["source"] == "population"
    assert one["roles"]["applicant"]["identifiers"] == ["personal_id", "full_name", "birth_date"]


async def test_debug_shows_every_check_and_what_was_expected(up: Stack) -> None:
    """A sandbox key sees which check fails, with the digest and target the gateway expected."""
    body = b'{"a":1}'
    token, digest = up.token("/v1/debug/verify", body, url=f"{up.base_url}/v1/somewhere")
    answered = (await up.send("/v1/debug/verify", body, token, digest)).json()
    failed = [c["code"] for c in answered["checks"] if c["passed"] is False]
    assert (answered["valid"], failed) == (False, ["target_mismatch"])
    assert answered["expected"]["htu"] == f"{up.base_url}/v1/debug/verify"
    assert answered["expected"]["digest"] == digest
    right = (await up.call("/v1/debug/verify", {"a": 1})).json()
    assert right["valid"]


async def test_open_documents_are_served_and_signed(up: Stack) -> None:
    """Keys, metadata, OpenAPI, documentation and every problem type resolve without a token."""
    for path in ("/.well-known/jwks.json", "/.well-known/gateway", "/openapi.json", "/docs", "/problems"):
        answered = await up.http.get(up.base_url + path)
        assert answered.status_code == 200, path
        assert answered.headers["gateway-signature"], path
    refused = (await up.call("/v1/persons/lookup", PERSON, procedure="9.999999")).json()
    assert (await up.http.get(refused["type"])).status_code == 200


async def test_openapi_names_every_call(up: Stack) -> None:
    """The published description has every route."""
    paths = (await up.http.get(f"{up.base_url}/openapi.json")).json()["paths"]
    assert {(r.method.lower(), r.path) for r in ROUTES} <= {(m, p) for p, ms in paths.items() for m in ms}


async def test_metrics_count_calls_without_saying_about_whom(up: Stack) -> None:
    """Calls, sources, log and reuse are measured; no identifier is a label."""
    await up.call("/v1/dossiers/prefill", {"subjects": {"applicant": PERSON}})
    text = (await up.http.get(f"{up.ops_url}/metrics")).text
    for name in (
        'lienthong_calls_total{operation="dossiers.prefill",outcome="ok",portal="H14"}',
        "lienthong_source_seconds_bucket",
        "lienthong_source_breaker",
        "lienthong_log_commit_seconds_bucket",
        "lienthong_log_batch_entries_bucket",
        "lienthong_prefill_fields_filled_total",
    ):
        assert name in text, name
    assert PERSON["personal_id"] not in text
