"""The OpenAPI 3.1 document, made of the routes, the models that parse bodies, and the table of problems.

Rule of this file: nothing is described that is not served. What the parts look like stands in `openapi_values`,
`openapi_answers` and `openapi_problems`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic.json_schema import models_json_schema

from config.model import FieldSpec
from gateway.api import (
    openapi_answers,
    openapi_batch,
    openapi_examples,
    openapi_kept,
    openapi_log,
    openapi_problems,
    openapi_values,
    problems,
    token_rules,
)
from gateway.api.openapi_values import Schema, ref
from gateway.api.routes import ROUTES, Route
from gateway.model import Call
from gateway.wire import papers, preferences, requests

_NO_FIELDS: Mapping[str, FieldSpec] = MappingProxyType({})
_ANSWERS: Mapping[Call, str] = {
    Call.PERSONS_VERIFY: "Match",
    Call.PERSONS_LOOKUP: "PersonReading",
    Call.ENTERPRISES_LOOKUP: "EnterpriseReading",
    Call.TAXPAYERS_LOOKUP: "TaxpayerReading",
    Call.DOSSIERS_PREFILL: "Dossier",
    Call.DOCUMENTS_REGISTER: "DocumentKept",
    Call.DOCUMENTS_FETCH: "Document",
    Call.DOCUMENTS_REVOKE: "DocumentEnded",
    Call.PROCEDURES_LIST: "Procedures",
    Call.PROCEDURES_READ: "Procedure",
    Call.JOBS_READ: "Deferred",
    Call.DEBUG_VERIFY: "Examination",
    **openapi_kept.ANSWERS,
}
_MODELS = {**requests.MODELS, **papers.MODELS}
_LOOKUP = "Returns the fields asked for, or without `fields` everything the procedure's grant allows."
_TEXTS: Mapping[Call, str] = {
    Call.PERSONS_VERIFY: "Tells whether the three belong together and nothing else about the person.",
    Call.PERSONS_LOOKUP: f"{_LOOKUP} A person is found only when number, name and birth date belong together.",
    Call.ENTERPRISES_LOOKUP: _LOOKUP,
    Call.TAXPAYERS_LOOKUP: _LOOKUP,
    Call.DOSSIERS_PREFILL: "Fills the form of the procedure named in the token's purpose. Every value says where "
    "it came from and as of when; a source that is down never loses the fields of the others; what the citizen "
    "declared is compared with the registries. With `application/x-ndjson`, many dossiers: each line of the body is a "
    "`DossierLine`, each line of the answer a `BatchLine`, as they are found. The header Gateway-Signature is then "
    "that of the first line, there is no Content-Digest, and the last line tells that it was all. Not deferred.",
    Call.DOCUMENTS_REGISTER: "Registers the result of a digitised paper, or a decision, for reuse. Its signature is "
    "verified where the content comes with it. Registering the same again gives the same id and updates the rest. "
    "What `replaces` names is replaced. `Prefer: respond-async` has no effect on the calls about documents.",
    Call.DOCUMENTS_FETCH: "Gives out a document of the holder, when the procedure accepts its kind and its grant names "
    "it. The gateway checks the content against its SHA-256 first; where there is none, `location` says where the "
    "registering portal keeps it, and the check is yours. What is revoked, replaced, expired or not yet valid is "
    "`not_found`, and the detail says which.",
    Call.DOCUMENTS_REVOKE: "Ends a document for good: it is never offered or given out again. Only the portal that "
    "registered it may.",
    Call.PROCEDURES_LIST: "Lists codes, names and roles.",
    Call.PROCEDURES_READ: "Shows the roles a pre-fill needs, the form as JSON Schema, and the granted fields.",
    Call.JOBS_READ: "Gives the answer the call itself would have given, or its problem, once it is found; until then "
    "202. Sign it like every call, with the procedure and the dossier of the call whose answer it is: for any other, "
    "and for other portals, there is no such job. It can be read more than once, each time with a new token, until its "
    "time is over.",
    Call.DEBUG_VERIFY: "For sandbox keys only. Send any body or none, signed as for any other call: the answer "
    "lists the outcome of every check and what was expected. The token is not used up.",
    **openapi_kept.TEXTS,
}
# What a body's texts look like beyond their type; the parser explains a refusal in a sentence instead.
_PATTERNS: Mapping[str, str] = {
    "personal_id": "^([0-9]{12}|[0-9]{9})$",
    "birth_date": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$",
    "enterprise_code": "^[0-9]{10}(-[0-9]{3})?$",
    "tax_code": "^([0-9]{10}(-[0-9]{3})?|[0-9]{12})$",
}
_DIGEST = "^sha-256=:[A-Za-z0-9+/]{43}=:$"
_TEXT: Schema = {"type": "string"}
_HEADERS: Mapping[str, Any] = {
    "Content-Digest": {
        "description": "RFC 9530, of the body of the answer",
        "required": True,
        "schema": {"type": "string", "pattern": _DIGEST},
    },
    "Gateway-Signature": {
        "description": "A compact JWS over the answer, verifiable with the keys at /.well-known/jwks.json.\n\n"
        + token_rules.markdown(token_rules.ANSWER_HEADER, "header")
        + "\n"
        + token_rules.markdown(token_rules.ANSWER_CLAIMS, "claim"),
        "required": True,
        "schema": _TEXT,
    },
    "Location": {"description": "Where the answer will be", "schema": {"type": "string", "format": "uri"}},
    "Preference-Applied": {"description": "RFC 7240 section 3", "schema": {"const": preferences.RESPOND_ASYNC}},
    "Retry-After": {"description": "Seconds to wait before trying again", "schema": {"type": "integer", "minimum": 1}},
    "WWW-Authenticate": {"description": "RFC 9110 section 11.6.1", "schema": {"const": "Bearer"}},
    "Allow": {"description": "The methods of this address", "schema": _TEXT},
    "Cache-Control": {"description": "RFC 9111: how long the answer may be kept", "schema": _TEXT},
}
# Path, operationId, summary, media type, schema, is there only with a known code
_OPEN: tuple[tuple[str, str, str, str, Schema, bool], ...] = (
    ("/.well-known/jwks.json", "keys", "The gateway's public keys", "application/json", ref("KeySet"), False),
    ("/.well-known/gateway", "metadata", "Who this gateway is", "application/json", ref("Metadata"), False),
    ("/openapi.json", "openapi", "The OpenAPI 3.1 document", "application/json", {"type": "object"}, False),
    ("/docs", "docs", "The reference for people", "text/html", _TEXT, False),
    ("/docs/style.css", "style", "The style sheet of the pages", "text/css", _TEXT, False),
    ("/problems", "problems", "Every error code", "text/html", _TEXT, False),
    ("/problems/{code}", "problem", "What an error code means and what to do", "text/html", _TEXT, True),
)


def document(
    *, base_url: str, audience: str, version: str, fields: Mapping[str, FieldSpec] = _NO_FIELDS
) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a gateway.

    `base_url` is the public one, without a slash at the end; `version` that of the API. With `fields`, the configured
    vocabulary, every field is described by name; without, by its shape only.
    """
    examples = openapi_examples.answers(base_url, audience)
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _call(route, examples[route.call])
    for path, name, summary, media, schema, by_code in _OPEN:
        paths[path] = {"get": _open(name, summary, media, schema, by_code)}
    paths |= openapi_log.paths()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lienthong Gateway",
            "version": version,
            "summary": "One signed API in front of Vietnam's population, business-registration and tax databases.",
            "description": "Every call is signed by the portal and every answer by the gateway, errors included.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "x-audience": audience,
        },
        "servers": [{"url": base_url}],
        "tags": [
            {"name": "calls", "description": "Signed calls"},
            {"name": "open", "description": "Open documents: no token needed, answers are signed all the same"},
            {"name": openapi_log.TAG, "description": openapi_log.DESCRIPTION},
        ],
        "externalDocs": {"url": f"{base_url}/docs"},
        "paths": paths,
        "components": {
            "securitySchemes": {
                "portal": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWS",
                    "description": token_rules.security_text(audience),
                }
            },
            "headers": dict(_HEADERS),
            "responses": openapi_problems.components(base_url=base_url),
            "schemas": {
                **_bodies(),
                **openapi_values.schemas(fields),
                **openapi_answers.SCHEMAS,
                **openapi_batch.SCHEMAS,
                **openapi_kept.SCHEMAS,
            },
        },
    }


