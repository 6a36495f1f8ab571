"""The composition root: from settings to every object. Nothing else builds, nothing else reads configuration.

Start:   settings -> keys, adapters, log -> `Gateway` (state for the API, probes for the operations port)
Reload:  new settings -> a new `Policy`, and new adapters for the sources whose block changed; swapped whole
Stop:    drain -> adapters -> log
"""

import asyncio
import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry

from adapters.contract import Adapter
from adapters.registry import BUILD
from adapters.settings import AdapterSettings, ProfileError
from config.errors import ConfigError, Problem
from config.model import Settings, SourceSettings
from gateway import deferral
from gateway.admission import Admission
from gateway.api import log as public_log
from gateway.api import problems
from gateway.api.state import State
from gateway.audit import epoch, keys
from gateway.audit.keyfiles import create_once
from gateway.audit.log import AccessLog
from gateway.audit.outlet import Outlet
from gateway.audit.published import Published
from gateway.jobs import sealing
from gateway.jobs.runner import Runner
from gateway.jobs.shelf import Shelf
from gateway.ops.app import Health, Probe
from gateway.ops.metrics import CallMetrics, JobMetrics, LogMetrics, SourceMetrics
from gateway.ops.watch import Watch
from gateway.steps import verify
from gateway.steps.normalise.gazetteer import places
from gateway.steps.normalise.values import Vocabulary
from gateway.steps.verify import RegisteredKey
from gateway.storage.sqlite import SqliteStore
from gateway.world import Policy, World
from signing import algorithms, jwk, response
from signing import keys as signing_keys
from signing.thumbprint import thumbprint

# A gateway whose log failed is not ready; it is asked again after this many seconds, since only traffic can show that
# the log has recovered.
_LOG_DOUBT_SECONDS = 10.0


def now() -> datetime:
    """The clock of the whole gateway."""
    return datetime.now(UTC)


def new_id() -> str:
    """A random identifier: of a call, a question, a response token. RFC 9562 version 4."""
    return str(uuid.uuid4())


def policy(settings: Settings, base_url: str) -> Policy:
    """What the operator decided, ready for the pipeline. Raises `signing.errors.KeyRefused` for a bad public key."""
    registered = {
        key.kid: RegisteredKey(
            agency=portal.agency,
            alg=key.alg,
            public_key=signing_keys.parse_public(key.pem, key.alg),
            not_before=key.not_before,
            not_after=key.not_after,
            revoked_at=key.revoked_at,
            suspended=portal.suspended,
            sandbox=portal.sandbox,
        )
        for portal in settings.portals.values()
        for key in portal.keys
    }
    return Policy(
        base_url=base_url,
        audience=settings.gateway.audience or base_url,
        keys=registered,
        portals=settings.portals,
        procedures=settings.procedures,
        fields=settings.fields,
        field_sources={name: spec.source for name, spec in settings.fields.items()},
        vocabulary=Vocabulary(settings.codes, places(settings.territory)),
        deadline=settings.gateway.deadline.total_seconds(),
        deadlines={name: source.deadline.total_seconds() for name, source in settings.sources.items()},
        configuration=settings.digest,
        jobs=settings.gateway.jobs,
    )


def adapters(sources: Mapping[str, SourceSettings], metrics: SourceMetrics) -> dict[str, Adapter]:
    """One adapter per source. Raises `ConfigError` naming the line of every profile, option or credential at fault."""
    built: dict[str, Adapter] = {}
    wrong: list[Problem] = []
    for name, source in sources.items():
        build = BUILD.get(source.adapter)
        if build is None:
            known = ", ".join(sorted(BUILD))
            wrong.append(_problem(source, "adapter", f"there is no adapter {source.adapter}; known are {known}"))
            continue
        try:
            built[name] = build(_adapter_settings(source), now=now, observe=metrics)
        except ProfileError as error:
            wrong.append(_problem(source, error.key, str(error)))
    if wrong:
        raise ConfigError(tuple(wrong))
    return built


def _problem(source: SourceSettings, key: str | None, sentence: str) -> Problem:
    place = source.option_places.get(key or "profile", source.place)
    return Problem(place.file, place.line, sentence)


