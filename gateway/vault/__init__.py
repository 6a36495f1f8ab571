"""The vault: what is kept of people for a while, sealed, found again by its name or by whom it is about.

    item.py      the values
    sealing.py   an item as bytes that only the gateways of one data folder can read
    vault.py     putting, finding, changing, erasing, over one store

Rule of this package: nothing is kept without an end, and everything about a subject can be found and erased.
"""

from gateway.vault.errors import VaultUnavailable, VaultUnreadable
from gateway.vault.item import Item, Space
from gateway.vault.vault import Vault

__all__ = ["Item", "Space", "Vault", "VaultUnavailable", "VaultUnreadable"]
