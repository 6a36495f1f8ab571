"""The table from the tax service's SOAP faults to what the gateway calls them (docs/tax-profile.md, "Faults").

Rule of this file: a fault is only ever a reason to have no answer. It is looked up whether it was signed or not, since
whoever could forge one could as well cut the line; nothing in it is read as data.
"""

from collections.abc import Mapping

from adapters.contract import AdapterError, Fault
from adapters.soap import SoapFault

# reason, and whether another try may help
_Row = tuple[Fault, str, bool]

_AUTHENTICATION: _Row = (Fault.REFUSED, "authentication_refused", False)
_SIGNATURE: _Row = (Fault.REFUSED, "signature_refused", False)
_CONTRACT: _Row = (Fault.GARBLED, "soap_contract", False)

# WS-Security 1.1 section 12, then the profile's own
SUBCODES: Mapping[str, _Row] = {
    "FailedAuthentication": _AUTHENTICATION,
    "InvalidSecurityToken": _AUTHENTICATION,
    "UnsupportedSecurityToken": _AUTHENTICATION,
    "SecurityTokenUnavailable": _AUTHENTICATION,
    "FailedCheck": _SIGNATURE,
    "InvalidSecurity": _SIGNATURE,
    "UnsupportedAlgorithm": _SIGNATURE,
    "MessageExpired": (Fault.REFUSED, "clock_refused", False),
    "KhongCoQuyen": (Fault.REFUSED, "permission_refused", False),
    "YeuCauTrungLap": (Fault.REFUSED, "request_replayed", False),
    "YeuCauSaiMau": (Fault.REFUSED, "request_refused", False),
    "QuaTai": (Fault.UNAVAILABLE, "source_busy", True),
}

# SOAP 1.2 part 1 section 5.4.6
CODES: Mapping[str, _Row] = {
    "Receiver": (Fault.UNAVAILABLE, "soap_receiver", True),
    "Sender": (Fault.GARBLED, "soap_sender", False),
    "VersionMismatch": _CONTRACT,
    "MustUnderstand": _CONTRACT,
    "DataEncodingUnknown": _CONTRACT,
}

UNKNOWN: _Row = (Fault.GARBLED, "soap_unknown", False)


def of(found: SoapFault) -> AdapterError:
    """The fault as the error to raise. A known subcode says more than the code, so it is looked up first."""
    row = SUBCODES.get(found.subcode or "") or CODES.get(found.code) or UNKNOWN
    fault, reason, retryable = row
    return AdapterError(fault, reason, retryable=retryable)
