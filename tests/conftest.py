"""Settings for every test.

Properties are tried with the same examples each time, and without a time limit: a busy machine or a lucky draw must not
decide whether a change lands. `pytest --hypothesis-profile=default` looks further.
"""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")
