"""A hub with two organisations and the API in front of it: real store, real intake, no network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from tests.support.samples import rde_o11

from officina import api
from officina.actions import keys, people
from officina.actions.site import Site, load_site
from officina.clock import SECOND
from officina.config import Settings
from officina.runtime.intake import Intake
from officina.runtime.metrics import Metrics
from officina.store import Store, connectors, open_store, places
from officina.workflow.rights import PERMISSIONS

AT = 1_780_000_000 * SECOND
PASSWORD = "correct horse battery"
HASHED = people.hash_password(PASSWORD)
CANARY = "Zzyzxcanary"  # a family name that must appear only where patient data may
HL7 = {"Content-Type": "application/hl7-v2"}


@dataclass
class Clock:
    at: int = AT

    def __call__(self) -> int:
        return self.at


@dataclass
class Hub:
    """The services the API is given, the ids of the places, and clients to call it with."""

    store: Store
    intake: Any
    app: Starlette = field(init=False)
    clock: Clock = field(default_factory=Clock)
    settings: Settings = field(default_factory=lambda: Settings(request_max_bytes=100_000))
    supervisor: Any = None
    bus: None = None
    leases: Any = None
    metrics: Metrics = field(default_factory=Metrics)
    places: dict[str, int] = field(default_factory=dict)
    site: Site = field(init=False)

    def __post_init__(self) -> None:
        self.app = Starlette(routes=[*api.health_routes(self), *api.routes(self)])

    def follow_site(self) -> None:
        """Reads the site anew, as the supervisor does when it changed."""
        with self.store.read() as tx:
            self.site = load_site(tx)

    def key(self, scopes: Collection[str] = tuple(PERMISSIONS), place: str | None = None) -> keys.NewKey:
        with self.store.write() as tx:
            place_id = self.places[place] if place else None
            return keys.create_key(tx, "partner", scopes, place_id=place_id, actor="system", at=AT)

    def partner(self, scopes: Collection[str] = tuple(PERMISSIONS), place: str | None = None) -> httpx.AsyncClient:
        """Calls the API with a new key."""
        return self.client(headers={"Authorization": f"Bearer {self.key(scopes, place).presented}"})

    def client(self, **given: Any) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://hub/api/v1", **given)

    async def receive(self, control_id: str = "MSG00001", **overrides: str) -> int:
        """Takes in an order of the pharmacy's; the id of the message."""
        taken = await self.intake.submit(rde_o11(control_id, **overrides), "pharmacy")
        return int(taken.message_id)


def prepared(store: Store) -> Hub:
    """A hub on a new book; whoever runs it attaches its intake to the loop."""
    with store.write() as tx:
        ids = _places(tx)
        connectors.add(tx, name="pharmacy", kind="mllp_listener", at=AT, profile="ltc", settings='{"port":6000}')
    hub = Hub(store, None, places=ids)
    hub.follow_site()
    assert not hub.site.faults
    hub.intake = Intake(store, lambda: hub.site, hub.clock)
    return hub


@pytest.fixture(params=["sqlite"])
async def hub(request: pytest.FixtureRequest) -> AsyncIterator[Hub]:
    """On SQLite, unless a test asks for `both` databases."""
    with open_store(request.getfixturevalue(f"{request.param}_url")) as store:
        hub = prepared(store)
        hub.intake.attach(asyncio.get_running_loop())
        yield hub


both = pytest.mark.parametrize("hub", ["sqlite", "postgresql"], indirect=True)


def _places(tx: Any) -> dict[str, int]:
    ids = {"oak": places.add(tx, kind="organisation", code="oak", name="Oak Care")}
    ids["OAKS"] = places.add(tx, kind="facility", code="OAKS", name="The Oaks", parent_id=ids["oak"])
    ids["WEST"] = places.add(tx, kind="unit", code="WEST", name="West", parent_id=ids["OAKS"])
    ids["ASH"] = places.add(tx, kind="facility", code="ASH", name="Ash House", parent_id=ids["oak"])
    ids["elm"] = places.add(tx, kind="organisation", code="elm", name="Elm Care")
    ids["ELMS"] = places.add(tx, kind="facility", code="ELMS", name="The Elms", parent_id=ids["elm"])
    for code in ("OAKS", "ASH", "ELMS"):
        places.add_code_mapping(tx, source="*", kind="facility", code=code, place_id=ids[code])
    return ids
