"""The country in miniature: synthetic people and firms, and one server per national database on its real
wire.

Rule of this package: it imports nothing of the gateway and nothing of the adapters, so that both sides of a
wire are written from the registries' documents and neither from the other.
"""
