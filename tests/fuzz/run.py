"""Running many cases, in one process or several, with an eye on memory and on time."""

from __future__ import annotations

import faulthandler
import gc
import itertools
import multiprocessing
import os
import random
import time
import traceback
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tests.fuzz.case import try_case
from tests.fuzz.seeds import seeds

CHUNK = 1000
SLOW = 5.0  # seconds that no single case may take
HUNG = 60  # seconds after which the process says where it stands
GROWTH = 32 * 2**20  # bytes of memory that may be added once everything is warm


class Report(NamedTuple):
    """``failures``: (case number, traceback). ``growth``: bytes between the warm state and the end."""

    cases: int
    messages: int
    failures: tuple[tuple[int, str], ...]
    growth: int
    slowest: float

    @property
    def good(self) -> bool:
        return not self.failures and self.growth <= GROWTH and self.slowest <= SLOW


def dice_of(seed: int, number: int) -> random.Random:
    """The dice of one case: all that is needed to repeat it."""
    return random.Random(f"{seed}:{number}")


def resident() -> int:
    """Resident memory of this process in bytes."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def run(
    seed: int,
    numbers: range,
    *,
    inputs: Sequence[bytes] | None = None,
    most_failures: int = 10,
    tell: Callable[[str], None] = lambda line: None,
) -> Report:
    """Tries the numbered cases one after the other."""
    material = seeds() if inputs is None else inputs
    failures: list[tuple[int, str]] = []
    messages, slowest, warm = 0, 0.0, 0
    began = time.perf_counter()
    for count, number in enumerate(numbers, 1):
        if count % 50 == 1:
            faulthandler.dump_traceback_later(HUNG, exit=True)
        started = time.perf_counter()
        try:
            messages += try_case(material, dice_of(seed, number))
        except Exception:
            failures.append((number, traceback.format_exc()))
            if len(failures) >= most_failures:
                break
        slowest = max(slowest, time.perf_counter() - started)
        if count % CHUNK == 0:
            gc.collect()
            memory = resident()
            warm = warm or (memory if count >= min(5 * CHUNK, len(numbers) // 2) else 0)
            rate = count / (time.perf_counter() - began)
            tell(f"{count:,} cases, {messages:,} messages, {rate:,.0f}/s, {memory / 2**20:.0f} MiB")
            if warm and memory - warm > GROWTH:
                break
    faulthandler.cancel_dump_traceback_later()
    gc.collect()
    return Report(count, messages, tuple(failures), max(resident() - warm, 0) if warm else 0, slowest)


def _part(seed: int, first: int, last: int, results: multiprocessing.Queue[Report]) -> None:
    results.put(run(seed, range(first, last), tell=lambda line: print(f"[{first:,}…] {line}", flush=True)))


def run_parallel(seed: int, count: int, processes: int) -> list[Report]:
    """The cases 0 … count-1 over several processes."""
    results: multiprocessing.Queue[Report] = multiprocessing.Queue()
    bounds = [count * part // processes for part in range(processes + 1)]
    workers = [
        multiprocessing.Process(target=_part, args=(seed, first, last, results))
        for first, last in itertools.pairwise(bounds)
    ]
    for worker in workers:
        worker.start()
    reports = []
    for worker in workers:
        worker.join()
        reports.append(results.get(timeout=1) if worker.exitcode == 0 else _died(worker))
    return reports


def _died(worker: multiprocessing.Process) -> Report:
    return Report(0, 0, ((-1, f"a process ended with {worker.exitcode}: a case hung, or memory ran out"),), 0, 0.0)
