"""The load generator as a test drives it: it outlives the hub, and knows what was acknowledged."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.hub import Hub
from tests.durability.book import Book

KILLS = int(os.environ.get("OFFICINA_KILLS") or 3)
ROOT = Path(__file__).parent.parent.parent


class Load:
    """The generator as a process of its own: it outlives the hub and keeps the journal of what was acknowledged."""

    def __init__(self, target: str, folder: Path) -> None:
        self._journal = folder / "journal.tsv"
        words = [
            "--connections",
            "16",
            "--retry",
            "--stop-on-stdin",
            "--timeout",
            "10",
            "--journal",
            str(self._journal),
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load", target, *words],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def stop(self) -> set[tuple[str, str]]:
        """(control id, placer number) of everything acknowledged with AA."""
        _, complaints = self._process.communicate("enough\n", timeout=60)
        assert self._process.returncode == 0, complaints
        lines = self._journal.read_text().splitlines()
        pairs = [line.split("\t")[:2] for line in lines]
        assert len({control_id for control_id, _ in pairs}) == len(pairs)
        return {(control_id, f"P{order}") for control_id, order in pairs}

    def end(self) -> None:
        """For a test that failed."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


@contextmanager
def load(hub: Hub, folder: Path) -> Iterator[Load]:
    generator = Load(hub.target, folder)
    try:
        yield generator
    finally:
        generator.end()


# These look again and again, because nothing else can tell: the hub is another process, on SQLite nobody is told of
# another's commit, and a hub that is being killed must not be asked. They decide when it is killed, not what is true.


def grown(book: Book, by: int, seconds: float = 60.0) -> None:
    """Waits until the book holds so many rows more."""
    wanted = book.last_id() + by
    deadline = time.monotonic() + seconds
    while book.last_id() < wanted:
        assert time.monotonic() < deadline, "the hub takes nothing in"
        time.sleep(0.002)


def drained(book: Book, seconds: float = 180.0) -> None:
    """Waits until everything is delivered."""
    deadline = time.monotonic() + seconds
    while book.queued():
        assert time.monotonic() < deadline, "the hub delivers nothing"
        time.sleep(0.05)
