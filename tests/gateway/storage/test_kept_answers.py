"""Kept answers as replicas on one store share them, on each engine."""

from dataclasses import replace
from datetime import timedelta

from adapters.contract import Answer, Operation, Purpose, Question
from adapters.values import RawText
from config.model import AgeLimit, Freshness
from gateway.freshness.memory import Memory
from gateway.freshness.turns import Turns
from gateway.steps.plan import Planned
from gateway.storage.opening import open_vault_store
from gateway.vault import Space, Vault
from tests.gateway.jobs.builders import Clock
from tests.gateway.storage.conftest import Place
from tests.gateway.vault.builders import sealer
from tests.helpers import builders
from tests.helpers.builders import IDENTIFIERS

NAME, SEX = "person.full_name", "person.sex"
PROCEDURE = replace(
    builders.procedure(),
    freshness=Freshness("procedure", dict.fromkeys((NAME, SEX), AgeLimit(timedelta(hours=1), timedelta(hours=2)))),
)


async def test_what_one_replica_kept_the_other_uses_until_it_ends(place: Place) -> None:
    """A hit across processes; asked anew after its age; gone after the outage limit; gone when erased."""
    clock, said = Clock(), list[str]()
    vaults = [Vault(open_vault_store(place.location), sealer(), now=clock) for _ in range(2)]
    one, two = (
        Memory(
            vault,
            Turns(),
            builders.caller(),
            procedure=PROCEDURE,
            fields=builders.fields(),
            now=clock,
            observe=lambda _, word: said.append(word),
        )
        for vault in vaults
    )
    purpose = Purpose("H14", "officer", builders.PROCEDURE, "d", "r")
    person = IDENTIFIERS[next(iter(IDENTIFIERS))]
    asked = [Planned(Question("population", Operation.LOOKUP, person, frozenset({NAME, SEX}), purpose), ("applicant",))]
    try:
        await vaults[0].sweep()  # the first to write makes the tables of the embedded store
        async with one.recalled(asked, patience=1) as recalled:
            answer = Answer("population", True, clock(), {NAME: RawText("x")})
            await one.keep(recalled, one.joined(recalled, [answer]))
        async with two.recalled(asked, patience=1) as (known,):
            assert known.rest is None
        clock.advance(3601)
        async with two.recalled(asked, patience=1) as (older,):
            assert (older.rest, len(older.record.fields)) == (asked[0], 2)
        tag = vaults[0].tag("person", person["personal_id"])
        assert await vaults[1].erase([tag], [Space.ANSWER]) == 1
        async with one.recalled(asked, patience=1) as (gone,):
            assert not gone.record.fields
        assert said == ["miss", "hit", "miss", "miss"]
    finally:
        for vault in vaults:
            await vault.close()
