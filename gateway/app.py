"""The composition root: from settings to every object. Nothing else builds, nothing else reads configuration.

Start:   settings -> keys, adapters, log -> `Gateway` (state for the API, probes for the operations port)
Reload:  new settings -> a new `Policy`, and new adapters for the sources whose block changed; swapped whole
Stop:    drain -> adapters -> log
"""

import asyncio
import os
import random
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from adapters.contract import Adapter
from adapters.registry import BUILD
from adapters.settings import AdapterSettings, ProfileError
from config.errors import ConfigError, Problem
from config.model import Settings, SourceSettings
from gateway import changes, deferral, identity, logs, retention
from gateway.admission import Admission
from gateway.api import problems
from gateway.api.state import State
from gateway.audit import keys
from gateway.audit.errors import LogUnavailable
from gateway.audit.keyfiles import read_private, replace_private
from gateway.audit.log import AccessLog
from gateway.audit.outlet import Outlet
from gateway.audit.published import Published
from gateway.audit.ring import KeyRing
from gateway.examiner import Examiner
from gateway.freshness.turns import Turns
from gateway.jobs import sealing
from gateway.jobs.runner import Runner
from gateway.jobs.shelf import Shelf
from gateway.keeper import Keeper
from gateway.model import DOCUMENTS
from gateway.objects.opening import open_objects
from gateway.ops.app import Health, Probe
from gateway.ops.door import Door
from gateway.ops.metrics import CallMetrics, JobMetrics, LogMetrics, SourceMetrics
from gateway.ops.publish_metrics import PublishMetrics
from gateway.ops.watch import Watch
from gateway.papers import erasure
from gateway.papers import settings as papers
from gateway.papers.storage import Storage
from gateway.publish.configured import publishing
from gateway.publish.ledger import Ledger
from gateway.publish.publisher import Publisher
from gateway.shares import Shares
from gateway.steps.normalise.gazetteer import places
from gateway.steps.normalise.values import Vocabulary
from gateway.steps.verify import RegisteredKey
from gateway.storage import opening
from gateway.vault import Vault
from gateway.vault import vault as vaults
from gateway.vault.sealing import Sealer as VaultSealer
from gateway.view.render import sheet
from gateway.world import Policy, World
from signing import keys as signing_keys

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
        batch=settings.gateway.batch,
        preview_keep=settings.gateway.preview,
        corrections=settings.gateway.corrections,
        log_origin=settings.gateway.log_origin,
        profiles=settings.profiles,
        documents=settings.gateway.documents,
        kinds=papers.kinds(settings.codes),
        trust=papers.trust(settings.gateway.documents),
    )


def adapters(sources: Mapping[str, SourceSettings], metrics: SourceMetrics) -> dict[str, Adapter]:
    """One adapter per source. Raises `ConfigError` naming the line of every profile, option or credential at fault."""
    built: dict[str, Adapter] = {}
    wrong: list[Problem] = []
    for name, source in sources.items():
        try:
            built[name] = _adapter(source, metrics)
        except ProfileError as error:
            wrong.append(_problem(source, error))
    if wrong:
        raise ConfigError(tuple(wrong))
    return built


def misnamed(sources: Mapping[str, SourceSettings], metrics: SourceMetrics) -> list[Problem]:
    """The adapters and profiles there are none of: what can be told where options and credentials are not known."""
    found = []
    for source in sources.values():
        try:
            _adapter(source, metrics)
        except ProfileError as error:
            # an error with another key is about a value
            found += [_problem(source, error)] if error.key in (None, "adapter") else []
    return found


def _adapter(source: SourceSettings, metrics: SourceMetrics) -> Adapter:
    build = BUILD.get(source.adapter)
    if build is None:
        raise ProfileError(f"there is no adapter {source.adapter}; known are {', '.join(sorted(BUILD))}", key="adapter")
    return build(_adapter_settings(source), now=now, observe=metrics)


def _problem(source: SourceSettings, error: ProfileError) -> Problem:
    place = source.option_places.get(error.key or "profile", source.place)
    return Problem(place.file, place.line, str(error))


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
    door: Door
    keeper: Keeper
    publisher: Publisher

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
        self.state.world.shares.resize(settings.gateway.batch)
        self.state.body_bytes = settings.gateway.body_bytes
        self.state.policy = fresh_policy
        self.settings = settings
        return replaced

    async def note_changes(self) -> bool:
        """An entry of what changed since the configuration the log knows of. False when the log cannot take it now.

        What the log knows is kept beside it, and replaced only when the entry is durable: a change that could not be
        recorded is recorded next time.
        """
        loop = asyncio.get_running_loop()
        known = keys.Places.under(self.settings.gateway.data_dir).store.with_name("configuration.json")
        written = await loop.run_in_executor(None, lambda: read_private(known) if known.exists() else b"")
        before, objects = changes.load(written)
        after = changes.objects(self.settings)
        differences = changes.compare(objects, after)
        if not differences:
            return True
        try:
            await self.log.append(changes.changed(differences, before=before, after=self.settings.digest, at=now()))
        except LogUnavailable:
            return False
        await loop.run_in_executor(None, replace_private, known, changes.dump(self.settings.digest, after))
        return True

    def drain(self) -> None:
        """Take no more calls and no more jobs; `drained` waits for those under way."""
        self.state.draining = True
        self.state.world.runner.halt()

    async def close(self) -> None:
        """Let go of jobs, registries and the log, in this order: no call is under way any more."""
        await self.keeper.close()
        await self.publisher.close()
        await self.state.world.runner.close()
        for adapter in self.state.world.adapters.values():
            await adapter.close()
        await self.state.outlet.close()
        await self.state.world.jobs.close()
        await self.state.world.vault.close()
        await self.state.world.objects.close()
        self.state.world.examiner.close()
        await self.log.close()


