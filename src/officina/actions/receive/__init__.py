"""Receiving: one message, one transaction. Bytes, orders, events and deliveries commit together, then the answer."""

from officina.actions.receive.again import process_again
from officina.actions.receive.keep import Kept
from officina.actions.receive.reading import (
    Reading,
    Source,
    arrived,
    read,
    read_envelope,
    read_turned_away,
    travelling,
)
from officina.actions.receive.receive import Receive, Results
from officina.actions.receive.release import NOTHING, Released, release, try_out

__all__ = [
    "NOTHING",
    "Kept",
    "Reading",
    "Receive",
    "Released",
    "Results",
    "Source",
    "arrived",
    "process_again",
    "read",
    "read_envelope",
    "read_turned_away",
    "release",
    "travelling",
    "try_out",
]
