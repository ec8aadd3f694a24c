"""A short run of the fuzzer with a new seed each time; `make fuzz` is the long one."""

from __future__ import annotations

import os
import random

import pytest
from tests.fuzz.run import Report, run
from tests.fuzz.seeds import corpora, own

_COUNT = 5_000


def _seed() -> int:
    return int(os.environ.get("OFFICINA_FUZZ_SEED") or random.SystemRandom().randrange(10**9))


def _check(report: Report, seed: int) -> None:
    shown = "\n".join(f"python -m tests.fuzz --seed {seed} --case {number}\n{text}" for number, text in report.failures)
    assert not report.failures, shown
    assert report.good, f"seed {seed}: memory +{report.growth} bytes, slowest case {report.slowest} s"


@pytest.mark.parametrize("part", [0, 1, 2])
def test_no_exception_escapes_and_memory_stays_flat(part: int) -> None:
    """From MLLP bytes to the acknowledgement, over damaged messages of ours and of the corpora."""
    seed = _seed()
    report = run(seed, range(part * _COUNT, (part + 1) * _COUNT))
    _check(report, seed)
    assert report.messages > _COUNT / 2


def test_the_corpora_are_part_of_it() -> None:
    if not corpora():
        pytest.skip("the corpora are not here (OFFICINA_CORPORA): the fuzzer runs on our own samples alone")
    assert len(corpora()) > 500


def test_the_same_seed_repeats_the_same_run() -> None:
    assert run(11, range(200), inputs=own())[:3] == run(11, range(200), inputs=own())[:3]
