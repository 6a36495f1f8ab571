"""What the reference page shows, read out of the OpenAPI document.

Rule of this file: no HTML. The page can say nothing about a call that the OpenAPI document does not say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.api import openapi_examples, openapi_log, openapi_problems, problems, token_rules
from gateway.api.routes import ROUTES, Route
from gateway.errors import Code

Print = Callable[[Any], str]

# Codes met before the token is looked at, in this order; draining and defects can come at any time.
SHAPE = (
    Code.NOT_FOUND,
    Code.METHOD_NOT_ALLOWED,
    Code.QUERY_NOT_ALLOWED,
    Code.CONTENT_TYPE_WRONG,
    Code.BODY_TOO_LARGE,
)
_EVERY = frozenset.intersection(*openapi_problems.CODES.values())
_STATUSES = (
    ("ok", "the registry gave a value"),
    ("stale", "older than its limit, served because the source is down and the procedure allows it"),
    ("not_found", "the registry has no value, or no such subject"),
    ("unavailable", "the source did not answer"),
    ("conflict", "sources, or a source and what was declared, disagree; the dossier's conflicts list them"),
    ("withheld", "not granted to this procedure"),
)
_ADDRESS = (
    "text, detail, province, district and commune as code and name, country, and the scheme the units are written in; "
    "beside an address from before July 2025 the unit of today under current"
)
_KINDS = (
    ("date", "1992, 1992-11 or 1992-11-22: as precise as the registry knows it"),
    ("name", "full, and family, middle, given where the registry keeps them apart"),
    ("code", "code, name in Vietnamese, name_en"),
    ("address", _ADDRESS),
    ("person", "name, personal_id, old_id, birth_date, sex, nationality, relation: what is known"),
    ("persons", "a list of these"),
    ("money", "amount as decimal digits, currency"),
    ("activities", "a list of code, name, main"),
    ("members", "a list of name, amount, ratio in percent, country"),
    ("obligations", "a list of tax, period, due, due_on"),
)
_SUBJECTS = (
    ("PersonFields", "Fields of a person"),
    ("EnterpriseFields", "Fields of an enterprise"),
    ("TaxpayerFields", "Fields of a taxpayer"),
)
_PLAIN = {"text": "text", "identifier": "number"}


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a body."""

    name: str
    rule: str
    required: bool


@dataclass(frozen=True, slots=True)
class Described:
    """One call. `codes` are those beside the ones every signed call can end with; `later`: it can be deferred."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    members: tuple[Member, ...]
    request: str
    answer: str
    status: str
    codes: tuple[str, ...]
    later: bool


def content(openapi: Mapping[str, Any], *, printed: Print) -> dict[str, Any]:
    """The variables of the page's template. `printed` makes the text of a JSON example."""
    return {
        "base_url": openapi["servers"][0]["url"],
        "audience": openapi["info"]["x-audience"],
        "version": openapi["info"]["version"],
        "header": token_rules.HEADER,
        "forbidden": token_rules.FORBIDDEN,
        "claims": token_rules.CLAIMS,
        "checks": token_rules.CHECKS,
        "answer_header": token_rules.ANSWER_HEADER,
        "answer_claims": token_rules.ANSWER_CLAIMS,
        "shape_codes": [code.value for code in SHAPE],
        "every_codes": [code.value for code, row in problems.TABLE.items() if code in _EVERY and row.status != 401],
        "pending": printed(dict(openapi_examples.PENDING)),
        "calls": [_call(route, openapi, printed) for route in ROUTES],
        "statuses": _STATUSES,
        "kinds": _KINDS,
        "vocabulary": [group for name, title in _SUBJECTS if (group := _group(openapi, name, title))["fields"]],
        "open": [
            {"path": path, "summary": methods["get"]["summary"], "linked": "{" not in path}
            for path, methods in openapi["paths"].items()
            if "get" in methods and "open" in methods["get"]["tags"]
        ],
        "log": [
            {"path": path, "summary": methods["get"]["summary"], "description": methods["get"]["description"]}
            for path, methods in openapi["paths"].items()
            if "get" in methods and openapi_log.TAG in methods["get"]["tags"]
        ],
    }


def _call(route: Route, openapi: Mapping[str, Any], printed: Print) -> Described:
    operation = openapi["paths"][route.path][route.method.lower()]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    status, found = next((s, said) for s, said in operation["responses"].items() if s in ("200", "201"))
    answer = found["content"].get("application/json", {})
    own = openapi_problems.CODES[route.call] - _EVERY
    return Described(
        id=operation["operationId"],
        method=route.method,
        path=route.path,
        summary=operation["summary"] if operation["summary"].endswith("?") else f"{operation['summary']}.",
        description=operation["description"],
        members=_members(body.get("schema", {}), openapi),
        request=printed(body["example"]) if "example" in body else "",
        answer=printed(answer["example"]) if "example" in answer else "",
        status=status,
        codes=tuple(code.value for code in problems.TABLE if code in own),
        later=route.method == "POST" and "202" in operation["responses"],
    )


def _members(schema: Mapping[str, Any], openapi: Mapping[str, Any]) -> tuple[Member, ...]:
    if "$ref" not in schema:
        return ()
    shape = openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return tuple(Member(name, _rule(member), name in shape["required"]) for name, member in shape["properties"].items())


def _rule(member: Mapping[str, Any]) -> str:
    # pydantic puts the description of an optional member into its first variant
    said = [member, *member.get("anyOf", ())]
    return str(next(one["description"] for one in said if "description" in one))


def _group(openapi: Mapping[str, Any], schema: str, title: str) -> dict[str, Any]:
    fields = openapi["components"]["schemas"][schema].get("properties", {})
    return {
        "title": title,
        "fields": [
            {
                "name": name,
                "label": field["title"],
                "label_vi": field["x-title-vi"],
                "kind": _kind(field["$ref"]),
                "sensitive": "x-sensitive" in field,
            }
            for name, field in fields.items()
        ],
    }


def _kind(reference: str) -> str:
    kind = reference.rpartition("/")[2].removesuffix("Field").lower()
    return _PLAIN.get(kind, kind)
