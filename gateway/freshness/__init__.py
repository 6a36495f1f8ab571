"""Answers kept for a while, so that a registry is not asked again for what it has just said, and an outage hurts less.

    encoding.py   a registry's values as text and back, exactly
    record.py     what is kept of one subject at one source
    ages.py       how old it is, and whether the procedure lets it serve
    recall.py     a call's questions, less what is kept; and its readings, with what was kept in them
    turns.py      whose question is under way, for those who would ask the same
    memory.py     looking into the vault and keeping in it, never in the way of a call

Rule of this package: what is kept is judged by the policy of now, by the procedure of now, for the portal that asked.
"""
