"""What happens to accounts and at the sign-in, as notices for the gateway's log.

    signed in, out, failed, locked out    an `inspected` entry
    accounts and their passwords          a `changed` entry

Rule of this file: pure. An unknown name that was tried is kept nowhere: people type passwords into the wrong field.
"""

from gateway.console.accounts.occurrences import Happening, Occurrence
from gateway.wire.notices import ChangedNotice, InspectedNotice, Notice

UNKNOWN = "unknown"
_AT_THE_DOOR = frozenset({Happening.SIGNED_IN, Happening.SIGN_IN_FAILED, Happening.SIGNED_OUT, Happening.LOCKED})


def notice(occurrence: Occurrence) -> Notice:
    """The notice of an occurrence."""
    if occurrence.action in _AT_THE_DOOR:
        who = occurrence.who
        return InspectedNotice(
            auditor=occurrence.account or UNKNOWN,
            role=who.role.value if who else UNKNOWN,
            scope=sorted(who.scope.portals or ()) if who else [],
            action=occurrence.action.value,
            about=dict(occurrence.detail),
        )
    detail = " ".join(f"{name}={value}" for name, value in sorted(occurrence.detail.items()))
    return ChangedNotice(
        by=occurrence.actor,
        what="auditor",
        name=occurrence.account,
        change=occurrence.action.value,
        detail=detail[:256],
    )
