"""The access log: who asked what, about whom, why, and what was answered. Nothing is imported here on purpose.

`events` are what happened, `entry` makes bytes of them, `log` makes the bytes durable, `check` proves it
without any of them.
"""
