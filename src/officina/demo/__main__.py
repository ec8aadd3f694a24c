"""``python -m officina.demo [HOST:PORT]``: the hub's simulated partners as a program of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from officina.connectors.mllp_sender.client import Target
from officina.demo import emar, pharmacy


def main() -> None:
    """Reads the command line and runs until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m officina.demo", description=pharmacy.__doc__)
    parser.add_argument("target", nargs="?", default="127.0.0.1:6000", help="HOST:PORT of the hub's listener")
    parser.add_argument("--seed", type=int, default=1, help="another seed tells another story")
    parser.add_argument("--pace", type=float, default=1.5, help="seconds between two messages")
    parser.add_argument("--burst", type=int, default=pharmacy.BURST, help="messages at the start without a pause")
    parser.add_argument("--count", type=int, default=None, help="stop after this many messages")
    parser.add_argument("--emar", metavar="HOST:PORT", default="", help="also be the homes' record, listening here")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(parser.parse_args()))


async def _run(asked: argparse.Namespace) -> None:
    record = asyncio.create_task(emar.serve(*_address(asked.emar))) if asked.emar else None
    await pharmacy.run(
        Target(*_address(asked.target)),
        seed=asked.seed,
        pace=asked.pace,
        burst=asked.burst,
        count=asked.count,
        say=lambda line: print(line, flush=True),
    )
    if record is not None:
        record.cancel()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host or "127.0.0.1", int(port)


if __name__ == "__main__":
    main()
