"""Each sending connector has one courier, and keeps it for as long as nothing about the connector changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.support.hub import SITE, running_hub

SENDING = """
[[connector]]
name = "cabinet"
kind = "mllp_sender"
settings = { host = "127.0.0.1", port = 1 }
"""


async def test_a_courier_is_kept_until_its_connector_is_another(tmp_path: Path) -> None:
    async with running_hub(f"sqlite:///{tmp_path / 'officina.db'}", SITE + SENDING) as hub:
        couriers = hub.supervisor.couriers
        connector = hub.supervisor.site().connectors["cabinet"]
        first = couriers.of("cabinet")
        assert await couriers.apply([connector], 1) == {}
        assert couriers.of("cabinet") is first
        await couriers.apply([replace(connector, id=connector.id + 1)], 1)
        second = couriers.of("cabinet")
        assert second is not None
        assert second.route.connector_id == connector.id + 1
        await couriers.apply([], 1)
        assert couriers.of("cabinet") is None
