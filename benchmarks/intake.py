"""Durable intake over MLLP: messages per second and latency, ours and the peers', with the same generator."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks import hub
from benchmarks.databases import Database

ROOT: Final = Path(__file__).parent.parent
PEERS: Final = ROOT / "benchmarks" / "peers"
PEER_PYTHON: Final = ROOT / ".venv-bench" / "bin" / "python"

Figures = dict[str, Any]


class Peer(NamedTuple):
    """Another server. ``engine``: an integration engine that acknowledges only what it has durably stored."""

    name: str
    key: str
    engine: bool = False
    reconnect: bool = False


ENGINE: Final = "MessageFoundry 0.2.1, SQLite FULL"
PEER_SERVERS: Final = (
    Peer(ENGINE, "messagefoundry", engine=True),
    Peer("PyPI hl7 server + SQLite FULL, a commit per message", "hl7_sqlite"),
    Peer("PyPI hl7 server, nothing stored", "hl7"),
    Peer("PyPI hl7apy MLLPServer, nothing stored", "hl7apy", reconnect=True),
)


def load(target: str, connections: int, seconds: float, *, warmup: float = 1.0, more: tuple[str, ...] = ()) -> Figures:
    """One run of the generator in a process of its own; see `benchmarks.load`. Raises when an answer was wrong."""
    command = [sys.executable, "-m", "benchmarks.load", target, "--connections", str(connections)]
    command += ["--seconds", str(seconds), "--warmup", str(warmup), *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the generator failed:\n{done.stderr[-2000:]}")
    figures: Figures = json.loads(done.stdout)
    return figures


def ours(database: Database, folder: Path, connections: tuple[int, ...], seconds: float) -> dict[int, Figures]:
    """The hub on a fresh database: every message makes an order, an event and a delivery row."""
    found = {}
    with hub.running(database.url, folder) as running:
        for count in connections:
            before = cpu(running)
            figures = load(running.target, count, seconds)
            if figures["errors"]:
                raise RuntimeError(f"{database.name}, {count} connections: {figures['errors']}")
            figures["hub_cpu_us"] = round((cpu(running) - before) / figures["with_warmup"] * 1e6, 1)
            found[count] = figures
    return found


def cpu(running: hub.Hub) -> float:
    """Seconds of processor time of the hub so far: the figure that other work on the machine disturbs least."""
    times = running.process.cpu_times()
    return float(times.user + times.system)


def peer(which: Peer, folder: Path, connections: tuple[int, ...], seconds: float) -> dict[int, Figures]:
    """A peer, started afresh."""
    port = hub.free_port()
    more = ("--reconnect",) if which.reconnect else ()
    with served(_command(which, port, folder), {"PEER_PORT": str(port)}, folder, port):
        return {
            count: load(f"127.0.0.1:{port}", count, seconds, warmup=0 if which.reconnect else 1.0, more=more)
            for count in connections
        }


def peers_installed() -> bool:
    """The peers' environment exists (`make bench` creates it from requirements/bench.txt)."""
    return PEER_PYTHON.exists()


def _command(which: Peer, port: int, folder: Path) -> list[str]:
    python = str(PEER_PYTHON)
    if which.key == "hl7":
        return [python, str(PEERS / "python_hl7.py"), str(port)]
    if which.key == "hl7_sqlite":
        return [python, str(PEERS / "python_hl7.py"), str(port), str(folder / "peer.db")]
    if which.key == "hl7apy":
        return [python, str(PEERS / "hl7apy_server.py"), str(port)]
    return messagefoundry("messagefoundry_feed.py", folder)


def messagefoundry(feed: str, folder: Path) -> list[str]:
    """The command that serves one of its configurations."""
    python = str(PEER_PYTHON)
    config = folder / "config"
    config.mkdir()
    shutil.copy(PEERS / feed, config / "feed.py")
    (folder / "settings.toml").write_text('[store]\nsynchronous = "full"\n', encoding="utf-8")
    words = ["--config", "config", "--service-config", "settings.toml", "--db", "peer.db", "--env", "dev"]
    return [python, "-m", "messagefoundry", "serve", *words, "--port", str(hub.free_port()), "--log-level", "ERROR"]


@contextlib.contextmanager
def served(command: list[str], environment: dict[str, str], folder: Path, port: int) -> Iterator[None]:
    """A peer that listens on the port, until the end of the block."""
    log_path = folder / "peer.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **environment}, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the peer does not listen:\n{log_path.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
