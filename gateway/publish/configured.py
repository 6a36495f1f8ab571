"""Who vouches for the log, from what an operator wrote: keys, certificates and addresses that can be used."""

import config.running
from config.errors import ConfigError, Problem
from gateway.publish.settings import Authority, EndpointRefused, PublishSettings, Witness, read_roots
from signing.cosignatures import parse_witness_vkey
from signing.errors import SigningError


def publishing(settings: config.running.PublishSettings) -> PublishSettings:
    """Who vouches for the log. Raises `ConfigError` for a key, certificate or address that cannot be used."""
    wrong: list[Problem] = []
    witnesses: list[Witness] = []
    authorities: list[Authority] = []
    for one in settings.witnesses:
        try:
            witnesses.append(Witness(one.name, one.url, parse_witness_vkey(one.key)))
        except (EndpointRefused, SigningError) as error:
            wrong.append(Problem("gateway.toml", 1, f"The witness {one.name} cannot be used: {error}."))
    for stamping in settings.authorities:
        try:
            roots = read_roots(stamping.certificates)
            authorities.append(Authority(stamping.name, stamping.url, roots, stamping.every))
        except EndpointRefused as error:
            wrong.append(Problem("gateway.toml", 1, f"The authority {stamping.name} cannot be used: {error}."))
    try:
        vouching = PublishSettings(tuple(witnesses), tuple(authorities), settings.interval.total_seconds())
    except EndpointRefused as error:
        wrong.append(Problem("gateway.toml", 1, f"[publish]: {error}."))
    if wrong:
        raise ConfigError(tuple(wrong))
    return vouching
