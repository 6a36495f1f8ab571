"""Errors that portals find in a registry's data, queued for the registry and tracked (docs/corrections.md, ADR 28).

    report.py    the body of a report, and what may be reported
    record.py    a correction: what was reported, and every step since
    queue.py     putting, finding and changing them in the vault

Rule of this package: the gateway changes no registry's data and no answer. It carries the report to whoever owns the
data, seals it until then, and tells the portal what became of it.
"""
