"""`officina top`: a running hub's connectors in a terminal, and what it says where there is none."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.hub import SITE
from tests.support.ports import free_port
from tests.support.samples import rde_o11
from tests.unit.cli.conftest import Officina

from officina.cli.top.table import sparkline

CABINET = f"""
[[connector]]
name = "cabinet"
kind = "mllp_sender"
settings = {{ host = "127.0.0.1", port = {free_port()} }}

[[connector]]
name = "old feed"
kind = "mllp_listener"
state = "inactive"

[[subscription]]
name = "orders"
event = "order.*"
connector = "cabinet"
payload = "source"
"""
PROGRAM = [sys.executable, "-c", "from officina.cli import main; main()"]


class Hub:
    """A hub as a process, on the database that the commands of the test use; ``log`` are the lines it tells."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [*PROGRAM, "serve"], cwd=folder, env=os.environ, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        told = self.told(r"Listening on (127\S+\d)\.|Listening on (http://\S+\d)", 2)
        self.listener, self.address = (next(each for each in told if ("http" in each) is web) for web in (False, True))

    def told(self, pattern: str, count: int = 1) -> list[str]:
        """What the next lines that fit say; fails when the log ends before."""
        assert self.process.stderr is not None
        found = (match for line in self.process.stderr if (match := re.search(pattern, line)))
        return [next(each for each in match.groups() if each) for match in (next(found) for _ in range(count))]

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def hub(officina: Officina, tmp_path: Path) -> Iterator[Hub]:
    officina("migrate")
    officina("apply", "-", given=(SITE + CABINET).encode())
    made = Hub(tmp_path)
    yield made
    made.end()


def key(officina: Officina, scope: str = "connectors.read") -> str:
    found = re.search(r"ofc_\S+", officina("key", "create", "top", "--scope", scope).out)
    assert found
    return found[0]


def test_what_needs_someone_comes_first(officina: Officina, hub: Hub) -> None:
    sent = officina("send", hub.listener, "-", given=rde_o11("M1", facility="OAKS"))
    assert "1 of 1 accepted" in sent.out
    assert hub.told("Connector cabinet: (delivery waits)")
    told = officina("top", "--once", "--address", hub.address, "--key", key(officina)).out
    first, second, third = (line for line in told.splitlines()[1:] if line.strip())
    assert first.split()[:4] == ["▲", "waiting", "cabinet", "1"]
    assert "Connection refused; next attempt in" in first
    assert second.split()[:3] == ["●", "running", "pharmacy"]
    assert third.split()[:4] == ["○", "inactive", "old", "feed"]


def test_who_may_not_see_it_and_a_hub_that_is_away(officina: Officina, hub: Hub) -> None:
    asked = ("top", "--once", "--address")
    assert "does not know this key" in officina(*asked, hub.address, "--key", "wrong").err
    other = key(officina, "messages.read")
    assert "this key may not see connectors" in officina(*asked, hub.address, "--key", other).err
    assert "the hub wants to know who asks" in officina(*asked, hub.address).err
    away = officina(*asked, f"http://127.0.0.1:{free_port()}", "--key", "right").err
    assert "the hub does not answer: Connection refused" in away


def test_bars_of_a_line() -> None:
    assert sparkline([0, 1, 4, 8]) == " ▁▄█"
    assert sparkline([0, 0]) == "  "
