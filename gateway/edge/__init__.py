"""The edge: what a listening socket takes before any application sees a request.

    limits    how much and how long, each with its reason
    message   bytes of HTTP/1.1 that the edge itself prints
    cycle     one request on its way through the application
    protocol  READ FIRST: one connection

Rule of this package: it knows HTTP and refusals, nothing of calls, tokens or signatures. How a refusal looks on the
wire is given to it.
"""
