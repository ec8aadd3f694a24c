"""What waits for a person among the messages, by its cause, and releasing all of a cause."""

from __future__ import annotations

from functools import partial
from typing import Literal

import anyio.to_thread
from fastapi import APIRouter
from pydantic import BaseModel, Field

from officina.api.fields import MOST_ID, Instant
from officina.api.identity import Caller, needs
from officina.api.services import Hub, reading
from officina.clock import iso
from officina.errors import Forbidden, Unavailable
from officina.store import worklist
from officina.store.worklist import Group

router = APIRouter(prefix="/worklist", tags=["worklist"])


class Cause(BaseModel):
    """What the messages of a group have in common."""

    state: Literal["parked", "failed"]
    reason: str = Field(max_length=100, description="Why: a stable word.")
    facility_code: str = Field(max_length=200, description="As the sender wrote it.")
    connector_id: int = Field(ge=1, le=MOST_ID)


class CauseOfWaiting(BaseModel):
    """A group of messages that wait for the same reason."""

    cause: Cause
    messages: int
    oldest_at: Instant
    newest_at: Instant

    @classmethod
    def of(cls, group: Group) -> CauseOfWaiting:
        cause = Cause.model_validate(group.cause._asdict())
        oldest, newest = iso(group.oldest_at), iso(group.newest_at)
        return cls(cause=cause, messages=group.messages, oldest_at=oldest, newest_at=newest)


class Worklist(BaseModel):
    """All groups, the largest first; at most 500."""

    items: list[CauseOfWaiting]


class Release(BaseModel):
    """Which messages, and whether only to see what it would come to."""

    cause: Cause
    trial: bool = Field(default=False, description="Change nothing; look at the first 200 of them.")


class Came(BaseModel):
    """What became, or would become, of the messages."""

    messages: int
    states: dict[str, int] = Field(description="How many are in which state now.")
    orders_new: int
    orders_changed: int
    missing: int = Field(description="Messages left out because what they said is no longer kept.")
    trial: bool


@router.get("", summary="List what waits for a person, by cause")
async def list_worklist(hub: Hub, caller: Caller = needs("messages.read")) -> Worklist:
    """Parked and failed messages everywhere, so it needs the permission everywhere."""
    if not caller.rights.may("messages.read", None):
        raise Forbidden("the worklist needs the permission messages.read everywhere, not at one place")
    return Worklist(items=[CauseOfWaiting.of(group) for group in await reading(hub, worklist.groups)])


@router.post(
    "/release",
    summary="Process all messages of a cause again",
    responses={409: {"description": "Their connector is gone."}},
)
async def release_messages(wanted: Release, hub: Hub, caller: Caller = needs("messages.write")) -> Came:
    """In the order they came, at most 10,000 at a time; each is read as its connector reads now. A message whose cause
    is still there stays as it is. Needs the permission everywhere."""
    if not caller.rights.may("messages.write", None):
        raise Forbidden("releasing needs the permission messages.write everywhere, not at one place")
    if hub.intake is None:
        raise Unavailable("this process takes no messages")
    cause = worklist.Cause(**wanted.cause.model_dump())
    found = await anyio.to_thread.run_sync(partial(hub.intake.release, cause, caller.actor, trial=wanted.trial))
    return Came(
        messages=found.messages,
        states=found.states,
        orders_new=found.orders_new,
        orders_changed=found.orders_changed,
        missing=found.missing,
        trial=wanted.trial,
    )
