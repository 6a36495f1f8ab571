"""`portals/<agency>.toml`: who may call, with which keys, for which procedures and how much.

Rule of this file: a key belongs to one portal, is pinned to one algorithm, and has an end.
"""

import re
from collections.abc import Container, Mapping
from datetime import datetime, timedelta

from config import keys
from config.agency import canonical
from config.codes import named
from config.files import Files
from config.model import Limits, Portal, PortalKey
from config.place import Place
from config.running import GatewaySettings
from config.table import Table

OPERATIONS = (
    "persons.verify",
    "persons.lookup",
    "enterprises.lookup",
    "taxpayers.lookup",
    "dossiers.prefill",
    "dossiers.preview",
    "corrections.report",
    "corrections.read",
    "documents.register",
    "documents.fetch",
    "documents.revoke",
)
BASES = ("law", "consent")
_REGISTER = "documents.register"
_NONE = "the portal can register no document"
_FILE = r"[A-Z]\d{2}(\.\d{1,3}){0,3}\.toml"


SOON = timedelta(days=30)


def read(
    files: Files, procedures: Container[str], kinds: Container[str], gateway: GatewaySettings, at: datetime | None
) -> Mapping[str, Portal]:
    """Canonical agency code -> portal. Mistakes are recorded in the findings of `files`.

    `kinds`: of documents. `at`, when given, is the time at which keys about to expire are worth a warning.
    """
    found: dict[str, Portal] = {}
    kids: dict[str, Place] = {}
    owners: dict[bytes, str] = {}
    for stem, table in files.tables("portals", _FILE, say="files named by an agency code, such as H14.toml"):
        blocks = table.tables("keys", required=False)
        held = [(block, keys.read(block, files)) for block in blocks]
        usable = tuple(key for _, key in held if key is not None)
        found[stem] = _portal(stem, table, usable, procedures, kinds, gateway=gateway)
        _unique(blocks, kids)
        _owned(stem, [(block, key) for block, key in held if key is not None], owners)
        if at is not None:
            _ageing(table, [(block, key) for block, key in held if key is not None], at)
    if not found:
        files.findings.warning(Place(files.shown("portals"), 1), "No portal is registered: every call is refused.")
    return found


def _portal(
    stem: str,
    table: Table,
    usable: tuple[PortalKey, ...],
    procedures: Container[str],
    kinds: Container[str],
    *,
    gateway: GatewaySettings,
) -> Portal:
    _agency(stem, table)
    operations = _known(table, "operations", OPERATIONS, f"is none of: {', '.join(OPERATIONS)}")
    portal = Portal(
        agency=stem,
        name=named(table, "name_vi", "name_en"),
        suspended=table.boolean("suspended", default=False),
        sandbox=table.boolean("sandbox"),
        keys=usable,
        procedures=_known(table, "procedures", procedures, "is not a procedure: it has no folder in dossiers"),
        operations=operations,
        bases=_known(table, "bases", BASES, f"is none of: {', '.join(BASES)}"),
        limits=_limits(table.table("limits"), gateway),
        registers=_registers(table, operations, kinds),
    )
    table.done()
    if not table.data.get("keys"):
        table.findings.warning(table.place(), "The portal has no key yet, so it cannot call.")
    if portal.suspended:
        table.findings.warning(table.place("suspended"), "The portal is suspended: its calls are refused.")
    return portal


def _owned(stem: str, held: list[tuple[Table, PortalKey]], owners: dict[bytes, str]) -> None:
    """One key, one portal: a key registered for two would let either sign as the other."""
    for block, key in held:
        owner = owners.setdefault(keys.identity(key.pem), stem)
        if owner != stem:
            block.problem(
                "public_key", f"This key is already registered for {owner}: every portal has keys of its own."
            )


def _agency(stem: str, table: Table) -> None:
    code = table.text("agency")
    if not code:
        return
    try:
        agency = canonical(code)
    except ValueError as error:
        table.problem("agency", str(error))
        return
    if agency != stem:
        table.problem("agency", f"The file of {agency} must be named {agency}.toml.")


def _known(
    table: Table, key: str, allowed: Container[str], reproach: str, *, empty: str = "the portal's calls are refused"
) -> frozenset[str]:
    texts = table.texts(key)
    for position, text in enumerate(texts):
        if text not in allowed:
            table.findings.problem(table.place(key, position), f'{key}: "{text}" {reproach}.')
    if table.has(key) and not table.data[key]:
        table.findings.warning(table.place(key), f"{key} is empty, so {empty}.")
    return frozenset(texts)


def _registers(table: Table, operations: frozenset[str], kinds: Container[str]) -> frozenset[str]:
    if _REGISTER in operations:
        return _known(table, "registers", kinds, "is not a kind of codes/document_kind.toml", empty=_NONE)
    if table.has("registers"):
        table.raw("registers")
        table.problem("registers", f"registers counts only with the operation {_REGISTER}.")
    return frozenset()


def _limits(table: Table, gateway: GatewaySettings) -> Limits:
    limits = Limits(
        per_second=table.number("per_second", 0.001, 100_000),
        burst=table.whole("burst", 1, 1_000_000),
        in_flight=table.whole("in_flight", 1, 100_000),
        body_bytes=1024 * table.whole("body_kib", 1, 16_384),
        per_day=table.whole("per_day", 1, 10**12) if table.has("per_day") else None,
    )
    table.done()
    if limits.body_bytes > gateway.body_bytes:
        table.problem("body_kib", "body_kib is more than the gateway takes from anybody (gateway.toml).")
    return limits


def _unique(blocks: list[Table], kids: dict[str, Place]) -> None:
    for block in blocks:
        kid = block.data.get("kid")
        if not isinstance(kid, str) or not re.fullmatch(keys.KID, kid):
            continue
        if kid in kids:
            block.problem("kid", f"The kid {kid} is already taken, at {kids[kid]}.")
        kids.setdefault(kid, block.place("kid"))


def _ageing(table: Table, held: list[tuple[Table, PortalKey]], at: datetime) -> None:
    working = [(block, key) for block, key in held if key.revoked_at is None and key.not_before <= at < key.not_after]
    for block, key in working:
        if key.not_after - at <= SOON:
            days = (key.not_after - at).days
            message = f"The key {key.kid} expires in {days} days: see gateway portals rotate."
            table.findings.warning(block.place("not_after"), message)
    if held and not working:
        table.findings.warning(table.place(), "None of the portal's keys is valid now, so it cannot call.")
