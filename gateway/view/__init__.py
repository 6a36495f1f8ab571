"""The officer's view: a pre-filled dossier as one printable page (docs/preview.md).

    page.py     what the page says, from the answer's own JSON and the procedure's labels
    values.py   a value as people write it
    words.toml  its words, Vietnamese and English
    render.py   the page as HTML, with everything it needs in itself

Rule of this package: pure. It shows the document it is given and knows nothing else about anybody; everything is
escaped, nothing is loaded from elsewhere and nothing runs.
"""
