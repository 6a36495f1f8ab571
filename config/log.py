"""The parts of `gateway.toml` about the access log: where it lives, how long contents are kept, who vouches for it.

Rule of this file: the legal minimum of retention is a bound of the reader, not a default: no file can go below it.
"""

import re
from datetime import timedelta

from config.addresses import web_url
from config.references import Environment, resolve
from config.running import Authority, PublishSettings, RetentionSettings, Witness
from config.table import Table

MINIMUM_MONTHS = 12
DEFAULT_MONTHS = 24
MOST_MONTHS = 600
KINDS = ("decided", "disclosed", "refused", "inspected", "changed")
_MONTH = r"\d{4}-(0[1-9]|1[0-2])"
_NAME = r"[a-z0-9][a-z0-9.-]{0,63}"
_STORE = re.compile(r"postgres(ql)?://\S+")


def store(table: Table, environ: Environment) -> str:
    """`[store] url`: the PostgreSQL address, "" for the embedded store under the data folder."""
    block = table.table("store", required=False)
    url = resolve(block, "url", environ, literal=True, default="") or ""
    if url and not _STORE.fullmatch(url):
        block.problem("url", "url must be postgresql://user@host/database, or left out for the embedded store.")
    block.done()
    return url


def retention(table: Table) -> RetentionSettings:
    """`[retention]`: months per kind of entry, and months that are held whatever their age."""
    block = table.table("retention", required=False)
    months = {
        kind: block.whole(f"{kind}_months", MINIMUM_MONTHS, MOST_MONTHS, default=DEFAULT_MONTHS) for kind in KINDS
    }
    hold = block.texts("hold", default=())
    for position, month in enumerate(hold):
        if not re.fullmatch(_MONTH, month):
            block.findings.problem(block.place("hold", position), f'hold: "{month}" is not a month such as 2026-11.')
    block.done()
    return RetentionSettings(months, frozenset(hold))


def publish(table: Table, environ: Environment) -> PublishSettings:
    """`[publish]`: witnesses and time-stamping authorities. None of them is asked on the way of a call."""
    block = table.table("publish", required=False)
    settings = PublishSettings(
        interval=timedelta(seconds=block.number("interval_seconds", 0.1, 3600, default=5.0)),
        witnesses=tuple(_witness(one) for one in block.tables("witnesses", required=False)),
        authorities=tuple(_authority(one, environ) for one in block.tables("authorities", required=False)),
    )
    for key, named in (("witnesses", settings.witnesses), ("authorities", settings.authorities)):
        names = [one.name for one in named]
        if len(set(names)) != len(names):
            block.problem(key, f"{key}: two have the same name.")
    block.done()
    return settings


def _witness(table: Table) -> Witness:
    found = Witness(table.text("name", form=_NAME, say="a short name"), _url(table), table.text("key"))
    table.done()
    return found


def _authority(table: Table, environ: Environment) -> Authority:
    found = Authority(
        name=table.text("name", form=_NAME, say="a short name"),
        url=_url(table),
        certificates=(resolve(table, "certificates", environ, literal=False) or "").encode(),
        every=timedelta(minutes=table.number("every_minutes", 0.01, 10_080, default=60.0)),
    )
    table.done()
    return found


def _url(table: Table) -> str:
    try:
        return web_url(table.text("url"))
    except ValueError as error:
        table.problem("url", f"url {error}.")
        return ""
