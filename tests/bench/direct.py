"""What a portal runs today: a plain zeep client over httpx, without signature, log, limits, retry or breaker.

`python -m tests.bench.direct SETTINGS`, where SETTINGS is JSON: `url` of the population mock, `wsdl`, the account
(`auth_url`, `username`, `secret`) and `people`. Each line on standard input asks for one turn, `{"service",
"concurrency", "seconds"}`; each line on standard output is what it gave. Everything zeep can do is used as its
documentation shows it: the WSDL read once, one client, one proxy, the answer parsed into typed objects.
"""

import asyncio
import base64
import hashlib
import itertools
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Generator
from typing import Any

import httpx
import uvloop
import zeep
import zeep.exceptions
from zeep.proxy import AsyncServiceProxy
from zeep.transports import AsyncTransport

LOOKUP, VERIFY = "TraCuuThongTinCongDan", "XacThucThongTinCongDan"
_CODES = {LOOKUP: "037", VERIFY: "003"}
_BINDING = "{http://dancuquocgia.bca}DanCuSoap"


class C06(httpx.Auth):
    """The population service's account: a hash over address, account, time and secret, new for each call."""

    def __init__(self, auth_url: str, username: str, secret: str) -> None:
        self._auth_url, self._username, self._secret = auth_url, username, secret

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The request with `Authorization` and `Timestamp`."""
        stamp = str(time.time_ns() // 1_000_000)
        hashed = hashlib.sha256(f"{self._auth_url}{self._username}{stamp}{self._secret}".encode()).hexdigest()
        request.headers["Authorization"] = f"Basic {base64.b64encode(f'{self._username}:{hashed}'.encode()).decode()}"
        request.headers["Timestamp"] = stamp
        request.headers["Content-Type"] = "application/xml"
        yield request


class Plain:
    """The client and the people it asks about."""

    def __init__(self, settings: dict[str, Any]) -> None:
        auth = C06(settings["auth_url"], settings["username"], settings["secret"])
        self._http = httpx.AsyncClient(auth=auth, timeout=30)
        transport = AsyncTransport(  # type: ignore[no-untyped-call]
            client=self._http, wsdl_client=httpx.Client()
        )
        client = zeep.AsyncClient(  # type: ignore[no-untyped-call]
            settings["wsdl"], transport=transport, settings=zeep.Settings(strict=True)
        )
        # zeep's create_service makes a synchronous proxy even for an asynchronous client
        self._service = AsyncServiceProxy(  # type: ignore[no-untyped-call]
            client, client.wsdl.bindings[_BINDING], address=settings["url"]
        )
        self._people = itertools.cycle(settings["people"])
        self._numbers = itertools.count(1)

    async def ask(self, service: str) -> bool:
        """One look-up or verification; whether the registry knew the person."""
        person = next(self._people)
        answer = await self._service[service](
            MaYeuCau=f"direct-{os.getpid()}-{next(self._numbers)}",
            MaDVC="H14-LT01",
            MaTichHop=_CODES[service],
            MaCanBo="officer-07",
            SoDinhDanh=person["personal_id"],
            HoVaTen=person["registry_name"],
            NgayThangNamSinh={"NgayThangNam": person["birth_date"].replace("-", "")},
        )
        if service == VERIFY:
            return int(answer) == 1
        return len(answer) == 1 and answer[0]["SoDinhDanh"] == person["personal_id"]

    async def turn(self, service: str, concurrency: int, seconds: float) -> dict[str, Any]:
        """One turn, and what it gave: calls, seconds, latencies, what went wrong."""
        latencies: list[float] = []
        wrong: Counter[str] = Counter()
        began = time.perf_counter()

        async def caller() -> None:
            while (asked := time.perf_counter()) < began + seconds:
                try:
                    known = await self.ask(service)
                except (httpx.HTTPError, zeep.exceptions.Error) as error:
                    wrong[type(error).__name__] += 1
                    continue
                if known:
                    latencies.append(time.perf_counter() - asked)
                else:
                    wrong["person unknown"] += 1

        await asyncio.gather(*(caller() for _ in range(concurrency)))
        taken = time.perf_counter() - began
        return {"calls": len(latencies), "seconds": taken, "latencies": latencies, "wrong": dict(wrong)}


def main() -> None:
    """Take turns until standard input ends."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        plain = Plain(json.loads(sys.argv[1]))
        for line in sys.stdin:
            wanted = json.loads(line)
            given = runner.run(plain.turn(wanted["service"], wanted["concurrency"], wanted["seconds"]))
            sys.stdout.write(json.dumps(given) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
