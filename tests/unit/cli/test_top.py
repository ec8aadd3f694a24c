"""`officina top`: a running hub's connectors in a terminal, and what it says where there is none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from tests.unit.cli.conftest import Officina

from officina.cli.top.table import sparkline

ACTIVITY = {"received_per_minute": 12.5, "sent_per_minute": 0.0, "last_hour": [0, 1, 8], "last_message_at": None}
LISTENER = {
    "name": "care home",
    "state": "active",
    "live": {"state": "running", "reason": "", "address": ""},
    "queue": None,
    "activity": ACTIVITY,
}
SENDER = {
    "name": "cabinet",
    "state": "active",
    "live": {"state": "running", "reason": "Connection refused", "address": ""},
    "queue": {"queued": 312, "oldest_at": "2026-03-01T08:00:00Z", "failed": 4, "next_attempt_at": None},
    "activity": {**ACTIVITY, "received_per_minute": 0.0},
}


class Answer(BaseHTTPRequestHandler):
    """The connectors as the API gives them, for who has the key."""

    def do_GET(self) -> None:
        known = self.headers["Authorization"] == "Bearer right"
        self.send_response(200 if known else 401)
        self.end_headers()
        if known:
            self.wfile.write(json.dumps({"items": [LISTENER, SENDER]}).encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_needs_someone_comes_first(officina: Officina, address: str) -> None:
    told = officina("top", "--once", "--address", address, "--key", "right").out
    lines = [line for line in told.splitlines() if line.strip()]
    assert "▲ waiting" in lines[1]
    assert all(part in lines[1] for part in ("cabinet", "312", "4", "Connection refused"))
    assert all(part in lines[2] for part in ("● running", "care home", "12.5", "▁█"))


def test_a_key_nobody_knows_and_a_hub_that_is_away(officina: Officina, address: str) -> None:
    assert "does not know this key" in officina("top", "--once", "--address", address, "--key", "wrong").err
    away = officina("top", "--once", "--address", "http://127.0.0.1:1", "--key", "right").err
    assert "the hub does not answer: Connection refused" in away
    assert "the hub wants to know who asks" in officina("top", "--once", "--address", address).err


def test_bars_of_a_line() -> None:
    assert sparkline([0, 1, 4, 8]) == " ▁▄█"
    assert sparkline([0, 0]) == "  "
