"""Receiving: one message, one transaction. Bytes, orders, events and deliveries commit together, then the answer."""

from officina.actions.receive.again import SAYS_NOTHING, process_again
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
from officina.actions.receive.rehearse import Candidate, Rehearsal, Tried, compare, with_outcomes
from officina.actions.receive.release import NOTHING, Released, release, try_each, try_out
from officina.actions.receive.stated import Stated, stated

__all__ = [
    "NOTHING",
    "SAYS_NOTHING",
    "Candidate",
    "Kept",
    "Reading",
    "Receive",
    "Rehearsal",
    "Released",
    "Results",
    "Source",
    "Stated",
    "Tried",
    "arrived",
    "compare",
    "process_again",
    "read",
    "read_envelope",
    "read_turned_away",
    "release",
    "stated",
    "travelling",
    "try_each",
    "try_out",
    "with_outcomes",
]
