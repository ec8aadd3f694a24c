"""On what machine the figures were taken."""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from pathlib import Path

import psutil


def describe(folder: Path | None = None) -> dict[str, object]:
    """Cores, memory, kernel, Python, and what one small fsync costs where the databases lie."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "fsync_us": fsync_cost(folder or Path(tempfile.gettempdir())),
    }


def fsync_cost(folder: Path, rounds: int = 200) -> float:
    """Median microseconds of appending 8 kB to a file and fdatasync."""
    block = os.urandom(8192)
    spent = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(rounds):
            began = time.perf_counter()
            file.write(block)
            file.flush()
            os.fdatasync(file.fileno())
            spent.append(time.perf_counter() - began)
    return round(statistics.median(spent) * 1e6, 1)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
