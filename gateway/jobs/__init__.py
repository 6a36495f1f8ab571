"""Deferred answers: what is kept of them, where, and who works on them. Nothing is imported here on purpose.

`content` is what a job is about, `sealing` makes unreadable bytes of it, `shelf` keeps the bytes in the store, `runner`
works on them in the background. What the work is stands in `gateway.deferral`.
"""
