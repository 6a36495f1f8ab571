"""How witnesses and time-stamping authorities fare, as the gateway's metrics say.

Rule of this file: what cannot be asked or read is None: nothing is known then, which is no good news and no bad news.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
from prometheus_client.parser import text_string_to_metric_families

_PATH = "/metrics"
_SECONDS = 3.0
_LONGEST = 8 << 20
_SUCCESS = "lienthong_publish_last_success_timestamp_seconds"
_COVERED = "lienthong_publish_covered_entries"
_PROBLEM = "lienthong_publish_problem"
_WENT_BACK = "lienthong_publish_went_back_total"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A witness or an authority. `kind`: witness, authority; `name`: of the configuration; `signer`: the name under
    which its signatures are in the store; `size`: entries its newest one covers; `problem`: a word of
    docs/witnesses.md, "" for none; `went_back`: times it had forgotten what it had cosigned."""

    kind: str
    name: str
    signer: str
    last: datetime | None
    size: int
    problem: str
    went_back: int = 0


@dataclass(slots=True)
class _Read:
    last: float = 0.0
    size: int = 0
    problem: str = ""
    went_back: int = field(default=0)


class Outside:
    """Asks the gateway whose operations port is at `url`. `signers`: configured name of a witness -> of its key."""

    def __init__(self, url: str, signers: Mapping[str, str]) -> None:
        self._url, self._signers = url.rstrip("/") + _PATH, signers

    async def endpoints(self) -> Sequence[Endpoint] | None:
        """Every endpoint the gateway knows; None when it cannot be asked."""
        try:
            async with httpx.AsyncClient(timeout=_SECONDS, trust_env=False) as client:
                answer = await client.get(self._url)
        except httpx.HTTPError:
            return None
        if answer.status_code != 200 or len(answer.content) > _LONGEST:
            return None
        try:
            return read(answer.text, self._signers)
        except ValueError:
            return None


def read(text: str, signers: Mapping[str, str]) -> Sequence[Endpoint]:
    """The endpoints in metrics in the text format of Prometheus, by kind and name. Raises ValueError."""
    found: dict[tuple[str, str], _Read] = {}
    back: dict[str, int] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == _WENT_BACK:
                back[sample.labels.get("name", "")] = int(sample.value)
            elif sample.name in (_SUCCESS, _COVERED, _PROBLEM):
                one = found.setdefault((sample.labels.get("kind", ""), sample.labels.get("name", "")), _Read())
                if sample.name == _SUCCESS:
                    one.last = sample.value
                elif sample.name == _COVERED:
                    one.size = int(sample.value)
                elif sample.value:
                    one.problem = sample.labels.get("problem", "")
    return [
        Endpoint(
            kind=kind,
            name=name,
            signer=signers.get(name, name) if kind == "witness" else name,
            last=datetime.fromtimestamp(one.last, UTC) if one.last else None,
            size=one.size,
            problem=one.problem,
            went_back=back.get(name, 0) if kind == "witness" else 0,
        )
        for (kind, name), one in sorted(found.items())
    ]
