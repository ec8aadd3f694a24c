"""What happened, when and by whom."""

from __future__ import annotations

import json
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from officina.api.fields import MOST_ID, IdInQuery, Instant
from officina.api.identity import Caller, needs
from officina.api.page import LINKED, AskedCut, Page, page
from officina.api.services import Hub, reading
from officina.clock import iso
from officina.errors import Invalid
from officina.store import events
from officina.store.events import EventFilter
from officina.store.rows import EventRow

router = APIRouter(tags=["events"])


class Event(BaseModel):
    """Something that happened: the timeline, the audit, the cause of every notification."""

    id: int
    at: Instant
    kind: str = Field(description="What happened: `order.created`, `message.parked`, `patient.read` …")
    subject: str = Field(description="What it happened to: `message`, `order`, `patient`, `person` …")
    subject_id: int
    actor: str = Field(description="Who did it: `connector:NAME`, `person:LOGIN`, `key:PREFIX` or `system`.")
    patient_id: int | None
    place_id: int | None
    message_id: int | None = Field(description="The message that caused it.")
    detail: dict[str, Any] | None = Field(description="More about it; never patient data.")

    @classmethod
    def of(cls, row: EventRow) -> Event:
        return cls(**{**row._asdict(), "at": iso(row.at), "detail": json.loads(row.detail) if row.detail else None})


@router.get("/events", summary="List events", responses=LINKED)
async def list_events(
    request: Request,
    response: Response,
    hub: Hub,
    cut: AskedCut,
    subject: Annotated[
        str | None, Query(pattern="^[a-z_]{1,40}$", description="What it happened to; goes with `subject_id`.")
    ] = None,
    subject_id: Annotated[int | None, Query(ge=0, le=MOST_ID, description="Its id; goes with `subject`.")] = None,
    patient_id: IdInQuery = None,
    message_id: IdInQuery = None,
    audit: Annotated[
        bool, Query(description="Only what people, partners' keys and the hub itself did, not what messages caused.")
    ] = False,
    caller: Caller = needs("events.read"),
) -> Page[Event]:
    """Newest first."""
    if (subject is None) != (subject_id is None):
        missing = "subject" if subject is None else "subject_id"
        raise Invalid("subject and subject_id go together", place=missing)
    wanted = EventFilter(
        subject=subject, subject_id=subject_id, patient_id=patient_id, message_id=message_id, unprompted=audit
    )
    rows = await reading(hub, partial(events.listed, wanted=wanted, before=cut.before, limit=cut.fetch))
    return page(request, response, cut, rows, Event.of)
