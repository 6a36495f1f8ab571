"""Publishing a log that PostgreSQL keeps, written by two gateways at once."""

import asyncio
import os
from pathlib import Path

import pytest

from gateway.audit.keys import Places, open_signer
from gateway.audit.log import AccessLog
from gateway.audit.ring import KeyRing
from gateway.publish.ledger import Ledger
from gateway.publish.publisher import Publisher
from gateway.publish.settings import PublishSettings
from gateway.publish.state import Problem
from gateway.storage.opening import Location, open_store
from tests.gateway.audit.builders import ORIGIN, Seen, a_refusal
from tests.gateway.publish.builders import (
    WallClock,
    Watching,
    a_witness,
    an_authority,
    authority_app,
    log_vkey,
    served,
    witness_app,
)
from tests.helpers.postgres import GATEWAY, Server, as_role, fresh_database


@pytest.fixture
def database(server: Server) -> Location:
    """An empty store in PostgreSQL, with the rights of a gateway."""
    return Location(url=as_role(fresh_database(server), GATEWAY))


async def test_two_gateways_publish_what_both_write(tmp_path: Path, database: Location) -> None:
    """Every tree a witness hears of is one that stays; both gateways cover the newest in the end."""
    places = Places.under(tmp_path)
    places.store.parent.mkdir(parents=True)
    signer, clock = open_signer(places, ORIGIN), WallClock()
    seen = Watching(), Watching()
    async with served(witness_app(tmp_path, [log_vkey(tmp_path)])) as url, served(authority_app(tmp_path)) as tsa:
        settings = PublishSettings((a_witness(tmp_path, url),), (an_authority(tmp_path, tsa),), interval=0.01)
        logs: list[AccessLog] = []
        publishers: list[Publisher] = []
        for watching in seen:
            opened = AccessLog.open(
                open_store(database),
                signer,
                KeyRing(places.ring),
                origin=ORIGIN,
                now=clock,
                urandom=os.urandom,
                observe=Seen(),
            )
            logs.append(await opened)
            ledger = Ledger(open_store(database), signer.key)
            publishers.append(Publisher(ledger, settings, observe=watching, now=clock, spread=lambda: 0.5))
            publishers[-1].start()
        receipts = []
        for _ in range(20):
            receipts += await asyncio.gather(*(log.append(a_refusal()) for log in logs))
        size = max(receipt.index for receipt in receipts) + 1
        for watching in seen:
            await watching.covered(size)
            await watching.until(lambda state: state.size is not None, "tsa")
        for publisher in publishers:
            await publisher.close()
        for log in logs:
            await log.close()
    # a witness that the other moved on in each of a turn's tries is asked again
    assert {state.problem for watching in seen for state in watching.seen} <= {None, Problem.CONTENDED}
