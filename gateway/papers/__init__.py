"""The register of digitised documents: the fourth source, `documents`.

    calls.py      documents.register, documents.fetch, documents.revoke: their order of steps
    register.py   keeping a document, and what it replaces
    fetch.py      giving one out, checked
    offers.py     which documents of its subjects a dossier can have
    paper.py      a document as it is kept, and whether it counts now
    contents.py   keeping a content, so that none stays behind that no document names
    erasure.py    forgetting a subject's documents, contents included
    reaching.py   what cannot be reached, as the caller is told

Rule of this package: a document is given out only to a procedure that accepts its kind and names its holder.
"""
