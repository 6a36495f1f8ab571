"""Extracts: what entries of the log say, in clear, as one file for people (CSV) or programs (JSON Lines).

    selection  which entries: the filter, and what it says about itself without naming a citizen
    walk       the entries of a log that fit, in order, in bounded memory
    sheet      an entry as a row of a spreadsheet
    state      how far a file has come, kept beside it
    writing    the file: begun, continued where it was broken off, finished once
    manifest   what the file is, for the gateway to sign
    checking   is this the file that was signed?

Rule of this package: it reads the log and writes one file, and nothing but the file holds what entries say. A citizen's
number that was searched for is in none of them.
"""
