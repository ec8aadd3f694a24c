"""``python -m tests.durability --rounds 50``: the kill tests with so many kills on each database."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import pytest


def main() -> int:
    """pytest's exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.durability", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50, help="kills on each database")
    os.environ["OFFICINA_KILLS"] = str(parser.parse_args().rounds)
    return int(pytest.main(["-v", "-p", "no:xdist", str(Path(__file__).parent)]))


if __name__ == "__main__":
    sys.exit(main())