def _call(route: Route, example: Mapping[str, Any]) -> dict[str, Any]:
    body, parameters = _body(route), _parameters(route)
    return {
        "operationId": route.call.value.replace(".", "_"),
        "x-operation": route.call.value,
        "tags": ["calls"],
        "summary": route.summary,
        "description": _TEXTS[route.call],
        "security": [{"portal": []}],
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": body} if body else {}),
        "responses": {
            openapi_kept.status(route.call): _found(route, example),
            **_later(route),
            **openapi_problems.responses(openapi_problems.CODES[route.call]),
        },
    }


def _found(route: Route, example: Mapping[str, Any]) -> dict[str, Any]:
    if route.call is Call.DOSSIERS_PREVIEW:
        return {**_answer("The page", "text/html", _TEXT, None), "content": dict(openapi_kept.PAGE)}
    later = ("Location",) if route.call in openapi_kept.BODIES else ()
    answer = _answer("The answer", "application/json", ref(_ANSWERS[route.call]), example, later)
    if route.call is Call.DOSSIERS_PREFILL:
        answer["content"] |= openapi_batch.ANSWER
    return answer


def _open(name: str, summary: str, media: str, schema: Schema, by_code: bool) -> dict[str, Any]:
    listed = [code.value for code in problems.TABLE]
    codes = openapi_problems.PAGE_CODES if by_code else openapi_problems.OPEN_CODES
    return {
        "operationId": name,
        "tags": ["open"],
        "summary": summary,
        "security": [],
        **({"parameters": [_path_parameter("code", {"type": "string", "enum": listed}, listed[0])]} if by_code else {}),
        "responses": {
            "200": _answer(summary, media, schema, None),
            **openapi_problems.responses(codes),
        },
    }


