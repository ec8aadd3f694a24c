"""Alerts: what is wrong now and was lately, and saying that one has been seen."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from officina.actions import alerts as actions
from officina.api.fields import IdInPath, Instant, iso_or_none
from officina.api.identity import ABSENT, Caller, needs
from officina.api.page import LINKED, AskedCut, Page, page
from officina.api.services import Hub, reading, writing
from officina.clock import iso
from officina.errors import NotFound
from officina.store import Tx, alerts
from officina.store.rows import AlertRow

router = APIRouter(prefix="/alerts", tags=["alerts"])


class Alert(BaseModel):
    """Something that is wrong, or was."""

    id: int
    kind: str = Field(description="`connector_failed`, `queue_age` …")
    subject: str = Field(description="A connector's name, a facility's code, a setting that names a file, `database`.")
    text: str = Field(description="What was wrong when it opened, in plain words.")
    urgent: bool
    opened_at: Instant
    closed_at: Instant | None = Field(description="Null while it is open.")
    acknowledged_at: Instant | None
    acknowledged_by: str = Field(description="`person:LOGIN` or `key:PREFIX`.")

    @classmethod
    def of(cls, row: AlertRow) -> Alert:
        return cls(
            id=row.id,
            kind=row.kind,
            subject=row.subject,
            text=row.text,
            urgent=bool(row.urgent),
            opened_at=iso(row.opened_at),
            closed_at=iso_or_none(row.closed_at),
            acknowledged_at=iso_or_none(row.acknowledged_at),
            acknowledged_by=row.acknowledged_by,
        )


class OpenAlerts(BaseModel):
    """Every alert that is open."""

    items: list[Alert]


@router.get("", summary="List alerts", responses=LINKED)
async def list_alerts(
    request: Request, response: Response, hub: Hub, cut: AskedCut, caller: Caller = needs("alerts.read")
) -> Page[Alert]:
    """Open or over, the newest first."""
    rows = await reading(hub, partial(alerts.recent, before=cut.before, limit=cut.fetch))
    return page(request, response, cut, rows, Alert.of)


@router.get("/open", summary="List open alerts")
async def list_open_alerts(hub: Hub, caller: Caller = needs("alerts.read")) -> OpenAlerts:
    """All of them at once."""
    return OpenAlerts(items=[Alert.of(row) for row in await reading(hub, alerts.still_open)])


@router.post(
    "/{alert_id:int}/acknowledge", summary="Acknowledge an alert", responses={409: {"description": "It is over."}}
)
async def acknowledge_alert(alert_id: IdInPath, hub: Hub, caller: Caller = needs("alerts.acknowledge")) -> Alert:
    """It is not told again, and stays open until its cause is gone."""
    await writing(hub, partial(actions.acknowledge, alert_id=alert_id, actor=caller.actor, at=hub.clock()))
    return await reading(hub, partial(_one, alert_id=alert_id))


def _one(tx: Tx, alert_id: int) -> Alert:
    row = alerts.get(tx, alert_id)
    if row is None:
        raise NotFound(ABSENT)
    return Alert.of(row)
