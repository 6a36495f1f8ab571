"""Exports an auditor asked for: written in the background, signed by the gateway, fetched by their owner alone.

    asking what may be asked for, and how far it has come
    job    what was asked for and how far it is, kept in a file beside what is written
    folder where they are
    pace   a reader that leaves the machine to the pages, and stops when it is told
    jobs   every export: begun, continued after a restart, sealed, removed in time

Rule of this package: a file can be fetched when its digest is in the log and its manifest is signed, not before. A
citizen's number is in none of the files about an export: who was searched for is keyed tags.
"""
