"""What waits at a connector, what it could not hand over, and one delivery with everything that was tried."""

from __future__ import annotations

from typing import NamedTuple

from starlette.responses import RedirectResponse, Response

from officina.actions import deliver
from officina.errors import Forbidden, NotFound
from officina.store import connectors, deliveries, events, messages
from officina.store.rows import AttemptRow, DeliveryRow, MessageRow
from officina.web import happened, places, raw
from officina.web.message import Content, content_of
from officina.web.rendering import address
from officina.web.visit import Visit

ADDRESS = "/deliveries"
PAGE = 50
NAMES = ("state", "connector")


class Row(NamedTuple):
    """A line of a queue: the delivery, its connector, the message it sends, and its last attempt."""

    delivery: DeliveryRow
    connector: str
    message: MessageRow | None
    last: AttemptRow | None


class Tried(NamedTuple):
    """An attempt with the answer as lines."""

    attempt: AttemptRow
    answer: Content | None


def show(visit: Visit) -> Response:
    """One page of a queue or an error queue, newest first."""
    query = asked(visit)
    state = "queued" if query.get("state") == "queued" else "failed"
    before = places.number_of(visit.query.get("before", ""))
    names = {each.id: each.name for each in connectors.every(visit.tx)}
    numbers = {name: number for number, name in names.items()}
    wanted = numbers.get(query["connector"], -1) if query.get("connector") else None
    rows = deliveries.listed(visit.tx, state=state, connector_id=wanted, before=before, limit=PAGE + 1)
    last = deliveries.last_attempts(visit.tx, [row.id for row in rows])
    shown = [
        Row(row, names.get(row.connector_id, "removed"), _message(visit, row), last.get(row.id)) for row in rows[:PAGE]
    ]
    return visit.page(
        "exchange/deliveries.html",
        workspace="exchange",
        place_path="/messages",
        rows=shown,
        query=query,
        state=state,
        first=before is None,
        older=shown[-1].delivery.id if len(rows) > PAGE else None,
        connectors=sorted(names.values()),
        readable=visit.session.rights.may("messages.raw", None),
    )


def show_one(visit: Visit) -> Response:
    """A delivery: what is sent, every attempt with the answer as it came, and what can be done."""
    row = _delivery(visit)
    message = _message(visit, row)
    readable = visit.may("messages.raw", message.place_id if message is not None else None)
    if message is not None and readable:
        visit.looked_at("message", message.id, message.patient_id, message.place_id)
    content = messages.body(visit.tx, message.id) if message is not None else None
    body = content if readable else None
    connector = connectors.get(visit.tx, row.connector_id)
    told = events.listed(visit.tx, events.EventFilter(subject="delivery", subject_id=row.id))
    return visit.page(
        "exchange/delivery.html",
        workspace="exchange",
        place_path="/messages",
        row=row,
        query=asked(visit),
        connector=connector.name if connector else "removed",
        message=message,
        tried=[_tried(each, readable) for each in deliveries.attempts(visit.tx, row.id)],
        readable=readable,
        payload=raw.editable(body.raw, message.encoding) if body is not None and message is not None else None,
        content=content_of(body.raw, message.encoding) if body is not None and message is not None else None,
        happened=happened.shown(told),
        gone=row.message_id is not None and content is None,
        may_control=visit.session.rights.may("connectors.control"),
        may_edit=readable and visit.session.rights.may("messages.write", None),
    )


def act(visit: Visit) -> Response:
    """Send it again, as it was or changed, or give it up."""
    if not visit.session.rights.may("connectors.control"):
        raise Forbidden("your roles do not include looking after the error queue")
    row, form, actor, at = _delivery(visit), visit.form, visit.session.actor, visit.now
    writer = visit.services.store.writer
    if form.get("act") == "delete":
        reason = form.get("reason", "")
        writer.submit(lambda tx: deliver.delete(tx, row.id, actor=actor, at=at, reason=reason)).result()
        return RedirectResponse(address(ADDRESS, asked(visit)), 303)
    payload: bytes | None = None
    if form.get("act") == "edited":
        message = _message(visit, row)
        if message is None or not visit.session.rights.may("messages.write", None):
            raise Forbidden("your roles do not include changing what is sent")
        payload = raw.edited(form.get("payload", ""), message.encoding)
    front = form.get("front") == "yes"
    writer.submit(lambda tx: deliver.resubmit(tx, row.id, actor=actor, at=at, payload=payload, front=front)).result()
    return RedirectResponse(f"{ADDRESS}/{row.id}", 303)


def asked(visit: Visit) -> dict[str, str]:
    """The filters of the address, those that say something."""
    return {name: visit.query[name] for name in NAMES if visit.query.get(name)}


def _delivery(visit: Visit) -> DeliveryRow:
    number = places.number_of(str(visit.request.path_params["delivery_id"]))
    row = deliveries.get(visit.tx, number) if number is not None else None
    if row is None:
        raise NotFound("there is no such delivery")
    return row


def _message(visit: Visit, row: DeliveryRow) -> MessageRow | None:
    return messages.get(visit.tx, row.message_id) if row.message_id is not None else None


def _tried(row: AttemptRow, readable: bool) -> Tried:
    return Tried(row, content_of(bytes(row.answer), "") if readable and row.answer else None)
