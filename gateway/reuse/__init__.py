"""Reuse indicators: how far what the state already holds was used instead of asking the citizen, from the log alone.

    periods     months, quarters, years and days of Vietnam
    counting    what one entry of the log says about its dossier
    spool       a temporary file, so that any number of dossiers is counted in little memory
    reckoning   entries in, figures out: per portal, procedure and time, each dossier once
    indicators  the figures as indicators of Decision 766, with their formulas
    sheet       the figures as CSV and as JSON

Rule of this package: it reads opened entries and nothing else, so that an auditor who has the log arrives at the same
figures. What cannot be read is counted as such, never as zero. docs/reuse.md says what each figure means.
"""
