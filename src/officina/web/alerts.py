"""Alerts: what is wrong now, what to do about it, and what was wrong lately."""

from __future__ import annotations

from typing import NamedTuple

from starlette.responses import RedirectResponse, Response

from officina.actions import alerts as actions
from officina.errors import Forbidden
from officina.store import alerts
from officina.store.rows import AlertRow
from officina.web import happened, labels, places
from officina.web.visit import Visit
from officina.workflow.alert import WATCHED, Watched

ADDRESS = "/alerts"
PAGE = 50


class Row(NamedTuple):
    """An alert with the words of its kind."""

    alert: AlertRow
    state: str
    title: str
    remedy: str
    page: str
    by: str


def show(visit: Visit) -> Response:
    """The open ones first, the urgent at the top; below them what is over, newest first."""
    before = places.number_of(visit.query.get("before", ""))
    found = alerts.recent(visit.tx, before=before, limit=PAGE + 1)
    over = [_row(row) for row in found[:PAGE] if row.closed_at is not None]
    still = [_row(row) for row in alerts.still_open(visit.tx)]
    still.sort(key=lambda row: (row.alert.acknowledged_at is not None, -row.alert.urgent, row.alert.opened_at))
    return visit.page(
        "alerts.html",
        workspace="alerts",
        open=still,
        over=over,
        first=before is None,
        asked=places.number_of(visit.query.get("alert", "")),
        older=found[PAGE - 1].id if len(found) > PAGE else None,
        may_acknowledge=visit.session.rights.may("alerts.acknowledge"),
    )


def bell(visit: Visit) -> Response:
    """The bell alone, for the top bar to put in its place."""
    return visit.piece("bell.html", open_alerts=alerts.unanswered(visit.tx))


def acknowledge(visit: Visit) -> Response:
    """A person has taken it on; then the list again."""
    if not visit.session.rights.may("alerts.acknowledge"):
        raise Forbidden("your roles do not include acknowledging alerts")
    number = places.number_of(str(visit.request.path_params["alert_id"])) or 0
    actor, at = visit.session.actor, visit.now
    visit.services.store.writer.submit(lambda tx: actions.acknowledge(tx, number, actor=actor, at=at)).result()
    return RedirectResponse(ADDRESS, 303)


def _row(row: AlertRow) -> Row:
    watched = WATCHED.get(row.kind) or Watched(labels.spoken(row.kind), "", "", "", None, 0)
    by = happened.actor(row.acknowledged_by) if row.acknowledged_by else ""
    return Row(row, _state(row), watched.title, watched.remedy, watched.page, by)


def _state(row: AlertRow) -> str:
    if row.closed_at is not None:
        return "closed"
    if row.acknowledged_at is not None:
        return "acknowledged"
    return "urgent" if row.urgent else "open"
