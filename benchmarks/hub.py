"""The hub as its own process, as a site would start it: `officina migrate`, `apply`, `serve`."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import psutil

_OFFICINA: Final = str(Path(sys.executable).with_name("officina"))
_PATIENCE: Final = 30.0

_SITE: Final = """\
[[place]]
code = "BENCH"
kind = "organisation"
name = "Bench"

[[place]]
code = "OAK"
kind = "facility"
name = "Oakwood House"
parent = "BENCH"

[[code_map]]
code = "OAK01"
place = "OAK"

[[connector]]
name = "load"
kind = "mllp_listener"
profile = "hl7"
settings = {{ host = "127.0.0.1", port = {port} }}
"""
_PARTNER: Final = """
[[connector]]
name = "partner {number}"
kind = "mllp_sender"
state = "{state}"
settings = {{ host = "127.0.0.1", port = {port}, retry_interval_s = 0.2, retry_most_s = 1 }}

[[subscription]]
name = "orders for partner {number}"
event = "order.*"
connector = "partner {number}"
payload = "{payload}"
"""
_NOBODY: Final = 1  # a port on which nobody listens


def site(port: int, partners: Sequence[int], payload: str = "source") -> str:
    """A site that listens on a port and passes everything on to the partners who listen on theirs.

    Without partners the messages wait for one who is suspended.
    """
    ports, state = (partners, "active") if partners else ([_NOBODY], "suspended")
    sending = [
        _PARTNER.format(number=number, port=each, state=state, payload=payload) for number, each in enumerate(ports, 1)
    ]
    return _SITE.format(port=port) + "".join(sending)


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Hub:
    """One database and the process that serves it; the process may come and go."""

    def __init__(self, url: str, folder: Path, partners: Sequence[int] = (), payload: str = "source") -> None:
        self.port = free_port()
        self.web_port = free_port()
        self.log = folder / "hub.log"
        self._environment = {
            **os.environ,
            "OFFICINA_DATABASE_URL": url,
            "OFFICINA_WEB_PORT": str(self.web_port),
            "OFFICINA_NAME": "bench",
        }
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        path = folder / "site.toml"
        path.write_text(site(self.port, partners, payload), encoding="utf-8")
        self._command("migrate")
        self._command("apply", str(path))

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def process(self) -> psutil.Process:
        """The running hub."""
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def start(self) -> float:
        """Starts the hub; returns the seconds until it accepts HL7 and web connections."""
        began = time.perf_counter()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [_OFFICINA, "serve"], env=self._environment, cwd=self._folder, stdout=log, stderr=log
            )
        for port in (self.port, self.web_port):
            self._await(port, began + _PATIENCE)
        return time.perf_counter() - began

    def stop(self) -> None:
        """Asks it to stop and waits until it has."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
            self._process = None

    def add_analyst(self, login: str, password: str) -> None:
        """Somebody who may look at every screen."""
        self._command("user", "add", login, "--role", "analyst", "--password-stdin", told=password)

    def apply(self, document: str) -> None:
        """Lays a site file over its site."""
        path = self._folder / "more.toml"
        path.write_text(document, encoding="utf-8")
        self._command("apply", str(path))

    def kill(self) -> None:
        """Kill -9: no farewell."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _await(self, port: int, deadline: float) -> None:
        assert self._process is not None
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if self._process.poll() is not None or time.perf_counter() > deadline:
                    raise RuntimeError(f"the hub does not listen on {port}:\n{self._tail()}") from None
                time.sleep(0.005)

    def _command(self, *words: str, told: str = "") -> None:
        done = subprocess.run(
            [_OFFICINA, *words],
            env=self._environment,
            cwd=self._folder,
            input=told,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"officina {' '.join(words)} failed:\n{done.stdout}{done.stderr}")

    def _tail(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]


@contextlib.contextmanager
def running(url: str, folder: Path, partners: Sequence[int] = ()) -> Iterator[Hub]:
    """A hub on a new database, stopped at the end."""
    hub = Hub(url, folder, partners)
    hub.start()
    try:
        yield hub
    finally:
        hub.stop()
