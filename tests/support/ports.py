"""Ports for programs that must be told theirs."""

from __future__ import annotations

import random
import socket

# Below the ports that Linux gives to whoever asks for any: between our look and the program's start nobody gets one.
_RANGE = (20_000, 32_000)
_dice = random.SystemRandom()  # not the seeded one, which would throw the same in every process


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    for _ in range(100):
        port = _dice.randrange(*_RANGE)
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    raise AssertionError("a hundred ports in a row are taken")
