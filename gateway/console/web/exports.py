"""Exports: chosen entries as a file that the gateway signed, written in the background, fetched by who asked for it.

    GET /exports                     one's own, and the form
    POST /exports                    `form` csv or jsonl, and the fields of a search, or `search`: the id of one
    GET /exports/{key}               how far it is; reloads itself by a header until it can be fetched
    POST /exports/{key}/delete       remove it
    GET /exports/{key}/file          the file; single ranges are answered (RFC 9110), so a broken download goes on
    GET /exports/{key}/manifest      what the file is
    GET /exports/{key}/signature     the gateway's signature over the manifest

A search for a person is exported by its id alone: the number is not typed again, and only its keyed tags are kept.

Rule of this file: an export is for its owner alone, and only while they may see all it was made from. What was asked
for is in the log before anything is written, each download before its first byte.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.audit.extract.writing import FORMS
from gateway.console.exports.asking import Asked, ExportsFull, Limits
from gateway.console.exports.job import LIFETIME, UNDER_WAY, Job, Stage
from gateway.console.model import Action, Right
from gateway.console.signin import forms
from gateway.console.signin.access import require
from gateway.console.web import asked, filters
from gateway.console.web.filters import FilterRefused
from gateway.console.web.hall import Hall
from gateway.console.web.searches import Search
from signing.encoding import base64_standard

RELOAD_SECONDS = 2

_RANGE = re.compile(r"bytes=(?:[0-9]{1,18}-[0-9]{0,18}|-[0-9]{1,18})")
_TYPES: Mapping[str, str] = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


def routes(hall: Hall) -> list[Route]:
    """The routes of this page."""
    pages, may = _Pages(hall), require(Right.EXPORT)
    one = "/exports/{key}"
    return [
        Route("/exports", may(pages.listed), methods=["GET"]),
        Route("/exports", may(pages.ask), methods=["POST"]),
        Route(one, may(pages.shown), methods=["GET"]),
        Route(f"{one}/delete", may(pages.delete), methods=["POST"]),
        Route(f"{one}/file", may(pages.file), methods=["GET"]),
        Route(f"{one}/manifest", may(pages.manifest), methods=["GET"]),
        Route(f"{one}/signature", may(pages.signature), methods=["GET"]),
    ]


class _Pages:
    def __init__(self, hall: Hall) -> None:
        self._hall = hall

    async def listed(self, request: Request) -> Response:
        return self._list(request, {})

    async def ask(self, request: Request) -> Response:
        hall, typed = self._hall, dict(await forms.fields(request))
        account, key = hall.account(request), typed.get("search", "")
        search = hall.searches.find(key, account.username) if key else None
        if key and search is None:
            return self._list(request, {}, message="exports_search_ended", status=404)
        if typed.get("form") not in FORMS:
            return self._list(request, typed, search=search)
        try:
            # a number has no field here: it comes from a search, as tags
            wanted = search.wanted if search else filters.read({**typed, "subject": ""}).wanted
        except FilterRefused as refused:
            return self._list(request, typed, refused=refused, message="exports_bad_field", status=422)
        about = {**filters.about(wanted), "format": typed["form"]}
        if search is not None:
            about["search"] = str(search.recorded)
        order = Asked(account, wanted, typed["form"], about)
        if search is not None:
            order = replace(order, masked=search.masked, search=search.recorded)
        try:
            job = await hall.exports.add(order)
        except ExportsFull as error:
            return self._list(request, typed, search=search, message=error.key, status=409)
        return RedirectResponse(f"/exports/{job.key}", 303)

    async def shown(self, request: Request) -> Response:
        hall = self._hall
        hall.exports.wake()
        job = self._job(request)
        words = hall.words(request)
        answer = hall.page(
            request,
            "exports/one.html",
            job=job,
            progress=await hall.exports.progress(job),
            asked=asked.told(job.wanted, job.masked, words),
            portals=None if job.scope.portals is None else sorted(job.scope.portals),
        )
        if job.stage in UNDER_WAY:
            answer.headers["refresh"] = str(RELOAD_SECONDS)
        return answer

    async def delete(self, request: Request) -> Response:
        await self._hall.exports.remove(self._job(request))
        return RedirectResponse("/exports", 303)

    async def file(self, request: Request) -> Response:
        job = self._ready(request)
        asked_range = request.headers.get("range", "")
        if asked_range and not _RANGE.fullmatch(asked_range):
            # several ranges, or none of ours: the header may be ignored (RFC 9110, 14.2)
            request.scope["headers"] = [one for one in request.scope["headers"] if one[0] != b"range"]
            asked_range = ""
        about = {"file": job.file} | ({"range": asked_range} if asked_range else {})
        digest = f"sha-256=:{base64_standard(bytes.fromhex(job.sha256))}:"
        path = self._hall.exports.file(job)
        return await self._download(request, path, job.file, _TYPES[job.form], about, digest, etag=job.sha256)

    async def manifest(self, request: Request) -> Response:
        path = self._hall.exports.manifest(self._ready(request))
        return await self._download(request, path, path.name, "application/json", {"file": path.name})

    async def signature(self, request: Request) -> Response:
        path = self._hall.exports.signature(self._ready(request))
        return await self._download(request, path, path.name, "application/jose", {"file": path.name})

    async def _download(
        self,
        request: Request,
        path: Path,
        name: str,
        content_type: str,
        about: Mapping[str, str],
        digest: str | None = None,
        *,
        etag: str | None = None,
    ) -> Response:
        if not await self._hall.bench.run(lambda _: path.is_file()):
            raise HTTPException(404)
        await self._hall.inspected(request, Action.DOWNLOADED, about=about, digest=digest)
        headers = {"etag": f'"{etag}"'} if etag else {}
        return FileResponse(path, media_type=content_type, filename=name, headers=headers)

    def _job(self, request: Request) -> Job:
        job = self._hall.exports.find(str(request.path_params["key"]), self._hall.account(request))
        if job is None:
            raise HTTPException(404)
        return job

    def _ready(self, request: Request) -> Job:
        job = self._job(request)
        if job.stage is not Stage.READY:
            raise HTTPException(404)
        return job

    def _list(
        self,
        request: Request,
        typed: Mapping[str, str],
        *,
        search: Search | None = None,
        refused: FilterRefused | None = None,
        message: str = "",
        status: int = 200,
    ) -> Response:
        hall, words = self._hall, self._hall.words(request)
        hall.exports.wake()
        account = hall.account(request)
        return hall.page(
            request,
            "exports/list.html",
            status,
            jobs=hall.exports.mine(account),
            search=search,
            asked=asked.told(search.wanted, search.masked, words) if search else (),
            choices=asked.choices(words, account.scope),
            typed=filters.kept(typed),
            form=typed.get("form", "csv"),
            forms=tuple(FORMS),
            errors={refused.name: refused.key} if refused else {},
            message=message,
            lifetime=LIFETIME,
            most=Limits().per_owner,
            portals=None if account.scope.portals is None else sorted(account.scope.portals),
        )
