"""Store-and-forward: what comes in goes out again, in order, to partners who acknowledge each message before the next.

The figures end at the partners: messages per second from the first that was sent in to the last that arrived, and how
long after its own acknowledgement a message is with the partner.
"""

from __future__ import annotations

import contextlib
import math
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import hub, intake
from benchmarks.databases import Database
from benchmarks.receiver import Receipt, Receiver

CONNECTIONS: Final = 64
RATE: Final = 500
ALIVE, DEAD = 45, 5
_WARMUP: Final = 2.0  # seconds, of a run with a given rate
_OFFERED: Final = 64  # connections of such a run: enough that one is always free

Figures = dict[str, Any]


def to_one(database: Database, folder: Path, count: int) -> Figures:
    """So many messages through the hub to one partner."""
    port = hub.free_port()
    with _receiver([port], folder) as receiver, hub.running(database.url, folder, [port]) as running:
        before = intake.cpu(running)
        began = time.monotonic()
        figures = _load(running.target, CONNECTIONS, folder, "--count", str(count))
        received = receiver.stop(count)
        spent = intake.cpu(running) - before
    _check(_accepted(folder), {port: received})
    return {**_rates(figures, received, began), "hub_cpu_us": round(spent / count * 1e6, 1)}


def backlog(database: Database, folder: Path, count: int) -> Figures:
    """So many messages that wait for a partner who then comes back; nothing comes in meanwhile."""
    port = hub.free_port()
    with hub.running(database.url, folder, [port]) as running:
        _load(running.target, CONNECTIONS, folder, "--count", str(count))
        with _receiver([port], folder) as receiver:
            received = receiver.stop(count)
    _check(_accepted(folder), {port: received})
    return {"rate": round(count / (received[-1].at - received[0].at), 1)}


def messagefoundry(folder: Path, count: int) -> Figures:
    """The same through the engine of the comparison."""
    port, partner = hub.free_port(), hub.free_port()
    command = intake.messagefoundry("messagefoundry_forward.py", folder)
    environment = {"PEER_PORT": str(port), "PARTNER_PORT": str(partner)}
    with _receiver([partner], folder) as receiver, intake.served(command, environment, folder, port):
        began = time.monotonic()
        figures = _load(f"127.0.0.1:{port}", CONNECTIONS, folder, "--count", str(count))
        received = receiver.stop(count)
    _check(_accepted(folder), {partner: received})
    return _rates(figures, received, began)


def at_a_rate(database: Database, folder: Path, seconds: float) -> Figures:
    """How long a message takes from its acknowledgement to the partner when RATE come in a second."""
    port = hub.free_port()
    with _receiver([port], folder) as receiver, hub.running(database.url, folder, [port]) as running:
        figures = _load(running.target, _OFFERED, folder, "--rate", str(RATE), "--seconds", str(seconds + _WARMUP))
        received = receiver.stop(figures["messages"])
    accepted = _accepted(folder)
    _check(accepted, {port: received})
    warm = min(accepted.values()) + _WARMUP
    waits = sorted(each.at - at for each in received if (at := accepted[each.control_id]) >= warm)

    def rank(share: float) -> float:
        return round(waits[math.ceil(len(waits) * share) - 1] * 1000, 3)

    return {"rate": figures["rate"], "p50": rank(0.50), "p95": rank(0.95), "p99": rank(0.99), "max": rank(1.0)}


def to_many(database: Database, folder: Path, count: int, dead: int) -> Figures:
    """So many messages to each of the partners who live, beside dead ones: some refuse, the others never answer."""
    ports = [hub.free_port() for _ in range(ALIVE)]
    with (
        _receiver(ports, folder) as receiver,
        _silent(dead // 2) as silent,
        hub.running(database.url, folder, [*silent, *range(1, 1 + dead - len(silent)), *ports]) as running,
    ):
        began = time.monotonic()
        figures = _load(running.target, CONNECTIONS, folder, "--count", str(count))
        received = receiver.stop(count * ALIVE)
    by_port: dict[int, list[Receipt]] = {port: [] for port in ports}
    for each in received:
        by_port[each.port].append(each)
    _check(_accepted(folder), by_port)
    orders = {tuple(each.control_id for each in found) for found in by_port.values()}
    if len(orders) != 1:
        raise RuntimeError("not every partner had the messages in the same order")
    return _rates(figures, received, began)


def _rates(figures: Figures, received: Sequence[Receipt], began: float) -> Figures:
    rate = round(len(received) / (max(each.at for each in received) - began), 1)
    return {"rate": rate, "received": len(received), "intake": figures["rate"], "intake_p99": figures["p99"]}


def _load(target: str, connections: int, folder: Path, *more: str) -> Figures:
    """One run of the generator that keeps a journal of what was accepted, and when."""
    journal = ("--journal", str(folder / "accepted.tsv"))
    figures = intake.load(target, connections, 0, warmup=0, more=(*more, *journal))
    if figures["errors"]:
        raise RuntimeError(f"not everything was accepted: {figures['errors']}")
    return figures


def _accepted(folder: Path) -> dict[str, float]:
    lines = [line.split("\t") for line in (folder / "accepted.tsv").read_text().splitlines()]
    return {control_id: float(at) for control_id, _, at in lines}


def _check(accepted: dict[str, float], received: dict[int, list[Receipt]]) -> None:
    """Every partner had everything once."""
    for port, found in received.items():
        if sorted(each.control_id for each in found) != sorted(accepted):
            raise RuntimeError(f"port {port} received {len(found)} messages of {len(accepted)}")


def _receiver(ports: list[int], folder: Path) -> Receiver:
    return Receiver(ports, folder / "received.tsv")


@contextlib.contextmanager
def _silent(count: int) -> Iterator[list[int]]:
    """Ports that take every call and never say a word."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        yield [each.getsockname()[1] for each in sockets]
