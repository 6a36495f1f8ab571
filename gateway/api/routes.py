"""The calls of the API: method, path, operation. OpenAPI, routing and the documentation page come from this table."""

from dataclasses import dataclass

from gateway.model import Call


@dataclass(frozen=True, slots=True)
class Route:
    """One signed call. `path` is a Starlette path template."""

    method: str
    path: str
    call: Call
    summary: str


ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/persons/verify", Call.PERSONS_VERIFY, "Do number, name and birth date belong together?"),
    Route("POST", "/v1/persons/lookup", Call.PERSONS_LOOKUP, "Fields of a person"),
    Route("POST", "/v1/enterprises/lookup", Call.ENTERPRISES_LOOKUP, "Fields of an enterprise"),
    Route("POST", "/v1/taxpayers/lookup", Call.TAXPAYERS_LOOKUP, "Fields of a taxpayer"),
    Route("POST", "/v1/dossiers/prefill", Call.DOSSIERS_PREFILL, "A form pre-filled from every registry it needs"),
    Route("GET", "/v1/dossiers/{dossier}/preview", Call.DOSSIERS_PREVIEW, "A pre-filled form as a page to print"),
    Route("POST", "/v1/corrections", Call.CORRECTIONS_REPORT, "Report an error in a registry's data"),
    Route("GET", "/v1/corrections/{correction}", Call.CORRECTIONS_READ, "What became of a reported error"),
    Route("POST", "/v1/documents", Call.DOCUMENTS_REGISTER, "Register a digitised document"),
    Route("POST", "/v1/documents/fetch", Call.DOCUMENTS_FETCH, "A digitised document that a dossier was offered"),
    Route("POST", "/v1/documents/revoke", Call.DOCUMENTS_REVOKE, "End a document that this portal registered"),
    Route("GET", "/v1/procedures", Call.PROCEDURES_LIST, "The procedures this portal may use"),
    Route("GET", "/v1/procedures/{code}", Call.PROCEDURES_READ, "A procedure's form, with the source of each field"),
    Route("GET", "/v1/jobs/{id}", Call.JOBS_READ, "A deferred answer, or how far it is"),
    Route("POST", "/v1/debug/verify", Call.DEBUG_VERIFY, "Every signature check of this very call (sandbox keys)"),
)
