"""`[objects]` of `gateway.toml`: where the contents of documents are kept.

Rule of this file: contents leave for another machine over TLS only, and the account is a reference, never a text.
"""

import re
import ssl
from datetime import timedelta

from config.addresses import exposed, web_url
from config.references import Environment, resolve
from config.running import ObjectSettings, S3Settings
from config.table import Table

KINDS = ("folder", "s3")
_BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"  # S3's rule for names
_REGION = r"[a-z0-9-]{1,64}"


def read(table: Table, environ: Environment) -> ObjectSettings:
    """The settings under `[objects]`."""
    block = table.table("objects", required=False)
    kind = block.text("kind", default="folder", form="|".join(KINDS), say=f"one of {', '.join(KINDS)}")
    if kind != "s3" and block.has("s3"):
        block.problem("s3", '[objects.s3] stands here, yet kind is not "s3".')
    if kind == "s3" and not block.has("s3"):
        block.problem("kind", 'kind is "s3", yet there is no [objects.s3].')
    s3 = _s3(block.table("s3"), environ) if block.has("s3") else None
    block.done()
    return ObjectSettings(kind, s3)


def _s3(table: Table, environ: Environment) -> S3Settings:
    settings = S3Settings(
        endpoint=_endpoint(table, environ),
        region=table.text("region", default="us-east-1", form=_REGION, say="a region such as us-east-1"),
        bucket=table.text("bucket", form=_BUCKET, say="a bucket's name: 3 to 63 of a-z, 0-9, dot and hyphen"),
        access_key=_account(table, "access_key", environ),
        secret_key=_account(table, "secret_key", environ),
        ca=_ca(table, environ),
        deadline=timedelta(seconds=table.number("deadline_seconds", 0.1, 300, default=10.0)),
        attempts=table.whole("attempts", 1, 10, default=3),
    )
    table.done()
    return settings


def _endpoint(table: Table, environ: Environment) -> str:
    text = resolve(table, "endpoint", environ, literal=True)
    if not text:
        return ""
    try:
        url = web_url(text)
    except ValueError as error:
        table.problem("endpoint", f"endpoint {error}.")
        return ""
    if exposed(url):
        table.problem("endpoint", "endpoint must be https, or http on this machine: its account would be seen.")
    return url


def _account(table: Table, key: str, environ: Environment) -> str:
    text = resolve(table, key, environ, literal=False) or ""
    if re.search(r"[^\x21-\x7e]", text):
        table.problem(key, f"{key}: there is more in it than one key: a space, a line end or a letter beyond ASCII.")
    return text


def _ca(table: Table, environ: Environment) -> str:
    text = (resolve(table, "ca", environ, literal=False) or "") if table.has("ca") else ""
    if text:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
        except (ssl.SSLError, ValueError):
            table.problem("ca", "ca is not a certificate in PEM.")
    return text
