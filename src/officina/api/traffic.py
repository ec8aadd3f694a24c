"""How much came and went, over time."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from officina.api.fields import Instant, SinceInQuery, UntilInQuery, at
from officina.api.identity import Caller, needs
from officina.api.services import Hub, reading
from officina.clock import iso
from officina.errors import Invalid
from officina.store import Tx, connectors
from officina.store.traffic import between
from officina.workflow.traffic import BUCKET, MINUTE, bucket

router = APIRouter(prefix="/traffic", tags=["traffic"])

DAY = 24 * 60 * MINUTE
MOST = 7 * DAY


class Bucket(BaseModel):
    """What was counted at a connector for five minutes; where nothing came or went there is none."""

    connector: str
    begins_at: Instant
    taken: int = Field(description="Messages that changed the book.")
    no_effect: int = Field(description="Messages kept without effect: ignored, duplicate, parked.")
    refused: int = Field(description="Messages whose senders were told no: rejected, failed, unreadable.")
    sent: int = Field(description="Attempts that ended with the receiver taking the message.")
    not_sent: int = Field(description="Attempts that came to anything else.")


class TrafficFigures(BaseModel):
    """Buckets of all connectors, oldest first."""

    bucket_seconds: int
    items: list[Bucket]


@router.get("", summary="Get how much came and went")
async def get_traffic(
    hub: Hub, since: SinceInQuery = None, until: UntilInQuery = None, caller: Caller = needs("connectors.read")
) -> TrafficFigures:
    """In buckets of five minutes, by default of the last 24 hours, at most of seven days at once; they are kept for
    five weeks. Counts enter the book every few seconds, so a crash loses the last of them, though no message."""
    end, begin = at(until), at(since)
    end = hub.clock() + 1 if end is None else end
    begin = end - DAY if begin is None else begin
    if end - begin > MOST:
        raise Invalid("that is more than seven days", place="since", remedy="ask for each week by itself")

    def read(tx: Tx) -> TrafficFigures:
        names = {row.id: row.name for row in connectors.every(tx)}
        rows = [row for row in between(tx, bucket(begin), end) if row.connector_id in names]
        items = [
            Bucket(**{**row._asdict(), "connector": names[row.connector_id], "begins_at": iso(row.begins_at)})
            for row in rows
        ]
        return TrafficFigures(bucket_seconds=BUCKET // 1_000_000, items=items)

    return await reading(hub, read)
