"""The cockpit: every connector with what it does, what waits, what went wrong and what a person can do about it."""

from __future__ import annotations

import json
import math
from typing import NamedTuple

import anyio.from_thread
from starlette.responses import RedirectResponse, Response

from officina import clock
from officina.actions import connectors as control
from officina.actions.deliver import resubmit_all
from officina.actions.traffic import Counted, counted
from officina.certificates import SOON_DAYS, days_left, files_in
from officina.connectors import registry
from officina.errors import Forbidden, NotFound, Unavailable
from officina.runtime.supervisor import Running
from officina.store import connectors, deliveries, messages
from officina.store.deliveries import Depth
from officina.store.messages import MessageFilter
from officina.store.rows import AttemptRow
from officina.store.site import ConnectorRow
from officina.web import plot
from officina.web.plot import Sparkline
from officina.web.rendering import address
from officina.web.visit import Visit
from officina.workflow import traffic

ADDRESS = "/connectors"
_STATES: dict[str, control.State] = {"suspend": "suspended", "start": "active", "deactivate": "inactive"}
_OUTCOMES = {
    "running": "it runs.",
    "waiting": "it runs, and waits for its receiver or mailbox.",
    "starting": "it is still being started.",
    "failed": "it could not be started.",
    "suspended": "it is suspended; nothing it has is lost.",
    "inactive": "it is out of use. Start takes it into use again.",
}


class Newest(NamedTuple):
    """The last message that came, or that its receiver took; no ``href`` for who may not see it."""

    at: int
    href: str


class Row(NamedTuple):
    """A connector as it is now. ``depth`` is None for one that sends nothing; ``last`` is its queue's last attempt;
    ``rate`` is what it takes in, or hands over, in a minute; ``hub`` sends or looks, where several share the book.
    """

    connector: ConnectorRow
    kind: str
    sends: bool
    polls: bool
    state: str
    reason: str
    remedy: str
    address: str
    hub: str
    next_at: int | None
    looked_at: int | None
    depth: Depth | None
    first: int | None
    last: AttemptRow | None
    certificate_days: int | None
    rate: float
    last_hour: Sparkline
    newest: Newest | None


def show(visit: Visit) -> Response:
    """All connectors; what needs someone first."""
    lately = counted(visit.tx, visit.now - traffic.HOUR * traffic.BUCKET, visit.now + 1)
    rows = [_row(visit, each, lately) for each in connectors.every(visit.tx)]
    rows.sort(key=lambda row: (_urgency(row), row.connector.name))
    page = visit.page(
        "exchange/connectors.html",
        workspace="exchange",
        place_path="/messages",
        rows=rows,
        may_control=visit.session.rights.may("connectors.control"),
        readable=visit.session.rights.may("messages.raw", None),
    )
    for row in rows:
        if row.connector.name == visit.query.get("acted"):
            outcome = f"{row.connector.name}: {_OUTCOMES.get(row.state, row.state)}"
            page.headers["HX-Trigger"] = json.dumps({"said": outcome})
    return page


def act(visit: Visit) -> Response:
    """Start, suspend, take out of use, try at once, or send the error queue again; then the cockpit again."""
    row = _controlled(visit)
    wanted, actor, at = visit.form.get("act", ""), visit.session.actor, visit.now
    writer = visit.services.store.writer
    if wanted in _STATES:
        writer.submit(lambda tx: control.set_state(tx, row.id, _STATES[wanted], actor=actor, at=at)).result()
        anyio.from_thread.run(visit.services.supervisor.caught_up)
    elif wanted == "resubmit":
        writer.submit(lambda tx: resubmit_all(tx, row.id, actor=actor, at=at)).result()
    elif wanted == "now":
        anyio.from_thread.run_sync(visit.services.supervisor.go_on, row.name)
    acted = address(ADDRESS, acted=row.name if wanted in _STATES else "")
    return RedirectResponse(f"{acted}#c{row.id}", 303)


def test(visit: Visit) -> Response:
    """Whether the receiver can be reached, for the browser to put beside the button."""
    row = _controlled(visit)
    try:
        anyio.from_thread.run(visit.services.supervisor.test, row.name)
    except Unavailable as error:
        return visit.piece("exchange/reached.html", reached=False, text=error.text)
    return visit.piece("exchange/reached.html", reached=True, text="")


def _controlled(visit: Visit) -> ConnectorRow:
    if not visit.session.rights.may("connectors.control"):
        raise Forbidden("your roles do not include controlling connectors")
    row = connectors.by_name(visit.tx, str(visit.request.path_params["name"]))
    if row is None:
        raise NotFound("there is no such connector")
    return row


def _row(visit: Visit, row: ConnectorRow, lately: Counted) -> Row:
    supervisor = visit.services.supervisor
    running, fault = supervisor.states().get(row.name), supervisor.fault(row.name)
    kind = registry.kind(row.kind)
    sends, polls = kind.role == "sender", kind.role == "poller"
    depth = deliveries.depth(visit.tx, row.id) if sends else None
    head = deliveries.head(visit.tx, row.id, limit=1) if sends else []
    mine = lately.get(row.id, {})
    rates, hour = traffic.rates(mine, visit.now), traffic.series(mine, visit.now)
    last = deliveries.last_attempts(visit.tx, [head[0].id]).get(head[0].id) if head else None
    state = _state(running.state if running else row.state, running.reason if running else "", sends or polls)
    if state == "failed" and supervisor.applying:
        state = "starting"
    return Row(
        connector=row,
        kind=kind.label,
        sends=sends,
        polls=polls,
        state=state,
        reason=fault.text if fault else running.reason if running else "",
        remedy=fault.remedy if fault else "",
        address=running.address if running else "",
        hub=running.hub if running else "",
        next_at=running.next_at if running else None,
        looked_at=running.looked_at if running else None,
        depth=depth,
        first=head[0].id if head else None,
        last=last,
        certificate_days=_certificate_days(visit, row.name),
        rate=rates.sent if sends else rates.received,
        last_hour=plot.sparkline([each.sent if sends else each.received for each in hour], 60),
        newest=_newest_sent(running) if sends else _newest_received(visit, row.id),
    )


def _newest_sent(running: Running | None) -> Newest | None:
    if running is None or running.last_at is None:
        return None
    return Newest(running.last_at, f"/deliveries/{running.last_id}")


def _newest_received(visit: Visit, connector_id: int) -> Newest | None:
    for row in messages.listed(visit.tx, MessageFilter(connector_id=connector_id), limit=1):
        return Newest(row.received_at, f"/messages/{row.id}" if visit.may("messages.read", row.place_id) else "")
    return None


def _state(state: str, reason: str, tries: bool) -> str:
    """A sender or poller that runs and has to wait is in trouble, though it works on it."""
    return "waiting" if state == "running" and reason and tries else state


def _certificate_days(visit: Visit, name: str) -> int | None:
    """Days until the first of its certificates ends, where that is soon."""
    connector = visit.services.supervisor.site().connectors.get(name)
    if connector is None:
        return None
    at = clock.moment(visit.now)
    found = [days_left(path, at) for setting, path in files_in(connector.settings, "") if not setting.endswith("key")]
    if (ends := visit.services.supervisor.receivers_end().get(name)) is not None:
        found.append((ends - visit.now / clock.SECOND) / 86_400)
    return min((math.floor(days) for days in found if days is not None and days < SOON_DAYS), default=None)


def _urgency(row: Row) -> int:
    if row.state == "failed":
        return 0
    if row.state == "waiting" or (row.depth and row.depth.failed):
        return 1
    return {"starting": 0, "suspended": 2, "running": 3}.get(row.state, 4)
