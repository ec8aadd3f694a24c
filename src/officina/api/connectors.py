"""Connectors as they are configured, and whether they run."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from officina.actions.connectors import set_state
from officina.actions.deliver import resubmit_all
from officina.actions.traffic import Counted, counted
from officina.api.fields import Instant, iso_or_none
from officina.api.identity import ABSENT, Caller, needs
from officina.api.services import Hub, Running, Services, reading, writing
from officina.clock import iso
from officina.connectors import registry
from officina.errors import NotFound, Unavailable
from officina.store import Tx, connectors, deliveries, messages
from officina.store.messages import MessageFilter
from officina.store.site import ConnectorRow
from officina.workflow import traffic

router = APIRouter(prefix="/connectors", tags=["connectors"])

Name = Annotated[str, Path(max_length=100, pattern="^[^/]+$", description="Its name.")]


class LiveState(BaseModel):
    """What a connector does at this moment."""

    state: Literal["running", "suspended", "inactive", "failed"]
    reason: str = Field(description="Why it does not run; empty when it does.")
    address: str = Field(description="Where it listens, sends to or looks; empty when it does not.")
    hub: str = Field(description="The hub that sends or polls for it, where several share the book; else empty.")
    looked_at: Instant | None = Field(description="When a poller last saw what is in its mailbox.")
    next_look_at: Instant | None = Field(description="When a poller looks again.")


class Connector(BaseModel):
    """A configured way for messages to come or go."""

    id: int
    name: str
    kind: str = Field(description="`mllp_listener` …")
    state: Literal["active", "suspended", "inactive"] = Field(description="What the site asks for.")
    profile: str = Field(description="The dialect its partner speaks.")
    settings: dict[str, Any] = Field(description="As its kind defines them; secrets are references.")
    changed_at: Instant
    keep_bodies_days: int | None = Field(description="After how many days what its messages said goes; null: never.")
    keep_metadata_days: int | None = Field(description="After how many days its messages go; null: never.")
    live: LiveState | None = Field(description="Null where this process runs no connectors or has not met this one.")
    queue: Queue | None = Field(description="Null for a connector that sends nothing.")
    activity: Activity


class Queue(BaseModel):
    """What a sender has to do."""

    queued: int = Field(description="Deliveries that wait; counting stops at 10,000.")
    oldest_at: Instant | None = Field(description="Since when the first of them waits.")
    failed: int = Field(description="Deliveries in its error queue; counting stops at 10,000.")
    next_attempt_at: Instant | None = Field(description="When it tries again, where it waits after a failure.")


class Activity(BaseModel):
    """How much came or went lately. Counts enter the book every few seconds."""

    received_per_minute: float = Field(description="Messages, over the last five to ten minutes.")
    sent_per_minute: float = Field(description="Messages that the receiver took, over the last five to ten minutes.")
    last_hour: list[int] = Field(description="Messages in each five minutes of the last hour, oldest first.")
    last_message_at: Instant | None = Field(
        description="When the last one came or was taken by the receiver; of a sender only since the hub started."
    )


class WantedState(BaseModel):
    """What the site shall ask for."""

    state: Literal["active", "suspended", "inactive"]


class Reached(BaseModel):
    """Whether a receiver or mailbox could be reached."""

    reached: bool
    text: str = Field(description="Why not.")


class Resubmitted(BaseModel):
    """How much was queued again."""

    deliveries: int


class Connectors(BaseModel):
    """All connectors, by name."""

    items: list[Connector]


@router.get("", summary="List connectors")
async def list_connectors(hub: Hub, caller: Caller = needs("connectors.read")) -> Connectors:
    """All of them at once, each with its live state."""

    def read(tx: Tx) -> list[Connector]:
        lately = _lately(hub, tx)
        return [_shown(hub, tx, row, lately) for row in connectors.every(tx)]

    return Connectors(items=await reading(hub, read))


@router.get("/{name}", summary="Get a connector")
async def get_connector(
    name: Name,
    hub: Hub,
    caller: Caller = needs("connectors.read"),
) -> Connector:
    """With its live state."""
    return await reading(hub, lambda tx: _shown(hub, tx, _named(tx, name), _lately(hub, tx)))


@router.post("/{name}/state", summary="Start, suspend or retire a connector")
async def set_connector_state(
    name: Name, wanted: WantedState, hub: Hub, caller: Caller = needs("connectors.control")
) -> Connector:
    """`suspended`: it takes and sends nothing until it is active again, also after a restart; what is queued waits.
    The change is in force with the answer, or a moment later if a message is under way: see `live`."""

    def write(tx: Tx) -> None:
        set_state(tx, _named(tx, name).id, wanted.state, actor=caller.actor, at=hub.clock())

    await writing(hub, write)
    if hub.supervisor is not None:
        await hub.supervisor.caught_up()
    return await reading(hub, lambda tx: _shown(hub, tx, _named(tx, name), _lately(hub, tx)))


@router.post("/{name}/test", summary="Try whether a receiver or mailbox can be reached")
async def try_connector(name: Name, hub: Hub, caller: Caller = needs("connectors.control")) -> Reached:
    """Opens a connection of its own, and closes it; nothing is sent or fetched."""
    await reading(hub, lambda tx: _named(tx, name))
    if hub.supervisor is None:
        raise Unavailable("this process runs no connectors")
    try:
        await hub.supervisor.test(name)
    except Unavailable as error:
        return Reached(reached=False, text=error.text)
    return Reached(reached=True, text="")


@router.post("/{name}/resubmit", summary="Send everything in a connector's error queue again")
async def resubmit_all_of_connector(name: Name, hub: Hub, caller: Caller = needs("connectors.control")) -> Resubmitted:
    """In its order, at most 10,000 deliveries at a time."""

    def write(tx: Tx) -> int:
        return resubmit_all(tx, _named(tx, name).id, actor=caller.actor, at=hub.clock())

    return Resubmitted(deliveries=await writing(hub, write))


def _named(tx: Tx, name: str) -> ConnectorRow:
    row = connectors.by_name(tx, name)
    if row is None:
        raise NotFound(ABSENT)
    return row


def _lately(hub: Services, tx: Tx) -> Counted:
    now = hub.clock()
    return counted(tx, now - traffic.HOUR * traffic.BUCKET, now + 1)


def _shown(hub: Services, tx: Tx, row: ConnectorRow, lately: Counted) -> Connector:
    running = hub.supervisor.states().get(row.name) if hub.supervisor else None
    role = registry.kind(row.kind).role
    live = _live(running, role) if running else None
    values = {**row._asdict(), "settings": json.loads(row.settings), "changed_at": iso(row.changed_at)}
    queue = _queue(tx, row, running) if role == "sender" else None
    return Connector(**values, live=live, queue=queue, activity=_activity(hub, tx, row, running, lately))


def _live(running: Running, role: str) -> LiveState:
    values = {name: getattr(running, name) for name in ("state", "reason", "address", "hub")}
    next_look = running.next_at if role == "poller" else None  # a sender's next attempt is told with its queue
    values |= {"looked_at": iso_or_none(running.looked_at), "next_look_at": iso_or_none(next_look)}
    return LiveState.model_validate(values)


def _queue(tx: Tx, row: ConnectorRow, running: Running | None) -> Queue:
    depth = deliveries.depth(tx, row.id)
    return Queue(
        queued=depth.queued,
        oldest_at=iso_or_none(depth.oldest_at),
        failed=depth.failed,
        next_attempt_at=iso_or_none(running.next_at if running else None),
    )


def _activity(hub: Services, tx: Tx, row: ConnectorRow, running: Running | None, lately: Counted) -> Activity:
    mine, now = lately.get(row.id, {}), hub.clock()
    rates = traffic.rates(mine, now)
    last_at = running.last_at if running else None
    if last_at is None:
        last_at = next(
            (each.received_at for each in messages.listed(tx, MessageFilter(connector_id=row.id), limit=1)), None
        )
    return Activity(
        received_per_minute=round(rates.received, 1),
        sent_per_minute=round(rates.sent, 1),
        last_hour=[each.received + each.sent for each in traffic.series(mine, now)],
        last_message_at=iso_or_none(last_at),
    )
