"""Cryptography of the exchange: request and response tokens, keys, digests, Merkle trees, signed notes,
signatures inside papers.

Knows nothing of people, registries or portals, imports none of our packages, reads no clock and no source of
randomness: times and nonces are arguments. The primitives are those of `cryptography` and PyJWT; what stands here is
which of them are allowed, and the exact bytes they are given. Papers are read by libraries that `signing.documents`
alone imports, and only when it is used.
"""
