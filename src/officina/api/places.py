"""Facilities, units and dispensaries, as far as the caller may see them."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from officina.api.identity import Caller, needs
from officina.api.services import Hub, reading
from officina.store import places

router = APIRouter(tags=["places"])


class Place(BaseModel):
    """Where care is given, or the organisation that gives it."""

    id: int
    kind: Literal["organisation", "facility", "unit", "dispensary"]
    parent_id: int | None = Field(description="The place it belongs to.")
    code: str = Field(description="The site's own code; unique.")
    name: str
    time_zone: str = Field(description="IANA name.")
    state: Literal["active", "inactive"]


class Places(BaseModel):
    """All places that the caller may see."""

    items: list[Place]


@router.get("/places", summary="List places")
async def list_places(hub: Hub, caller: Caller = needs("places.read")) -> Places:
    """All of them at once: a site has hundreds, not millions."""
    rows = await reading(hub, places.every)
    return Places(items=[Place(**row._asdict()) for row in rows if caller.rights.may("places.read", row.id)])
