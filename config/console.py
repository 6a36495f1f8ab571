"""The `[console]` part of `gateway.toml`: where auditors sign in, and an organisation's own sign-in.

Rule of this file: single sign-on is complete or absent; a half one is a problem of the file, not of the sign-in page.
"""

import ipaddress

from config.addresses import endpoint, exposed, web_url
from config.references import Environment, resolve
from config.running import ConsoleSettings, Endpoint, OidcProvider
from config.table import Table

ROLES = ("national_auditor", "provincial_auditor", "operator", "administrator")


def read(table: Table, environ: Environment, listen: str | None = None, gateway: str | None = None) -> ConsoleSettings:
    """The settings of `[console]`; defaults where there is none. `listen`, `gateway`: what a command line says."""
    block = table.table("console", required=False)
    url, gateway_url = _url(block, "public_url", environ), _url(block, "gateway_url", environ, gateway)
    settings = ConsoleSettings(
        listen=_listen(block, environ, listen),
        public_url=url,
        gateway_url=gateway_url,
        store=resolve(block, "store_url", environ, literal=True, default="") or "",
        proxies=_proxies(block),
        oidc=_oidc(block.table("oidc"), environ) if block.has("oidc") else None,
    )
    if url and exposed(url):
        block.problem("public_url", "public_url must be https, or http on this machine: passwords are typed there.")
    if gateway_url and exposed(gateway_url):
        block.findings.warning(
            block.place("gateway_url"),
            "gateway_url is plain http: the secret and the numbers auditors search for would travel in the clear.",
        )
    if settings.oidc and not url:
        block.problem("public_url", "public_url is needed for single sign-on: the provider sends people back there.")
    block.done()
    return settings


def _oidc(table: Table, environ: Environment) -> OidcProvider:
    roles = table.table("roles")
    found = OidcProvider(
        name=table.text("name"),
        issuer=_issuer(table, environ),
        client_id=resolve(table, "client_id", environ, literal=True) or "",
        client_secret=resolve(table, "client_secret", environ, literal=False) or "",
        role_claim=table.text("role_claim", default="roles"),
        portals_claim=table.text("portals_claim", default="portals"),
        roles={value: _role(roles, value) for value in roles.data},
        acr=table.texts("acr", default=()),
        amr=table.texts("amr", default=()),
    )
    roles.done()
    table.done()
    return found


def _issuer(table: Table, environ: Environment) -> str:
    """As it is written: a provider names itself to the letter, with or without a slash at the end."""
    url = _url(table, "issuer", environ)
    if not url:
        table.problem("issuer", "issuer is needed: the URL by which the provider names itself.")
    elif exposed(url):
        table.problem("issuer", "issuer must be https, or http on this machine: who is in between would be anybody.")
    return resolve(table, "issuer", environ, literal=True, default="") or ""


def _role(table: Table, value: str) -> str:
    role = table.text(value)
    if role not in ROLES:
        table.problem(value, f'"{role}" is no role; roles are {", ".join(ROLES)}.')
    return role


def _proxies(table: Table) -> tuple[str, ...]:
    """Networks of reverse proxies, as `ipaddress` writes them."""
    found = []
    for text in table.texts("proxies", default=()):
        try:
            found.append(str(ipaddress.ip_network(text)))
        except ValueError:
            table.problem("proxies", f'proxies holds "{text}", which is no address or network such as 10.1.0.0/16.')
    return tuple(found)


def _listen(table: Table, environ: Environment, override: str | None) -> Endpoint:
    written = resolve(table, "listen", environ, literal=True, default="127.0.0.1:8081") or ""
    text = written if override is None else override
    try:
        return endpoint(text) if text else Endpoint("127.0.0.1", 0)
    except ValueError as error:
        table.problem("listen", f"listen {error}.")
        return Endpoint("127.0.0.1", 0)


def _url(table: Table, key: str, environ: Environment, override: str | None = None) -> str:
    written = resolve(table, key, environ, literal=True, default="") or ""
    text = written if override is None else override
    try:
        return web_url(text) if text else ""
    except ValueError as error:
        table.problem(key, f"{key} {error}.")
        return ""
