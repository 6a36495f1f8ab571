"""The benchmark: signed calls through the gateway beside a plain client of the same registry, in one run.

    procfs    CPU time of a process
    people    whom is asked about
    calls     signed requests as bytes, made before they are needed
    load      sends them and measures
    direct    the plain zeep and httpx client, a process of its own
    metrics   what the access log says of itself
    rounds    the run: who takes turns, how often, how long
    figures   medians and ratios of the rounds
    table     the same for reading

Rule of this package: only figures of one run are compared, and the turns are interleaved.
"""
