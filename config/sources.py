"""`sources.toml`: the national databases, how to reach them and how hard to try.

Rule of this file: options belong to the adapter and pass through unread; credentials come from outside the file.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from config.addresses import exposed, web_url
from config.model import SourceSettings
from config.place import Place
from config.references import Environment, deep, resolve
from config.running import GatewaySettings
from config.table import Table

_WORD = r"[a-z][a-z0-9_-]*"
_SAY = "a short name of small letters, digits, - and _"


def read(table: Table, environ: Environment, gateway: GatewaySettings) -> Mapping[str, SourceSettings]:
    """Source name -> its settings. Mistakes are recorded in the table's findings."""
    found = {name: _source(name, block, environ, gateway) for name, block in table.children()}
    if not found:
        table.problem(None, "No source is configured.")
    table.done()
    return found


def _source(name: str, table: Table, environ: Environment, gateway: GatewaySettings) -> SourceSettings:
    options, places = _options(table.table("options", required=False), environ)
    settings = SourceSettings(
        name=name,
        adapter=table.text("adapter", form=_WORD, say=_SAY),
        profile=table.text("profile", form=_WORD, say=_SAY),
        url=_url(table, environ),
        deadline=timedelta(seconds=table.number("deadline_seconds", 0.1, 300, default=5.0)),
        attempts=table.whole("attempts", 1, 10, default=2),
        concurrency=table.whole("concurrency", 1, 10_000, default=32),
        queue=table.whole("queue", 0, 100_000, default=128),
        breaker_failures=table.whole("breaker_failures", 1, 10_000, default=10),
        breaker_pause=timedelta(seconds=table.number("breaker_pause_seconds", 0.1, 3600, default=10.0)),
        max_bytes=1024 * table.whole("max_kib", 1, 65_536, default=1024),
        options=options,
        credentials=_credentials(table.table("credentials", required=False), environ),
        place=table.place(),
        option_places={**places, **{key: table.place(key) for key in ("adapter", "profile")}},
    )
    table.done()
    if settings.deadline > gateway.deadline:
        table.problem(
            "deadline_seconds",
            "deadline_seconds is longer than the gateway allows a whole call (gateway.toml).",
        )
    return settings


def _url(table: Table, environ: Environment) -> str:
    text = resolve(table, "url", environ, literal=True)
    if not text:
        return ""
    try:
        url = web_url(text)
    except ValueError as error:
        table.problem("url", f"url {error}.")
        return ""
    if exposed(url):
        table.findings.warning(table.place("url"), "url is plain http: it must stay inside a protected network.")
    # A registry's URL is used as it stands: some tell /service from /service/.
    return text


def _options(table: Table, environ: Environment) -> tuple[Mapping[str, Any], Mapping[str, Place]]:
    values = {key: deep(table, key, environ) for key in table.data}
    return (
        {key: value for key, value in values.items() if value is not None},
        {key: table.place(key) for key in table.data},
    )


def _credentials(table: Table, environ: Environment) -> Mapping[str, str]:
    values = {key: resolve(table, key, environ, literal=False) for key in table.data}
    return {key: value for key, value in values.items() if value is not None}
