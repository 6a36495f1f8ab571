"""What the handlers share: the policy in force, the objects that act, and whether the gateway is stopping."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.audit.outlet import Outlet
from gateway.world import Policy, World


@dataclass(slots=True)
class State:
    """One per process. `policy` is swapped whole at a reload; the other members do not change but `draining`."""

    policy: Policy
    world: World
    body_bytes: int  # upper bound for one body, over all portals
    jwks: Mapping[str, Any]
    metadata: Mapping[str, Any]
    outlet: Outlet
    draining: bool = field(default=False)

    def instance(self) -> str:
        """A new identifier of one call, RFC 9562 in a URN."""
        return f"urn:uuid:{self.world.new_id()}"
