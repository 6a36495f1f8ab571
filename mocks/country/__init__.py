"""The synthetic country: four pure functions from an identifier to a record, the same in every process."""

from mocks.country.citizens import person, person_by_old_id
from mocks.country.firms import enterprise
from mocks.country.revenue import taxpayer

__all__ = ["enterprise", "person", "person_by_old_id", "taxpayer"]
