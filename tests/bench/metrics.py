"""What the access log says of its batches, from the operations port."""

import re
import urllib.request
from dataclasses import dataclass

_SAMPLE = re.compile(r"^(lienthong_log_(?:batch_entries|commit_seconds)_(?:sum|count)) (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LogCount:
    """Totals since the gateway started."""

    entries: float
    batches: float
    seconds: float

    def since(self, earlier: "LogCount") -> "LogCount":
        """What was added since an earlier count."""
        return LogCount(self.entries - earlier.entries, self.batches - earlier.batches, self.seconds - earlier.seconds)

    @property
    def entries_per_batch(self) -> float:
        """The mean size of a batch; 0 when there was none."""
        return self.entries / self.batches if self.batches else 0.0

    @property
    def commit_seconds(self) -> float:
        """The mean time a batch took to become durable; 0 when there was none."""
        return self.seconds / self.batches if self.batches else 0.0


def read(ops_url: str) -> LogCount:
    """The totals now."""
    with urllib.request.urlopen(f"{ops_url}/metrics", timeout=10) as answer:
        return parsed(answer.read().decode("utf-8"))


def parsed(text: str) -> LogCount:
    """The totals in a page of metrics. Raises KeyError when the log's metrics are not there."""
    found = {name: float(value) for name, value in _SAMPLE.findall(text)}
    return LogCount(
        entries=found["lienthong_log_batch_entries_sum"],
        batches=found["lienthong_log_batch_entries_count"],
        seconds=found["lienthong_log_commit_seconds_sum"],
    )
