"""What the hub costs before the first message: seconds until it listens, memory at rest."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Final

from benchmarks.hub import Hub

_STARTS: Final = 3
_REST: Final = 3.0


def measure(url: str, folder: Path, starts: int = _STARTS) -> dict[str, float]:
    """Median start in seconds and resident memory in MB (10^6 bytes) of the whole process tree, three seconds later."""
    hub = Hub(url, folder)
    seconds, memory = [], 0.0
    for _ in range(starts):
        seconds.append(hub.start())
        time.sleep(_REST)  # the point of the measure: it has nothing to do
        tree = [hub.process, *hub.process.children(recursive=True)]
        memory = max(memory, sum(process.memory_info().rss for process in tree) / 1e6)
        hub.stop()
    return {"start_seconds": round(statistics.median(seconds), 2), "idle_mb": round(memory, 1)}