def _adapter_settings(source: SourceSettings) -> AdapterSettings:
    return AdapterSettings(
        source=source.name,
        profile=source.profile,
        url=source.url,
        attempts=source.attempts,
        concurrency=source.concurrency,
        queue=source.queue,
        breaker_failures=source.breaker_failures,
        breaker_pause=source.breaker_pause,
        max_bytes=source.max_bytes,
        options=source.options,
        credentials=source.credentials,
    )


@dataclass(slots=True)
class Gateway:
    """A composed gateway. `state` belongs to the API; `health` and `registry` to the operations port."""

    state: State
    health: Health
    registry: CollectorRegistry
    settings: Settings
    log: AccessLog
    log_vkey: str
    source_metrics: SourceMetrics

    def reload(self, settings: Settings) -> list[Adapter]:
        """Take new settings. Returns the adapters that were replaced, to be closed once their calls have ended.

        Raises `ConfigError` or `KeyRefused` and changes nothing. What a running gateway cannot change is refused: see
        `_RESTART`.
        """
        _refuse_restart(self.settings, settings)
        fresh_policy = policy(settings, self.state.policy.base_url)
        changed = {
            name: source for name, source in settings.sources.items() if self.settings.sources.get(name) != source
        }
        built = adapters(changed, self.source_metrics)
        current = self.state.world.adapters
        kept = {name: current[name] for name in settings.sources if name not in built}
        replaced = [adapter for name, adapter in current.items() if name not in kept]
        for name in built:
            self.source_metrics.known(name)
        self.state.world = replace(self.state.world, adapters={**kept, **built})
        self.state.world.admission.resize(settings.gateway.in_flight, settings.portals.keys())
        self.state.body_bytes = settings.gateway.body_bytes
        self.state.policy = fresh_policy
        self.settings = settings
        return replaced

    def drain(self) -> None:
        """Take no more calls and no more jobs; `drained` waits for those under way."""
        self.state.draining = True
        self.state.world.runner.halt()

    async def close(self) -> None:
        """Let go of jobs, registries and the log, in this order: no call is under way any more."""
        await self.state.world.runner.close()
        for adapter in self.state.world.adapters.values():
            await adapter.close()
        await self.state.outlet.close()
        await self.state.world.jobs.close()
        await self.log.close()


# Who and where a gateway is: callers, answers under way and the log rely on it until the process ends.
_RESTART = ("public_url", "audience", "listen", "ops", "data_dir", "log_origin")


def _refuse_restart(running: Settings, wanted: Settings) -> None:
    changed = [name for name in _RESTART if getattr(running.gateway, name) != getattr(wanted.gateway, name)]
    if changed:
        raise ConfigError((Problem("gateway.toml", 1, f"Restart the gateway to change: {', '.join(changed)}."),))


async def compose(settings: Settings, base_url: str) -> Gateway:
    """Build everything. Raises `ConfigError`, `KeyRefused`, `KeyFileRefused`, `LogBroken` or `LogUnavailable`."""
    registry = CollectorRegistry()
    log_metrics, source_metrics = LogMetrics(registry, time.monotonic), SourceMetrics(registry)
    data_dir = settings.gateway.data_dir
    signer = gateway_signer(data_dir)
    ready = policy(settings, base_url)
    sources = adapters(settings.sources, source_metrics)
    for name in sources:
        source_metrics.known(name)
    held = keys.Places.under(data_dir)
    log_signer = keys.open_signer(held, settings.gateway.log_origin)
    jobs_key = sealing.open_key(data_dir / "keys" / "jobs-key", os.urandom)
    store = SqliteStore(held.store)
    log = await AccessLog.open(
        store,
        log_signer,
        epoch.open_epoch(held.epoch, urandom=os.urandom, at=now()),
        origin=settings.gateway.log_origin,
        now=now,
        urandom=os.urandom,
        observe=log_metrics,
    )
    admission, watch = Admission(settings.gateway.in_flight), Watch(CallMetrics(registry), JobMetrics(registry))
    # a writing connection of its own: a store belongs to one thread, and the log's thread is the log's
    shelf = Shelf(SqliteStore(held.store), sealing.Sealer(jobs_key, os.urandom), owner=new_id(), now=now)
    world = World(
        adapters=sources,
        log=log,
        signer=signer,
        admission=admission,
        jobs=shelf,
        runner=Runner(shelf, admission=admission, observe=watch, clock=time.monotonic),
        observe=watch,
        now=now,
        clock=time.monotonic,
        new_id=new_id,
        problem=problems.printed,
    )
    state = State(
        policy=ready,
        world=world,
        body_bytes=settings.gateway.body_bytes,
        jwks=jwks(signer, data_dir),
        metadata=metadata(ready, settings.gateway.log_origin, log_signer.vkey),
        outlet=Outlet(Published(store.reader(), log_signer.key)),
    )
    health = Health(
        needed={"log": _log_probe(log, log_metrics), "draining": _drain_probe(state)},
        shown={name: _source_probe(source_metrics, name) for name in settings.sources},
    )
    world.runner.start(lambda job: deferral.work(job, state.policy, state.world), keep=lambda: state.policy.jobs.keep)
    return Gateway(state, health, registry, settings, log, log_signer.vkey, source_metrics)


