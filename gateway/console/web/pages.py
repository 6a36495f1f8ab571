"""Pages as HTML: the frame, the navigation, the language, and what every template may use.

A template gets `w` (words and numbers of its language), `t` (a text by its key), `language`, `viewer`, `csrf`, `here`
(the path), `nav`, `static` (the address of a file), and what its route gives it.

Rule of this file: everything is escaped; nothing is inline. A language is one of ours or it is not taken.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway.console import texts
from gateway.console.facts import Facts
from gateway.console.model import Right, Viewer
from gateway.console.signin.access import csrf_of, viewer
from gateway.console.web.files import Files
from gateway.console.words import Words

_HERE = Path(__file__).resolve().parents[1]
STATIC = _HERE / "static"
COOKIE = "lang"

NAVIGATION = (
    ("/", "nav_overview", Right.SEE_FIGURES),
    ("/search", "nav_search", Right.SEE_ENTRIES),
    ("/subjects", "nav_subjects", Right.SEARCH_PERSON),
    ("/patterns", "nav_patterns", Right.SEE_ENTRIES),
    ("/reuse", "nav_reuse", Right.SEE_FIGURES),
    ("/reviews", "nav_reviews", Right.REVIEW),
    ("/exports", "nav_exports", Right.EXPORT),
    ("/integrity", "nav_integrity", Right.SEE_INTEGRITY),
    ("/inspections", "nav_inspections", Right.SEE_ENTRIES),
    ("/accounts", "nav_accounts", Right.MANAGE_ACCOUNTS),
)


class Pages:
    """Renders every page. `render` is what `gateway.console.signin.reception.open_reception` takes."""

    def __init__(self, facts: Facts) -> None:
        self._messages = texts.load()
        self.learn(facts)
        self.files = Files(STATIC)
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=select_autoescape(["html"], default=True),
            undefined=StrictUndefined,
            auto_reload=False,  # a file that is edited under a running console is not shown half old
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def learn(self, facts: Facts) -> None:
        """Take other names, from the next page on."""
        self.facts = facts
        self._words = {language: Words(self._messages, language, facts) for language in texts.LANGUAGES}

    def words(self, request: Request) -> Words:
        """The words of the language this request is answered in."""
        return self._words[language_of(request)]

    def render(self, request: Request, name: str, status: int, content: Mapping[str, object]) -> Response:
        """A page."""
        words, known, here = self.words(request), viewer(request), request.url.path
        text = self._templates.get_template(name).render(
            w=words,
            t=words.t,
            language=words.language,
            viewer=known,
            csrf=csrf_of(request),
            here=here,
            back=here if request.method == "GET" else "/",
            nav=navigation(known, here, words.t),
            static=self.files.address,
            origin=self.facts.origin,
            **content,
        )
        return HTMLResponse(text, status, {"content-language": words.language})


def navigation(known: Viewer | None, here: str, t: Callable[[str], str]) -> list[dict[str, object]]:
    """What the viewer's role may open, and where they are."""
    if known is None:
        return []
    return [
        {"path": path, "text": t(key), "current": here == path or (path != "/" and here.startswith(f"{path}/"))}
        for path, key, right in NAVIGATION
        if known.account.may(right)
    ]


def language_of(request: Request) -> str:
    """What the cookie says, else the account, else the browser; Vietnamese when nobody says anything we speak."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in texts.LANGUAGES:
        return chosen
    known = viewer(request)
    if known is not None:
        return known.account.language
    asked = (part.split(";")[0].strip().lower()[:2] for part in request.headers.get("accept-language", "").split(","))
    return next((language for language in asked if language in texts.LANGUAGES), texts.LANGUAGES[0])
