"""How a call can end other than with an answer. The tree stands in `gateway.client`.

Rule of this file: texts hold codes and what the gateway wrote as `detail`, which never holds personal data. Addresses,
bodies and tokens stay out.
"""

# ruff: noqa: N818  # the names say what happened

from collections.abc import Mapping
from typing import Any


class GatewayError(Exception):
    """A call did not end with an answer. Abstract: one of its kinds is raised."""


class Problem(GatewayError):
    """The gateway's own, signed refusal or failure (contract section 7, RFC 9457).

    `fault` is caller, source or gateway. `retry_after`: seconds, where trying again can help. `errors`: what is wrong
    with the input, `{"pointer", "code", "detail"}` each. `entry`: the log entry that recorded it, if one did.
    """

    def __init__(self, status: int, document: Mapping[str, Any], *, retry_after: int | None, entry: int | None) -> None:
        self.status = status
        self.code = _text(document, "code")
        self.title = _text(document, "title")
        self.detail = _text(document, "detail")
        self.fault = _text(document, "fault")
        self.instance = _text(document, "instance")
        self.errors = tuple(e for e in _list(document, "errors") if isinstance(e, Mapping))
        self.document = dict(document)
        self.retry_after = retry_after
        self.entry = entry
        super().__init__(f"{status} {self.code}: {self.detail}")


class AnswerNotTrusted(GatewayError):
    """What came back is not proved to be the gateway's answer to this call. Do not use it.

    `code` is a reason of `signing.response`, or signature_missing, answer_malformed, receipt_untrusted,
    receipt_inconsistent, trust_malformed, audience_wrong, log_key_wrong; of a batch: stream_inconsistent,
    stream_truncated; of a proof: entry_missing, checkpoint_untrusted, proof_invalid, log_inconsistent. `status`: the
    HTTP status received. `evidence`: with log_inconsistent the two signed notes that were not shown to belong to one
    history. Keep them for the auditor.
    """

    def __init__(self, code: str, detail: str, *, status: int, evidence: tuple[str, ...] = ()) -> None:
        super().__init__(f"{code}: {detail} (HTTP status {status})")
        self.code = code
        self.detail = detail
        self.status = status
        self.evidence = evidence


class Unreachable(GatewayError):
    """No answer came: no connection, a broken one, or too late. Whether the call was carried out is not known.

    `code` is connection_failed or timed_out.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StillPending(GatewayError):
    """A deferred answer was not found in the time given. It can be asked for again: `job` names it."""

    def __init__(self, job: str) -> None:
        super().__init__("the deferred answer is still pending")
        self.job = job


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""


def _list(document: Mapping[str, Any], name: str) -> list[Any]:
    value = document.get(name)
    return value if isinstance(value, list) else []
