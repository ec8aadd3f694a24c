"""Connectors as they are configured, and whether they run."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from officina.api.fields import Instant
from officina.api.identity import ABSENT, Caller, needs
from officina.api.services import Hub, Services, reading
from officina.clock import iso
from officina.errors import NotFound
from officina.store import connectors
from officina.store.site import ConnectorRow

router = APIRouter(prefix="/connectors", tags=["connectors"])


class LiveState(BaseModel):
    """What a connector does at this moment."""

    state: Literal["running", "suspended", "inactive", "failed"]
    reason: str = Field(description="Why it does not run; empty when it does.")
    address: str = Field(description="Where it listens; empty when it does not.")


class Connector(BaseModel):
    """A configured way for messages to come or go."""

    id: int
    name: str
    kind: str = Field(description="`mllp_listener` …")
    state: Literal["active", "suspended", "inactive"] = Field(description="What the site asks for.")
    profile: str = Field(description="The dialect its partner speaks.")
    settings: dict[str, Any] = Field(description="As its kind defines them; secrets are references.")
    changed_at: Instant
    live: LiveState | None = Field(description="Null where this process runs no connectors or has not met this one.")


class Connectors(BaseModel):
    """All connectors, by name."""

    items: list[Connector]


@router.get("", summary="List connectors")
async def list_connectors(hub: Hub, caller: Caller = needs("connectors.read")) -> Connectors:
    """All of them at once, each with its live state."""
    rows = await reading(hub, connectors.every)
    return Connectors(items=[_shown(hub, row) for row in rows])


@router.get("/{name}", summary="Get a connector")
async def get_connector(
    name: Annotated[str, Path(max_length=100, pattern="^[^/]+$", description="Its name.")],
    hub: Hub,
    caller: Caller = needs("connectors.read"),
) -> Connector:
    """With its live state."""
    row = await reading(hub, lambda tx: connectors.by_name(tx, name))
    if row is None:
        raise NotFound(ABSENT)
    return _shown(hub, row)


def _shown(hub: Services, row: ConnectorRow) -> Connector:
    running = hub.supervisor.states().get(row.name) if hub.supervisor else None
    live = LiveState.model_validate(running, from_attributes=True) if running else None
    values = {**row._asdict(), "settings": json.loads(row.settings), "changed_at": iso(row.changed_at)}
    return Connector(**values, live=live)
