"""What auditors review: samples that were drawn, and the marks they gave.

    values   samples, items and marks
    notes    what a reviewer may write, and what the log is told of it
    store    the file

Rule of this package: nothing that was written is ever changed or removed: who changes his mind adds a mark. Entries are
numbers here, never contents.
"""
