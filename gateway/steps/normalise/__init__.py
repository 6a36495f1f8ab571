"""Step 6: what the sources said, in one vocabulary, each value with its source and times.

Rule of this package: nothing is guessed. What cannot be read exactly is reduced (a date to its year), left out, or kept
as the registry wrote it, and a doubt says so.
"""

from gateway.steps.normalise.readings import normalise

__all__ = ["normalise"]
