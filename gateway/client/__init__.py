"""The SDK: sign calls to a gateway, and believe only answers that prove themselves.

    GatewayClient     the calls of the API; every answer is verified before it is returned or raised
    GatewayAuth       only the signing, for an httpx client of your own
    Trust             the keys to believe, where they are pinned rather than fetched
    Answer, Receipt   what a call gives back, with what is needed to prove it later
    Deferred          what a call gives back that is answered later
    BatchLine         what became of one dossier of many
    InclusionProof    that the entry of a receipt is in the log, as `GatewayClient.prove` found it

    GatewayError      abstract
      Problem         the gateway refused or failed, and says why
      AnswerNotTrusted  something came back that is not proved to be the gateway's answer to this call
      Unreachable     nothing came back
      StillPending    a deferred answer was not found in the time given

Rule of this package: it needs `httpx` and `signing` and drags in nothing of the server.
"""

from gateway.client.answer import Answer, InclusionProof, Receipt
from gateway.client.auth import GatewayAuth
from gateway.client.batch import BatchLine
from gateway.client.calls import GatewayClient
from gateway.client.deferred import Deferred
from gateway.client.errors import AnswerNotTrusted, GatewayError, Problem, StillPending, Unreachable
from gateway.client.trust import Trust

__all__ = [
    "Answer",
    "AnswerNotTrusted",
    "BatchLine",
    "Deferred",
    "GatewayAuth",
    "GatewayClient",
    "GatewayError",
    "InclusionProof",
    "Problem",
    "Receipt",
    "StillPending",
    "Trust",
    "Unreachable",
]
