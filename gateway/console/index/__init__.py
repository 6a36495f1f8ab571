"""The console's index over the log: a cache of words and keyed tags, built by following the log, deleted without loss.

Rule of this package: nothing here decides what happened; the log does. What the index says is opened from the log
before it is believed. No officer, auditor, dossier or citizen stands in its file in clear.
"""
