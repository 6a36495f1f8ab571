"""One entry: what happened in a sentence, every datum, its call, the chain of its dossier, and its proof.

    GET  /entries/{index}               the page
    GET  /entries/{index}/proof         tlog-proof@v1, to be checked anywhere
    GET  /entries/{index}/envelope      the bytes that are stored and hashed
    GET  /entries/{index}/consistency   ?from=&to=  hashes between two trees, for the check in the browser

Rule of this file: an entry outside the scope answers like one that does not exist. What is shown or handed out is
recorded first; hashes of the tree are open to everyone and are not.
"""

import json

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.audit.entry import microseconds
from gateway.audit.errors import LogBroken
from gateway.audit.events import EntryKind
from gateway.console import sentences
from gateway.console.model import Action, Right
from gateway.console.particulars import particulars
from gateway.console.proofs import evidence
from gateway.console.signin.access import require
from gateway.console.web import reach, rows
from gateway.console.web.exhibit import Exhibit, exhibit
from gateway.console.web.hall import Hall
from signing.digest import content_digest
from signing.encoding import base64_standard

_LONGEST = 18
_NUMBERS = {kind.label: int(kind) for kind in EntryKind}


def routes(hall: Hall) -> list[Route]:
    """The routes of an entry."""

    @require(Right.SEE_ENTRIES)
    async def page(request: Request) -> Response:
        index, scope = _index(request), hall.account(request).scope
        found = await hall.bench.run(lambda tools: exhibit(tools, hall.parts.ring, index, scope))
        if found is None:
            raise HTTPException(404)
        await hall.inspected(request, Action.OPENED, about={"entry": str(index)}, entries=found.shown)
        return _page(hall, request, found)

    @require(Right.SEE_ENTRIES)
    async def proof(request: Request) -> Response:
        index, scope = _index(request), hall.account(request).scope
        found = await hall.bench.run(lambda tools: exhibit(tools, hall.parts.ring, index, scope))
        if found is None or found.proof is None:
            raise HTTPException(404)
        content = found.proof.text().encode()
        return await _download(hall, request, index, f"entry-{index}.tlog-proof", content, "text/plain; charset=utf-8")

    @require(Right.SEE_ENTRIES)
    async def envelope(request: Request) -> Response:
        index, scope = _index(request), hall.account(request).scope
        found = await hall.bench.run(lambda tools: reach.entry_at(tools.reader, hall.parts.ring, index, scope))
        if found is None or found[0].envelope is None:
            raise HTTPException(404)
        name = f"entry-{index}.envelope"
        return await _download(hall, request, index, name, found[0].envelope, "application/octet-stream")

    @require(Right.SEE_ENTRIES)
    async def consistency(request: Request) -> Response:
        old, size = _size(request, "from"), _size(request, "to")
        try:
            found = await hall.bench.run(lambda tools: tools.published.extension(old, size))
        except LogBroken:
            return JSONResponse({"code": "two_histories"}, 409)
        if found is None:
            raise HTTPException(404)
        return JSONResponse({"hashes": [base64_standard(one) for one in found.hashes]})

    return [
        Route("/entries/{index}", page, methods=["GET"]),
        Route("/entries/{index}/proof", proof, methods=["GET"]),
        Route("/entries/{index}/envelope", envelope, methods=["GET"]),
        Route("/entries/{index}/consistency", consistency, methods=["GET"]),
    ]


async def _download(hall: Hall, request: Request, index: int, name: str, content: bytes, content_type: str) -> Response:
    await hall.inspected(
        request, Action.DOWNLOADED, about={"file": name}, entries=(index,), digest=content_digest(content)
    )
    headers = {"content-type": content_type, "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers)


def _page(hall: Hall, request: Request, found: Exhibit) -> Response:
    words, entry = hall.words(request), found.entry
    payload = entry.payload or {}
    return hall.page(
        request,
        "entries/entry.html",
        entry=entry,
        sentence=_sentence(hall, request, found),
        damaged=entry.kind == reach.DAMAGED,
        particulars=particulars(entry, words),
        call=rows.rows(found.call, words),
        chain=rows.rows(found.chain, words) if len(found.chain) > 1 else (),
        indexed=found.indexed,
        evidence=evidence(found.row.envelope or b"", found.row.leaf, found.proof, found.size, entry.payload),
        leaf=base64_standard(found.row.leaf),
        header=_header(found),
        vkey=hall.parts.key.vkey,
        content=json.dumps(payload, indent=2, ensure_ascii=False, sort_keys=True) if payload else "",
        digest=str(payload.get("digest", "")),
        answered=entry.kind in ("disclosed", "refused") and "digest" in payload,
    )


def _sentence(hall: Hall, request: Request, found: Exhibit) -> str:
    words = hall.words(request)
    if found.entry.kind == reach.DAMAGED:
        return words.t("entry_damaged")
    return sentences.sentence(found.entry, words, asked=found.asked, erased=found.erased)


def _header(found: Exhibit) -> dict[str, str]:
    """What the page says about the envelope's header, for the browser to hold against the envelope itself."""
    entry = found.entry
    kind = str(_NUMBERS.get(entry.kind, 0))
    return {"kind": kind, "at": str(microseconds(entry.at)), "epoch": entry.epoch}


def _index(request: Request) -> int:
    return _number(str(request.path_params["index"]))


def _size(request: Request, name: str) -> int:
    return _number(request.query_params.get(name, ""))


def _number(text: str) -> int:
    """A whole number as we write it. Raises HTTPException(404): no other address is one of ours."""
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST and str(int(text)) == text):
        raise HTTPException(404)
    return int(text)
