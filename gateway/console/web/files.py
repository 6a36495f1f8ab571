"""Style sheets, scripts and the icon: read once at the start, known by name.

The address holds a hash over all of them, so that a script of one version never imports one of another.

Rule of this file: no path is made of what a request says.
"""

from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Files:
    """The files of a folder that a page may load. Raises ValueError for one that has no content type."""

    def __init__(self, folder: Path) -> None:
        found = sorted(path for path in folder.iterdir() if path.is_file())
        unknown = [path.name for path in found if path.suffix not in TYPES]
        if unknown:
            raise ValueError(f"static files without a content type: {', '.join(unknown)}")
        self._files = {path.name: (TYPES[path.suffix], path.read_bytes()) for path in found}
        everything = sha256()
        for name, (_, data) in self._files.items():
            everything.update(sha256(name.encode()).digest() + sha256(data).digest())
        self.version = everything.hexdigest()[:16]

    def address(self, name: str) -> str:
        """Where a page loads a file from. Raises KeyError for one that is not there."""
        self._files[name]
        return f"/static/{self.version}/{name}"

    def routes(self) -> list[Route]:
        """One route for all files."""
        return [Route("/static/{version}/{name}", self._file, methods=["GET"])]

    async def _file(self, request: Request) -> Response:
        found = self._files.get(str(request.path_params["name"]))
        if found is None or request.path_params["version"] != self.version:
            raise HTTPException(404)
        content_type, data = found
        return Response(data, headers={"content-type": content_type})
