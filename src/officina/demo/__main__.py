"""``python -m officina.demo [HOST:PORT]``: the simulated pharmacy as a program of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from officina.connectors.mllp_sender.client import Target
from officina.demo import pharmacy


def main() -> None:
    """Reads the command line and runs until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m officina.demo", description=pharmacy.__doc__)
    parser.add_argument("target", nargs="?", default="127.0.0.1:6000", help="HOST:PORT of the hub's listener")
    parser.add_argument("--seed", type=int, default=1, help="another seed tells another story")
    parser.add_argument("--pace", type=float, default=1.5, help="seconds between two messages")
    parser.add_argument("--burst", type=int, default=pharmacy.BURST, help="messages at the start without a pause")
    parser.add_argument("--count", type=int, default=None, help="stop after this many messages")
    asked = parser.parse_args()
    host, _, port = asked.target.rpartition(":")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(
            pharmacy.run(
                Target(host or "127.0.0.1", int(port)),
                seed=asked.seed,
                pace=asked.pace,
                burst=asked.burst,
                count=asked.count,
                say=lambda line: print(line, flush=True),
            )
        )


if __name__ == "__main__":
    main()
