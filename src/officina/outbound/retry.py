"""How long to wait before the next attempt. Pure: chance is passed in."""

from __future__ import annotations

from typing import NamedTuple

_JITTER = 0.2  # so that queues that failed together do not come back together


class Pace(NamedTuple):
    """``interval_s`` after the first failure; each further one waits ``factor`` times longer, at most ``most_s``."""

    interval_s: float
    factor: float = 1.0
    most_s: float = 3600.0


def wait_s(failures: int, pace: Pace, chance: float) -> float:
    """Seconds after so many failures in a row (from 1); ``chance`` from 0 to 1 spreads them by a fifth either way."""
    longer: float = pace.interval_s
    for _ in range(failures - 1):
        longer *= pace.factor
        if longer >= pace.most_s:
            break
    return min(longer, max(pace.most_s, pace.interval_s)) * (1 + _JITTER * (2 * chance - 1))
