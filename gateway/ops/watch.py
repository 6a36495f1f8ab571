"""Where the pipeline reports to: a metric and a log line for each call."""

from gateway import logs
from gateway.model import Call
from gateway.ops.metrics import CallMetrics


class Watch:
    """A `gateway.world.Observer`."""

    def __init__(self, metrics: CallMetrics) -> None:
        self._metrics = metrics

    def called(self, call: Call, agency: str, code: str, seconds: float) -> None:
        """A call ended."""
        self._metrics.called(call, agency, code, seconds)
        logs.line("call", operation=call.value, portal=agency or None, outcome=code, seconds=round(seconds, 6))

    def rejected(self, code: str) -> None:
        """A request ended before it reached the pipeline."""
        self._metrics.rejected(code)
        logs.line("rejected", outcome=code)

    def prefilled(self, procedure: str, total: int, filled: int) -> None:
        """A dossier was pre-filled."""
        self._metrics.prefilled(procedure, total, filled)

    def defect(self, error: BaseException, instance: str) -> None:
        """Something of ours broke."""
        known = logs.defect_of(error)
        self._metrics.defect(str(known["error"]))
        logs.line("defect", instance=instance or None, error=str(known["error"]), trace=" < ".join(known["trace"]))