def gateway_signer(data_dir: Path) -> signing_keys.KeySigner:
    """The key the gateway signs answers with: `<data dir>/keys/gateway-key.pem`, made at the first start.

    ES256: verifying and signing it costs the least of the three algorithms. Two processes on one data folder share it.
    """
    path = data_dir / "keys" / "gateway-key.pem"
    if not path.exists():
        create_once(path, signing_keys.private_pem(algorithms.generate("ES256")), private=True)
    return signing_keys.load_signer(path)


def jwks(signer: signing_keys.KeySigner, data_dir: Path) -> Mapping[str, object]:
    """The published key set: the key in use, and retired ones (`<data dir>/keys/retired/*.pem`, public keys).

    A retired key stays published for as long as answers signed with it are to be checked.
    """
    published = jwk.to_jwks([signer])
    for path in sorted((data_dir / "keys" / "retired").glob("*.pem")):
        key = signing_keys.parse_public(path.read_bytes(), "ES256")
        published["keys"].append(jwk.to_jwk(key, kid=thumbprint(key), alg="ES256"))
    return published


def metadata(ready: Policy, origin: str, vkey: str) -> Mapping[str, object]:
    """The document at `/.well-known/gateway`: where things are and how to address this gateway."""
    base = ready.base_url
    return {
        "issuer": ready.audience,
        "base_url": base,
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "openapi": f"{base}/openapi.json",
        "docs": f"{base}/docs",
        "problems": f"{base}/problems",
        "log": {"origin": origin, "public_key": vkey, **public_log.addresses(base)},
        "algorithms": list(algorithms.NAMES),
        "token": {
            "typ": verify.REQUEST_TYPE,
            "max_lifetime": int(verify.MAX_LIFETIME.total_seconds()),
            "clock_tolerance": int(verify.TOLERANCE.total_seconds()),
        },
        "response": {"typ": response.TYPE, "header": response.HEADER},
    }


def _log_probe(log: AccessLog, metrics: LogMetrics) -> Probe:
    async def probe() -> str | None:
        if not log.healthy:
            return "broken"
        failing = metrics.failing_for()
        return "failing" if failing is not None and failing < _LOG_DOUBT_SECONDS else None

    return probe


def _drain_probe(state: State) -> Probe:
    async def probe() -> str | None:
        return "draining" if state.draining else None

    return probe


def _source_probe(metrics: SourceMetrics, name: str) -> Probe:
    async def probe() -> str | None:
        return None if metrics.state_of(name) == "closed" else f"breaker_{metrics.state_of(name)}"

    return probe


async def drained(state: State, seconds: float) -> bool:
    """Wait until no call is under way, at most `seconds`. Whether all ended in time."""
    ends = time.monotonic() + seconds
    while state.world.admission.under_way:
        if time.monotonic() >= ends:
            return False
        await asyncio.sleep(0.02)
    return True
