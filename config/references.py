"""Values that stand outside the configuration: in the environment, or in files.

    { env = "NAME" }        the value of an environment variable
    { file = "path" }       the content of a file; a relative path starts at the folder of the configuration file
    { file_env = "NAME" }   the content of the file an environment variable names with an absolute path
    ..., optional = true    absent is allowed: the key is then left out

Rule of this file: what was read is returned and shown nowhere; a problem names the key, the variable or the path
only.
"""

import stat
from collections.abc import Mapping
from pathlib import Path

from config.table import Table

KINDS = ("env", "file", "file_env")
SIZE_LIMIT = 64 * 1024  # bytes of one secret file
Environment = Mapping[str, str] | None


def is_reference(value: object) -> bool:
    """Whether a TOML value has the shape of a reference."""
    return isinstance(value, dict) and any(kind in value for kind in KINDS) and set(value) <= {*KINDS, "optional"}


def resolve(owner: Table, key: str, environ: Environment, *, literal: bool, default: str | None = None) -> str | None:
    """The text under a key, followed to where it stands; None when it is absent, or wrong and recorded as a problem.

    `literal` allows a plain text; credentials do not. `environ` None means that the gateway's environment is not
    known here (`gateway check` on another machine): references are then checked for form only, and give None.
    """
    value = owner.data.get(key)
    if not isinstance(value, dict):
        if literal:
            return owner.text(key, default=default)
        owner.raw(key)
        if owner.has(key):
            owner.problem(
                key,
                f'{key} is a credential: write {{ env = "NAME" }} or {{ file = "path" }}, never the value.',
            )
        return None
    table = owner.table(key)
    optional = table.boolean("optional", default=False)
    kinds = [kind for kind in KINDS if table.has(kind)]
    if len(kinds) != 1:
        owner.problem(key, f"{key} must hold exactly one of env, file and file_env.")
        return None
    target = table.text(kinds[0])
    table.done()
    if environ is None or not target:
        return None
    return _follow(table, key, kinds[0], target, environ=environ, optional=optional)


def _follow(
    table: Table, key: str, kind: str, target: str, *, environ: Mapping[str, str], optional: bool
) -> str | None:
    if kind == "file":
        return _content(table, key, Path(table.file).parent / target, named=target, optional=optional)
    value = environ.get(target, "")
    if not value:
        if not optional:
            table.problem(kind, f"{key}: the environment variable {target} is not set.")
        return None
    if kind == "env":
        return value
    if not Path(value).is_absolute():
        table.problem(kind, f"{key}: the environment variable {target} must hold an absolute path.")
        return None
    return _content(table, key, Path(value), named=f"named by {target}", optional=optional)


def _content(table: Table, key: str, path: Path, *, named: str, optional: bool) -> str | None:
    """A secret file's text without one trailing line end.

    Refuses a file others may read, unless all it holds is certificates: those are public.
    """
    try:
        status = path.stat()
        if status.st_size > SIZE_LIMIT:
            table.problem(None, f"{key}: the file {named} is larger than {SIZE_LIMIT // 1024} KiB.")
            return None
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if not optional:
            table.problem(None, f"{key}: the file {named} does not exist.")
        return None
    except OSError as error:
        table.problem(None, f"{key}: the file {named} cannot be read: {error.strerror}.")
        return None
    except UnicodeDecodeError:
        table.problem(None, f"{key}: the file {named} is not UTF-8 text.")
        return None
    if status.st_mode & stat.S_IROTH and not _public(text):
        table.problem(None, f"{key}: everybody on this machine may read the file {named}; make it mode 0600.")
        return None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        table.problem(None, f"{key}: the file {named} is empty.")
        return None
    return text


def _public(text: str) -> bool:
    labels = {line for line in text.splitlines() if line.startswith("-----BEGIN ")}
    return labels == {"-----BEGIN CERTIFICATE-----"}


def deep(owner: Table, key: str, environ: Environment) -> object:
    """An option as it stands, or what it refers to when it has the shape of a reference; None when that is absent."""
    value = owner.raw(key)
    return resolve(owner, key, environ, literal=True) if is_reference(value) else value