def _later(route: Route) -> dict[str, Any]:
    """The 202 of a call that can be deferred, and of a job that is pending."""
    if route.call not in requests.MODELS and route.call is not Call.JOBS_READ:
        return {}
    deferred, headers = route.call is not Call.JOBS_READ, ("Location", "Retry-After")
    said = "Deferred, because `Prefer: respond-async` was sent" if deferred else "Not found yet: try again"
    more = (*headers, "Preference-Applied") if deferred else headers
    return {"202": _answer(said, "application/json", ref("Pending"), openapi_examples.PENDING, more)}


def _answer(
    description: str, media: str, schema: Schema, example: Mapping[str, Any] | None, headers: tuple[str, ...] = ()
) -> dict[str, Any]:
    shown = {"example": dict(example)} if example is not None else {}
    names = ("Content-Digest", "Gateway-Signature", *headers)
    return {
        "description": description,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {media: {"schema": schema, **shown}},
    }


def _parameters(route: Route) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if "{code}" in route.path:
        found.append(_path_parameter("code", {"type": "string", "pattern": r"^[0-9]\.[0-9]{6}$"}, "1.004222"))
    if "{id}" in route.path:
        found.append(_path_parameter("id", {"type": "string", "format": "uuid"}, openapi_examples.PENDING["job"]))
    for name, (schema, example) in openapi_kept.PARAMETERS.items():
        if f"{{{name}}}" in route.path:
            found.append(_path_parameter(name, schema, example))
    if route.call in requests.MODELS:
        found.append(
            {
                "name": "Prefer",
                "in": "header",
                "required": False,
                "description": f"RFC 7240. With `{preferences.RESPOND_ASYNC}` the answer may be fetched later; every "
                "other preference is passed over.",
                "schema": _TEXT,
            }
        )
    if route.method == "POST":
        found.append(
            {
                "name": "Content-Digest",
                "in": "header",
                "required": route.call in _MODELS or route.call in openapi_kept.BODIES,
                "description": "RFC 9530: sha-256 of the bytes of the body. Repeated in the claim `digest`.",
                "schema": {"type": "string", "pattern": _DIGEST},
            }
        )
    return found


def _path_parameter(name: str, schema: Schema, example: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


def _body(route: Route) -> dict[str, Any] | None:
    model = _MODELS.get(route.call)
    if model is not None:
        media = {"schema": ref(model.__name__), "example": openapi_examples.REQUESTS[route.call]}
        many = openapi_batch.BODY if route.call is Call.DOSSIERS_PREFILL else {}
        return {"required": True, "content": {"application/json": media, **many}}
    if route.call is Call.DEBUG_VERIFY:
        return {"required": False, "content": {"application/json": {"schema": {}}}}
    return openapi_kept.body(route.call)


def _bodies() -> dict[str, Schema]:
    """The schemas of the bodies, with the form of identifiers."""
    _, made = models_json_schema(
        [(model, "validation") for model in (*requests.BODIES, *openapi_kept.BODIES.values(), *papers.MODELS.values())],
        ref_template="#/components/schemas/{model}",
    )
    schemas: dict[str, Schema] = made["$defs"]
    for schema in schemas.values():
        for name, member in schema["properties"].items():
            if name in _PATTERNS:
                member["pattern"] = _PATTERNS[name]
            if "patternProperties" in member:
                member["additionalProperties"] = False
    return schemas
