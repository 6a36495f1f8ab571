"""Where the pipeline and the jobs report to: a metric and a log line for each call and each job."""

from gateway import logs
from gateway.model import Call
from gateway.ops.metrics import CallMetrics, JobMetrics


class Watch:
    """A `gateway.world.Observer` and a `gateway.jobs.runner.Observer`."""

    def __init__(self, metrics: CallMetrics, jobs: JobMetrics) -> None:
        self._metrics, self._jobs = metrics, jobs

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

    def recalled(self, source: str, outcome: str) -> None:
        """What was kept of a source was looked at."""
        self._metrics.recalled(source, outcome)
        if outcome == "failed":
            logs.line("kept_answers_unavailable", source=source)

    def put_off(self, what: str, reason: str) -> None:
        """Something that is tidied up could not be now."""
        logs.line(what, outcome=reason)

    def defect(self, error: BaseException, instance: str) -> None:
        """Something of ours broke."""
        known = logs.defect_of(error)
        self._metrics.defect(str(known["error"]))
        logs.line("defect", instance=instance or None, error=str(known["error"]), trace=" < ".join(known["trace"]))

    def running(self, jobs: int) -> None:
        """So many jobs are worked on now."""
        self._jobs.running(jobs)

    def job_ended(self, call: Call, agency: str, code: str, seconds: float) -> None:
        """A job has its result."""
        self._jobs.ended(call, agency, code, seconds)
        logs.line("job", operation=call.value, portal=agency, outcome=code, seconds=round(seconds, 6))

    def jobs_unavailable(self) -> None:
        """The store of the jobs could not be read or written."""
        self._jobs.unavailable()
        logs.line("jobs_unavailable")
