"""Probes: alive says nothing, ready tells what does not work, both to anyone."""

from __future__ import annotations

from tests.api.conftest import Hub, both

from officina.errors import Unavailable
from officina.runtime.supervisor import Running


class Supervisor:
    def __init__(self, **states: str) -> None:
        self._states = states

    def states(self) -> dict[str, Running]:
        return {name: Running(state, "port 6000 is busy", "") for name, state in self._states.items()}


async def test_alive_needs_nothing_and_says_nothing(hub: Hub) -> None:
    hub.store.close()
    async with hub.client() as probe:
        answer = await probe.get("http://hub/healthz")
    assert (answer.status_code, answer.text) == (200, "alive\n")


@both
async def test_ready_when_book_and_writer_answer_and_connectors_run(hub: Hub) -> None:
    hub.supervisor = Supervisor(pharmacy="running", paused="suspended", old="inactive")
    async with hub.client() as probe:
        answer = await probe.get("http://hub/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


class Leases:
    def __init__(self, *hubs: str) -> None:
        self._hubs = hubs

    def hubs(self) -> tuple[str, ...]:
        return self._hubs

    def sends_for(self) -> int:
        return 3

    def keeps_house(self) -> bool:
        return False


async def test_what_it_does_beside_other_hubs_without_naming_them(hub: Hub) -> None:
    async with hub.client() as probe:
        hub.leases = Leases("server 1")
        assert (await probe.get("http://hub/readyz")).json() == {"status": "ready"}
        hub.leases = Leases("server 1", "server 2")
        found = (await probe.get("http://hub/readyz")).json()
    assert found == {"status": "ready", "hubs": 2, "sends_for": 3, "keeps_house": False}


async def test_not_ready_while_a_connector_cannot_run_without_naming_it(hub: Hub) -> None:
    hub.supervisor = Supervisor(pharmacy="failed", other="running")
    async with hub.client() as probe:
        answer = await probe.get("http://hub/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert answer.headers["content-type"] == "application/problem+json"
    assert [fault["detail"] for fault in answer.json()["errors"]] == ["connectors: 1 not running"]
    assert "pharmacy" not in answer.text


async def test_not_ready_once_the_book_is_closed(hub: Hub) -> None:
    hub.store.close()
    async with hub.client() as probe:
        answer = await probe.get("http://hub/readyz")
    assert answer.status_code == 503
    assert {fault["detail"].partition(":")[0] for fault in answer.json()["errors"]} == {"database", "writer"}


async def test_not_ready_while_only_writing_fails(hub: Hub) -> None:
    hub.store.writer.close()
    async with hub.client() as probe:
        answer = await probe.get("http://hub/readyz")
    assert answer.status_code == 503
    assert [fault["detail"] for fault in answer.json()["errors"]] == [f"writer: {Unavailable.__name__}"]
