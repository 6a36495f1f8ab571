"""What the console knows of the configuration: names of portals, procedures, fields and roles, and who the log is.

Rule of this file: values only; a name that is not configured any more is shown as its code.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from config.model import Named, Settings


@dataclass(frozen=True, slots=True)
class Facts:
    """Code -> name in both languages; of a role (procedure, role) -> name, because each procedure names its own.

    `origin` and `vkey`: the log's name and public key.
    """

    origin: str
    vkey: str
    portals: Mapping[str, Named]
    procedures: Mapping[str, Named]
    fields: Mapping[str, Named]
    roles: Mapping[tuple[str, str], Named]
    sources: tuple[str, ...]


def facts_of(settings: Settings, *, origin: str, vkey: str) -> Facts:
    """The facts of a configuration."""
    return Facts(
        origin=origin,
        vkey=vkey,
        portals={code: portal.name for code, portal in settings.portals.items()},
        procedures={code: procedure.name for code, procedure in settings.procedures.items()},
        fields={name: field.label for name, field in settings.fields.items()},
        roles={
            (code, name): role.label
            for code, procedure in settings.procedures.items()
            for name, role in procedure.roles.items()
        },
        sources=tuple(sorted(settings.sources)),
    )
