"""The authentication of the population service: a hash over account, time and secret, made anew for each try.

Rule of this file: the hash does not cover the message, so it proves the account only. TLS protects the rest.
"""

import base64
import hashlib
from datetime import datetime

from adapters.population.profiles import Credentials, TimestampUnit


def headers(account: Credentials, *, auth_url: str, unit: TimestampUnit, at: datetime) -> dict[str, str]:
    """The HTTP headers of one try.

    hash = lower-hex SHA-256 of auth_url, user name, timestamp and secret, concatenated as UTF-8;
    `Authorization: Basic base64(user name ":" hash)`; `Timestamp` is epoch time in `unit`.
    """
    scale = 1000 if unit is TimestampUnit.MILLISECONDS else 1
    timestamp = str(int(at.timestamp() * scale))
    digest = hashlib.sha256(f"{auth_url}{account.username}{timestamp}{account.secret}".encode()).hexdigest()
    basic = base64.b64encode(f"{account.username}:{digest}".encode()).decode("ascii")
    made = {
        "Authorization": f"Basic {basic}",
        "Timestamp": timestamp,
        "SOAPAction": '""',
        "Content-Type": "application/xml",
    }
    if account.xroad_client is not None:
        made["X-Road-Client"] = account.xroad_client
    if account.api_key is not None:
        made["ApiKey"] = account.api_key
    return made
