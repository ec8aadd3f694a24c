"""What waits at a connector, what it could not hand over, and one delivery with everything that was tried."""

from __future__ import annotations

from typing import NamedTuple

from starlette.responses import RedirectResponse, Response

from officina.actions import deliver
from officina.actions.deliver import aside, many
from officina.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from officina.store import connectors, deliveries, events, messages
from officina.store.rows import AttemptRow, DeliveryRow, MessageRow
from officina.web import happened, places, raw
from officina.web.message import Content, content_of
from officina.web.rendering import address
from officina.web.visit import Visit

ADDRESS = "/deliveries"
PAGE = 50
NAMES = ("state", "connector")
PICK = "pick-"  # begins the name of a ticked row, which goes on with its delivery


class Row(NamedTuple):
    """A line of a queue: the delivery, its connector, the message it sends, and its last attempt."""

    delivery: DeliveryRow
    connector: str
    message: MessageRow | None
    last: AttemptRow | None


class Preview(NamedTuple):
    """What would be composed now, or why nothing can be."""

    content: Content | None
    fault: Invalid | None = None


class Tried(NamedTuple):
    """An attempt with its two acknowledgements as lines."""

    attempt: AttemptRow
    answer: Content | None
    accept_answer: Content | None


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
        showing=state,
        first=before is None,
        older=shown[-1].delivery.id if len(rows) > PAGE else None,
        connectors=sorted(names.values()),
        may_control=visit.session.rights.may("connectors.control"),
        readable=visit.session.rights.may("messages.raw", None),
    )


def show_one(visit: Visit) -> Response:
    """A delivery: what is sent, every attempt with the answer as it came, and what can be done."""
    return _page(visit, _delivery(visit))


def _page(visit: Visit, row: DeliveryRow, refused: Invalid | Gone | None = None) -> Response:
    """``refused``: why it was not done; what was typed stays."""
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
        422 if refused else 200,
        refused=refused,
        typed=visit.form,
        workspace="exchange",
        place_path="/messages",
        row=row,
        query=asked(visit),
        connector=connector.name if connector else "removed",
        sends=connector is not None and connector.state == "active",
        message=message,
        tried=[_tried(each, readable) for each in deliveries.attempts(visit.tx, row.id)],
        readable=readable,
        payload=raw.editable(body.raw, message.encoding) if body is not None and message is not None else None,
        content=content_of(body.raw, message.encoding) if body is not None and message is not None else None,
        preview=_preview(visit, row) if row.message_id is None else None,
        cause=happened.shown(events.by_ids(visit.tx, [row.event_id]).values(), link_to=("message", "order")),
        happened=happened.shown(told),
        shown=visit.query.get("shown", row.state),  # in which state the page around it was drawn
        gone=row.message_id is not None and content is None,
        may_control=visit.session.rights.may("connectors.control"),
        may_edit=readable and visit.session.rights.may("messages.write", None),
    )


def act(visit: Visit) -> Response:
    """Send it again, as it was or changed, give it up, or set it aside."""
    _may_control(visit)
    row, form, actor, at = _delivery(visit), visit.form, visit.session.actor, visit.now
    writer = visit.services.store.writer
    try:
        if form.get("act") == "delete":
            reason = form.get("reason", "")
            writer.submit(lambda tx: deliver.delete(tx, row.id, actor=actor, at=at, reason=reason)).result()
            return RedirectResponse(address(ADDRESS, asked(visit)) + "#list", 303)
        _again(visit, row)
    except (Invalid, Gone) as refused:
        return _page(visit, row, refused)
    except Conflict:  # somebody was faster: the page says how it stands now
        pass
    return RedirectResponse(address(f"{ADDRESS}/{row.id}", asked(visit)) + "#now", 303)


def _again(visit: Visit, row: DeliveryRow) -> None:
    form, actor, at = visit.form, visit.session.actor, visit.now
    if form.get("act") == "aside":
        visit.services.store.writer.submit(lambda tx: aside.set_aside(tx, row.id, actor=actor, at=at)).result()
        return
    payload: bytes | None = None
    if form.get("act") == "edited":
        message = _message(visit, row)
        if message is None or not visit.session.rights.may("messages.write", None):
            raise Forbidden("your roles do not include changing what is sent")
        payload = raw.edited(form.get("payload", ""), message.encoding)
    front = form.get("front") == "yes"
    work = visit.services.store.writer.submit(
        lambda tx: deliver.resubmit(tx, row.id, actor=actor, at=at, payload=payload, front=front)
    )
    work.result()


def act_on_many(visit: Visit) -> Response:
    """Send the ticked ones or all again, or give the ticked ones up; what came of it, for beside the buttons."""
    _may_control(visit)
    form, actor, at = visit.form, visit.session.actor, visit.now
    picked = [number for name in form if (number := places.number_of(name.removeprefix(PICK))) and PICK in name]
    act, reason, problem, count = form.get("act", ""), form.get("reason", ""), "", 0
    writer = visit.services.store.writer
    if act == "all":
        count = sum(_all_again(visit, number) for number in _connectors_asked(visit))
    elif not picked:
        problem = "Nothing is ticked."
    elif act == "delete" and not reason.strip():
        problem = "Say why they need not be sent."
    elif act == "delete":
        count = writer.submit(lambda tx: many.delete(tx, picked, actor=actor, at=at, reason=reason)).result()
    else:
        count = writer.submit(lambda tx: many.resubmit(tx, picked, actor=actor, at=at)).result()
    return visit.piece(
        "exchange/many.html", problem=problem, given_up=act == "delete", count=count, left=len(picked) - count
    )


def _all_again(visit: Visit, number: int) -> int:
    actor, at = visit.session.actor, visit.now
    work = visit.services.store.writer.submit(lambda tx: deliver.resubmit_all(tx, number, actor=actor, at=at))
    return work.result()


def _connectors_asked(visit: Visit) -> list[int]:
    """The one by which the list is filtered, or each."""
    wanted = visit.form.get("connector", "")
    return [each.id for each in connectors.every(visit.tx) if wanted in ("", each.name)]


def _may_control(visit: Visit) -> None:
    if not visit.session.rights.may("connectors.control"):
        raise Forbidden("your roles do not include looking after the error queue")


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


def _preview(visit: Visit, row: DeliveryRow) -> Preview:
    """Of a delivery whose message was not composed yet, for whoever may read it then."""
    event = events.by_ids(visit.tx, [row.event_id])[row.event_id]
    if not visit.may("messages.raw", event.place_id):
        return Preview(None)
    (written,) = deliver.write(visit.tx, visit.services.supervisor.site(), [row.id], visit.now)
    if written.refused is not None:
        return Preview(None, written.refused)
    if event.patient_id is not None:
        visit.looked_at("patient", event.patient_id, event.patient_id, event.place_id)
    return Preview(content_of(written.payload, ""))


def _tried(row: AttemptRow, readable: bool) -> Tried:
    def lines(answer: bytes | None) -> Content | None:
        return content_of(bytes(answer), "") if readable and answer else None

    return Tried(row, lines(row.answer), lines(row.accept_answer))
