"""Receiving: one message, one transaction. Bytes, orders, events and deliveries commit together, then the answer."""

from officina.actions.receive.keep import Kept
from officina.actions.receive.reading import Reading, Source, read, read_envelope, read_turned_away
from officina.actions.receive.receive import Receive, Results

__all__ = ["Kept", "Reading", "Receive", "Results", "Source", "read", "read_envelope", "read_turned_away"]
