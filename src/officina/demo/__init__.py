"""A simulated long-term-care pharmacy: the partner that `make demo` puts on the other end of the wire.

Everybody in here is invented. The room knows the wire and nothing of the hub behind it.
"""