# Who and where a gateway is: callers, answers under way and the log rely on it until the process ends.
_RESTART = ("public_url", "audience", "listen", "ops", "data_dir", "log_origin", "store", "publish", "objects")


def _refuse_restart(running: Settings, wanted: Settings) -> None:
    changed = [name for name in _RESTART if getattr(running.gateway, name) != getattr(wanted.gateway, name)]
    if changed:
        raise ConfigError((Problem("gateway.toml", 1, f"Restart the gateway to change: {', '.join(changed)}."),))


async def compose(settings: Settings, base_url: str) -> Gateway:
    """Build everything. Raises `ConfigError`, `KeyRefused`, `KeyFileRefused`, `LogBroken` or `LogUnavailable`."""
    registry = CollectorRegistry()
    log_metrics, source_metrics = LogMetrics(registry, time.monotonic), SourceMetrics(registry)
    data_dir = settings.gateway.data_dir
    signer = identity.gateway_signer(data_dir)
    ready = policy(settings, base_url)
    sources = adapters(settings.sources, source_metrics)
    for name in sources:
        source_metrics.known(name)
    held = keys.Places.under(data_dir)
    log_signer = keys.open_signer(held, settings.gateway.log_origin)
    jobs_key = sealing.open_key(data_dir / "keys" / "jobs-key", os.urandom)
    vault_key = vaults.open_key(data_dir / "keys" / "vault-key", os.urandom)
    objects = open_objects(settings.gateway.objects, data_dir, urandom=os.urandom)
    storage = Storage(objects, time.monotonic)
    vouching = publishing(settings.gateway.publish)
    location, ring = opening.parse_location(settings.gateway.store, held.store), KeyRing(held.ring)
    store = opening.open_store(location)
    log = await AccessLog.open(
        store,
        log_signer,
        ring,
        origin=settings.gateway.log_origin,
        now=now,
        urandom=os.urandom,
        observe=log_metrics,
    )
    admission, watch = Admission(settings.gateway.in_flight), Watch(CallMetrics(registry), JobMetrics(registry))
    # a writing connection of its own: a store belongs to one thread, and the log's thread is the log's
    shelf = Shelf(opening.open_job_store(location), sealing.Sealer(jobs_key, os.urandom), owner=new_id(), now=now)
    world = World(
        adapters=sources,
        log=log,
        signer=signer,
        admission=admission,
        shares=Shares(settings.gateway.batch),
        jobs=shelf,
        runner=Runner(shelf, admission=admission, observe=watch, clock=time.monotonic),
        vault=Vault(opening.open_vault_store(location), VaultSealer(vault_key, os.urandom), now=now),
        turns=Turns(),
        objects=objects,
        examiner=Examiner(),
        observe=watch,
        now=now,
        clock=time.monotonic,
        new_id=new_id,
        urandom=os.urandom,
        render=sheet,
        problem=problems.printed,
    )
    state = State(
        policy=ready,
        world=world,
        body_bytes=settings.gateway.body_bytes,
        jwks=identity.jwks(signer, data_dir),
        metadata=identity.metadata(ready, settings.gateway.log_origin, log_signer.vkey),
        outlet=Outlet(Published(store.reader(), log_signer.key)),
    )
    health = Health(
        needed={"log": _log_probe(log, log_metrics), "draining": _drain_probe(state)},
        shown={**{name: _source_probe(source_metrics, name) for name in settings.sources}, DOCUMENTS: storage.probe},
    )
    world.runner.start(lambda job: deferral.work(job, state.policy, state.world), keep=lambda: state.policy.jobs.keep)
    await storage.probe()  # known before the first call; the gateway starts all the same

    manifests = identity.manifest_signer(signer, ready.audience, now=now, new_id=new_id)
    composed = Gateway(
        state=state,
        health=health,
        registry=registry,
        settings=settings,
        log=log,
        log_vkey=log_signer.vkey,
        source_metrics=source_metrics,
        door=Door(log, identity.console_secret(data_dir), manifests, now),
        keeper=Keeper(
            log,
            erase=lambda: retention.erase(log, ring, composed.settings.gateway.retention, now),
            sweep=lambda: erasure.tidy(world),
            now=now,
            report=lambda word, count: logs.line(word, count=count),
        ),
        publisher=Publisher(
            Ledger(opening.open_store(location), log_signer.key),
            vouching,
            observe=PublishMetrics(registry, watch.defect),
            now=now,
            spread=random.SystemRandom().random,
        ),
    )
    return composed


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
