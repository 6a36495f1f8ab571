"""`gateway store erase`: remove what is kept about one person, enterprise or taxpayer, also while gateways run.

An entry of the access log that it is done, found by whoever searches for the subject, is durable before anything goes.
The log itself keeps no personal data and is not touched.

Rule of this file: the number comes from standard input and is printed nowhere. Exit codes: 0 done, 2 not done.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from gateway.cli.settings import DEFAULT_CONFIG, Config

if TYPE_CHECKING:
    from gateway.model import Kind


def erase(
    *,
    kind: Annotated[str, typer.Option("--kind", help="person, enterprise or taxpayer.")],
    data_dir: Annotated[Path, typer.Option("--data-dir", help="The gateway's data folder.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Remove everything that is kept about somebody. The number is read from standard input."""
    from config.errors import ConfigError
    from gateway.audit.errors import KeyFileRefused
    from gateway.console.model import DoorClosed
    from gateway.model import Kind
    from gateway.objects.contract import ObjectsUnavailable
    from gateway.storage.contract import StoreUnavailable
    from gateway.vault import VaultUnavailable

    if kind not in set(Kind):
        _stop(f"--kind is one of: {', '.join(Kind)}.")
    if sys.stdin.isatty():
        print("Number: ", end="", file=sys.stderr, flush=True)
    # a number on the command line would be visible to every user of the machine
    number = _number(Kind(kind), sys.stdin.readline().strip())
    try:
        removed = asyncio.run(_erased(Kind(kind), number, data_dir, config))
    except ConfigError as error:
        _stop("\n".join(str(one) for one in error.problems))
    except DoorClosed as error:
        _stop(f"Nothing was erased, because it cannot be recorded: {error.reason}.")
    except (StoreUnavailable, VaultUnavailable, ObjectsUnavailable) as error:
        _stop(f"Not everything was erased; repeat it: {error.reason}.")
    except (KeyFileRefused, OSError) as error:
        _stop(f"Nothing was erased: {error}")
    for space, count in removed.items():
        print(f"{space}: {count} erased")


async def _erased(kind: "Kind", number: str, data_dir: Path, config: Path) -> Mapping[str, int]:
    from gateway.audit.events import Change, Changed, SubjectRef
    from gateway.cli.recording import actor, with_vault
    from gateway.objects.opening import open_objects
    from gateway.papers import erasure
    from gateway.vault import Space

    async with with_vault(data_dir, config) as (append, vault, settings):
        change = Change("kept", kind.value, "erased")
        await append(
            Changed(datetime.now(UTC), actor(), (change,), subjects=(SubjectRef("subject", kind.value, number),))
        )
        tags = [vault.tag(one, number) for one in _kinds(kind, number)]
        objects = open_objects(settings.objects, data_dir, urandom=os.urandom)
        try:
            documents = await erasure.erase(tags, vault=vault, objects=objects)
        finally:
            await objects.close()
        spaces = [space for space in Space if space is not Space.CONTENT]  # nothing about anybody
        removed = {space.value: await vault.erase(tags, [space]) for space in spaces}
        return {**removed, Space.DOCUMENT.value: documents}


def _kinds(kind: "Kind", number: str) -> tuple[str, ...]:
    """A person's number may be his tax code as well: who is erased is erased as both."""
    from gateway.model import Kind

    if kind is not Kind.ENTERPRISE and len(number) in (9, 12) and number.isdigit():
        return (Kind.PERSON.value, Kind.TAXPAYER.value)
    return (kind.value,)


def _number(kind: "Kind", written: str) -> str:
    from gateway.model import Kind
    from gateway.wire import identifiers

    checks = {
        Kind.PERSON: identifiers.personal_id,
        Kind.ENTERPRISE: identifiers.enterprise_code,
        Kind.TAXPAYER: identifiers.tax_code,
    }
    try:
        return checks[kind](written)
    except ValueError as error:
        _stop(f"The number on standard input cannot be used: {error}")


def _stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(2)
