"""The log made known outside: cosignatures of witnesses (C2SP tlog-witness) and time-stamps (RFC 3161).

Always in the background: no call waits for anything here, and whatever is down is asked again until it is not.
"""
