"""`gateway.toml`: how this gateway listens, calls itself and limits itself.

Rule of this file: an option of the command line wins over the file; both pass the same checks.
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from config import console, documents, keeping, log, objects
from config.addresses import endpoint, exposed, web_url
from config.references import Environment, resolve
from config.running import BatchSettings, Endpoint, GatewaySettings, JobSettings
from config.table import Table

_ORIGIN = re.compile(r"[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a command line may say instead of `gateway.toml`; None leaves the file's word.

    `listen`, `ops` and `console` are `host:port`, `console_gateway` is the URL of the operations port; a relative
    `data_dir` starts at the working directory of the command.
    """

    public_url: str | None = None
    listen: str | None = None
    ops: str | None = None
    data_dir: Path | None = None
    console: str | None = None
    console_gateway: str | None = None


def read(table: Table, environ: Environment, overrides: Overrides) -> GatewaySettings:
    """The settings of `gateway.toml` with the overrides applied. Mistakes are recorded in the table's findings."""
    limits = table.table("limits", required=False)
    settings = GatewaySettings(
        public_url=_url(table, environ, overrides.public_url),
        audience=resolve(table, "audience", environ, literal=True, default="") or "",
        listen=_endpoint(table, "listen", environ, overrides.listen, default="127.0.0.1:8080"),
        ops=_endpoint(table, "ops", environ, overrides.ops, default="127.0.0.1:9090"),
        data_dir=_data_dir(table, environ),
        log_origin=_origin(table, environ),
        deadline=timedelta(seconds=limits.number("deadline_seconds", 0.1, 300, default=10.0)),
        drain=timedelta(seconds=limits.number("drain_seconds", 0, 600, default=20.0)),
        in_flight=limits.whole("in_flight", 1, 100_000, default=256),
        body_bytes=1024 * limits.whole("body_kib", 1, 16_384, default=256),
        jobs=_jobs(table.table("jobs", required=False)),
        batch=_batch(table.table("batch", required=False)),
        preview=keeping.preview(table.table("preview", required=False)),
        corrections=keeping.corrections(table.table("corrections", required=False)),
        store=log.store(table, environ),
        retention=log.retention(table),
        publish=log.publish(table, environ),
        console=console.read(table, environ, overrides.console, overrides.console_gateway),
        objects=objects.read(table, environ),
        documents=documents.read(table, environ),
    )
    limits.done()
    table.done()
    if settings.drain < settings.deadline:
        limits.problem(
            "drain_seconds", "drain_seconds must not be shorter than deadline_seconds: calls would be cut off."
        )
    if settings.listen == settings.ops and settings.listen.port != 0:
        table.problem("ops", "ops must be another address than listen: its pages are not for callers.")
    if overrides.data_dir is not None:
        settings = replace(settings, data_dir=overrides.data_dir)
    return settings


def _jobs(table: Table) -> JobSettings:
    settings = JobSettings(
        deadline=timedelta(seconds=table.number("deadline_seconds", 0.1, 600, default=60.0)),
        keep=timedelta(minutes=table.number("keep_minutes", 0.05, 1440, default=15.0)),
        most=table.whole("most", 1, 100_000, default=256),
    )
    table.done()
    if settings.keep <= settings.deadline:
        table.problem("keep_minutes", "keep_minutes must be longer than deadline_seconds.")
    return settings


def _batch(table: Table) -> BatchSettings:
    settings = BatchSettings(
        lines=table.whole("lines", 1, 100_000, default=1000),
        body_bytes=1024 * table.whole("body_kib", 1, 16_384, default=1024),
        deadline=timedelta(seconds=table.number("deadline_seconds", 1, 3600, default=300.0)),
        at_once=table.whole("at_once", 1, 10_000, default=8),
        at_once_each=table.whole("at_once_each", 1, 10_000, default=4),
        most=table.whole("most", 1, 10_000, default=16),
        most_each=table.whole("most_each", 1, 10_000, default=2),
    )
    table.done()
    for whole, each in (("at_once", "at_once_each"), ("most", "most_each")):
        if getattr(settings, each) > getattr(settings, whole):
            table.problem(each, f"{each} must not be more than {whole}: it is one portal's share of it.")
    return settings


def _url(table: Table, environ: Environment, override: str | None) -> str:
    written = resolve(table, "public_url", environ, literal=True, default="") or ""
    text = written if override is None else override
    if not text:
        return ""
    try:
        url = web_url(text)
    except ValueError as error:
        table.problem("public_url", f"public_url {error}.")
        return ""
    if exposed(url):
        table.findings.warning(
            table.place("public_url"), "public_url is plain http: callers' data would travel in the clear."
        )
    return url


def _endpoint(table: Table, key: str, environ: Environment, override: str | None, *, default: str) -> Endpoint:
    written = resolve(table, key, environ, literal=True, default=default)
    text = override if override is not None else written
    try:
        return endpoint(text) if text else Endpoint("127.0.0.1", 0)
    except ValueError as error:
        table.problem(key, f"{key} {error}.")
        return Endpoint("127.0.0.1", 0)


def _data_dir(table: Table, environ: Environment) -> Path:
    text = resolve(table, "data_dir", environ, literal=True, default="../data") or ""
    # The data folder may not exist yet, so this only tidies the text of the path.
    return (Path(table.file).parent / text).resolve() if text else Path()


def _origin(table: Table, environ: Environment) -> str:
    text = resolve(table, "log_origin", environ, literal=True) or ""
    if text and not _ORIGIN.fullmatch(text):
        table.problem(
            "log_origin",
            "log_origin must be a name like gateway.example.gov.vn/log: a URL without its scheme.",
        )
    return text
