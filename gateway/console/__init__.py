"""The auditors' console: who asked what, about whom, why, and whether anything was removed. Its own process and port.

It reads the log through a connection that cannot change it, opens entries with the key ring, and has every view of
an auditor recorded by the gateway before it is shown. It can neither ask a registry nor sign.
"""
