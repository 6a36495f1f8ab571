"""The benchmark of a big log: the same questions to logs of three sizes, and how their times grow.

    country    portals, officers, dossiers, people and hours, each with few that are busy and many that are not
    calls      the events of a call, drawn from a seed
    writing    a log of a size: sealed by several processes, written by the log's own writer
    timing     a question asked again and again
    questions  what is asked of log and index
    stage      one size: written, indexed, asked
    table      the same for reading

Rule of this package: sizes are compared with each other in one run; no time is ever held against a limit.
"""
