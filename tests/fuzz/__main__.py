"""``python -m tests.fuzz --count 1000000``: the long run; ``--seed S --case N`` repeats one case."""

from __future__ import annotations

import argparse
import random
import sys

from tests.fuzz.case import case_bytes, try_case
from tests.fuzz.run import Report, dice_of, run_parallel
from tests.fuzz.seeds import CORPORA, seeds


def _show(report: Report) -> None:
    for number, trace in report.failures:
        print(f"\ncase {number}:\n{trace}")
    if not report.good and not report.failures:
        print(f"memory grew by {report.growth / 2**20:.0f} MiB, the slowest case took {report.slowest:.1f} s")


def main() -> int:
    """0 when every case went well."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=15_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--case", type=int, default=None, help="only this case, of the given seed")
    asked = parser.parse_args()
    print(f"seed {asked.seed}; corpora {'used' if CORPORA.is_dir() else 'absent'}", flush=True)
    if asked.case is not None:
        material = seeds()
        print(repr(case_bytes(material, dice_of(asked.seed, asked.case))))
        try_case(material, dice_of(asked.seed, asked.case))
        return 0
    reports = run_parallel(asked.seed, asked.count, asked.processes)
    for report in reports:
        _show(report)
    cases, messages = sum(report.cases for report in reports), sum(report.messages for report in reports)
    failures = sum(len(report.failures) for report in reports)
    growth = max(report.growth for report in reports) / 2**20
    slowest = max(report.slowest for report in reports)
    print(f"{cases:,} cases, {messages:,} messages, {failures} failures, "
          f"memory +{growth:.0f} MiB, slowest case {slowest * 1000:.0f} ms, seed {asked.seed}")  # fmt: skip
    return 0 if all(report.good for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
