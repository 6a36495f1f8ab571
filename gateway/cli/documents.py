"""`gateway documents`: digitised papers at an operator's own machine. `check`: what their signatures are worth.

Exit codes: 0 the signatures are valid; 1 they were judged, and are not; 2 nothing could be judged.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from gateway.cli.shown import printable
from gateway.cli.times import time_of

if TYPE_CHECKING:
    from signing.documents import TrustAnchors

app = typer.Typer(help="Digitised papers: what their signatures are worth.", no_args_is_help=True)

_PDF_BEGINS_WITHIN = 1024


class Type(StrEnum):
    """The media types whose signatures can be judged."""

    PDF = "application/pdf"
    XML = "application/xml"


@app.callback()
def documents() -> None:
    """Digitised papers: what their signatures are worth."""


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The paper, PDF or XML.", show_default=False)],
    *,
    trust: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PEM",
            help="Authorities to trust, and revocation lists; may be repeated. None: nobody is trusted.",
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="Judge as of this time, 2026-11-01T08:00 in Hanoi. Default: now.")
    ] = None,
    media_type: Annotated[
        Type | None, typer.Option("--type", help="What the file is. Default: what it begins like.")
    ] = None,
) -> None:
    """Verify the signatures inside a paper, offline, and say in plain words what they are worth.

    The agency that signed is shown, a person's name is not. docs/document-signatures.md explains each outcome.
    """
    from gateway.cli import document_text
    from signing.documents import verify

    try:
        moment = time_of("at", at) or datetime.now(UTC)
    except ValueError as error:
        _stop(str(error))
    trusted = _trusted(trust or [])
    content = _content(file)
    kind = media_type.value if media_type else begins_like(content)
    report = verify(content, media_type=kind, trust=trusted, at=moment)
    lines = document_text.told(report, name=file.name, at=moment, trust=trusted, width=document_text.room())
    print("\n".join(lines))
    raise typer.Exit(0 if report.outcome == "valid" else 1)


def begins_like(content: bytes) -> str:
    """The media type a file's first bytes are those of; `application/octet-stream` for neither PDF nor XML."""
    if b"%PDF-" in content[:_PDF_BEGINS_WITHIN]:
        return Type.PDF.value
    text = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    return Type.XML.value if text.startswith(b"<") else "application/octet-stream"


def _content(file: Path) -> bytes:
    from signing.documents import MAX_PDF_BYTES

    try:
        with file.open("rb") as opened:
            return opened.read(MAX_PDF_BYTES + 1)  # one byte too many is too large, however many follow
    except OSError as error:
        _stop(f"{printable(str(file))}: {error.strerror}")


def _trusted(files: Sequence[Path]) -> "TrustAnchors":
    from signing.documents import TrustAnchors, TrustError, parts

    certificates, lists = [], []
    for file in files:
        try:
            found = parts(file.read_bytes())
        except OSError as error:
            _stop(f"{printable(str(file))}: {error.strerror}")
        except TrustError as error:
            _stop(f"{printable(str(file))}: {error}")
        if not any(found):
            _stop(f"{printable(str(file))}: no CERTIFICATE and no X509 CRL in it; PEM is read, not DER")
        certificates += found[0]
        lists += found[1]
    return TrustAnchors(tuple(certificates), tuple(lists))


def _stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(2)
