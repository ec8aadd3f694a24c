"""What Prometheus reads: counts of messages and attempts, what waits, and nothing of any patient."""

from __future__ import annotations

import asyncio
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from tests.runtime.test_delivery import hub_to, order, sending, states, take_in, until
from tests.support.hub import running_hub
from tests.support.receivers import Receiver, in_turn

from officina.app import Hub


async def read(hub: Hub) -> dict[tuple[str, ...], float]:
    """Samples by name and labels."""
    text = (await asyncio.to_thread(hub.metrics.text)).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_messages_and_attempts_are_counted(tmp_path: Path) -> None:
    async with Receiver(in_turn(["AR"])) as receiver, hub_to(receiver, tmp_path) as hub:
        await take_in(hub, order(1), order(2), order(2))
        await until(hub, lambda: states(hub) == ["failed", "delivered"])
        found = await read(hub)
    assert found["officina_messages_total", "pharmacy", "accepted"] == 2
    assert found["officina_messages_total", "pharmacy", "duplicate"] == 1
    assert found["officina_attempts_total", "cabinet", "rejected"] == 1
    assert found["officina_attempts_total", "cabinet", "accepted"] == 1
    assert found["officina_attempt_seconds_count", "cabinet"] == 2
    assert found["officina_error_queue_deliveries", "cabinet"] == 1
    assert found["officina_queue_deliveries", "cabinet"] == 0
    assert found["officina_connector_up", "cabinet"] == 1


async def test_what_waits_is_told_with_its_age(tmp_path: Path) -> None:
    document = sending(1).replace('kind = "mllp_sender"', 'kind = "mllp_sender"\nstate = "suspended"')
    async with running_hub(f"sqlite:///{tmp_path / 'officina.db'}", document) as hub:
        await take_in(hub, order(1))
        found = await read(hub)
        since = hub.clock() / 1_000_000 - found["officina_queue_oldest_timestamp_seconds", "cabinet"]
    assert found["officina_queue_deliveries", "cabinet"] == 1
    assert found["officina_connector_up", "cabinet"] == 0
    assert 0 <= since < 20


async def test_no_patient_is_in_them(tmp_path: Path) -> None:
    canary = {"PID-5.1": "Zzyzxcanary", "PID-3[1].1": "ZZ-CANARY", "facility": "NOWHERE Zzyzxcanary"}
    async with Receiver() as receiver, hub_to(receiver, tmp_path) as hub:
        await take_in(hub, order(1), order(2, **canary))
        text = (await asyncio.to_thread(hub.metrics.text)).decode()
    assert "parked" in text
    assert "canary" not in text.lower()
