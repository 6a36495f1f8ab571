"""The national business register: look-ups of enterprises over the platforms' REST interface."""

from adapters.business.adapter import NEVER_ISSUED, BusinessAdapter, build

__all__ = ["NEVER_ISSUED", "BusinessAdapter", "build"]
