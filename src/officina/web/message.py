"""One message: what became of it and why, what it says by name and byte by byte, and what it caused."""

from __future__ import annotations

import json
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from officina.actions.receive import answer
from officina.errors import Forbidden, Gone, NotFound
from officina.store import connectors, deliveries, messages
from officina.store import places as book
from officina.store.messages import Body
from officina.store.rows import MessageRow
from officina.web import happened, labels, meaning, places, raw, remedies, segments
from officina.web.meaning import Meaning
from officina.web.messages import ADDRESS, neighbours
from officina.web.rendering import address
from officina.web.visit import Visit
from officina.wire import er7

# What can be drawn of one message; a larger one can be downloaded.
MOST_DRAWN = 2_000_000
_STAYS = "the orders it made, and what happened to them, stay in the book"


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says. ``tree`` is None where nothing could be made of the bytes."""

    lines: list[list[raw.Piece]]
    tree: list[segments.Shown] | None
    cut: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """One acknowledgement as sent. ``texts`` are MSA-3 and the words of ERR."""

    code: str
    texts: list[str]
    lines: list[list[raw.Piece]]


def show(visit: Visit) -> Response:
    """The message with all it led to. What it says needs a right of its own, and is written to the access log."""
    row = _visible(visit)
    body = messages.body(visit.tx, row.id)
    content, answers = None, None
    if body is not None and visit.may("messages.raw", row.place_id):
        visit.looked_at("message", row.id, row.patient_id, row.place_id)
        content, answers = content_of(body.raw, row.encoding), _answers(body, row.encoding)
    findings = _findings(body, content)
    connector = connectors.get(visit.tx, row.connector_id)
    place = book.get(visit.tx, row.place_id) if row.place_id is not None else None
    newer, older = neighbours(visit, row.id)
    query = visit.asked(ADDRESS)
    return visit.page(
        "messages/message.html",
        workspace="exchange",
        place_path="/messages",
        place_query=query,
        row=row,
        query=query,
        connector=connector.name if connector else "removed",
        at_place=place.name if place else "",
        newer=newer,
        older=older,
        findings=findings,
        said={each["text"] for each in findings},
        answers=answers,
        content=content,
        gone=body is None,
        meanings=_meanings(visit, connector.name if connector else "", content),
        caused=_caused(visit, row),
        original=messages.get(visit.tx, row.duplicate_of) if row.duplicate_of is not None else None,
        duplicates=messages.duplicates(visit.tx, row.id),
        remedy=remedies.remedy(row.state, row.reason),
        may_go_again=body is not None
        and remedies.offers_again(row.state, row.reason)
        and visit.may("messages.write", row.place_id),
    )


def process_again(visit: Visit) -> Response:
    """Have it go through once more, and show what became of it."""
    row = _visible(visit)
    if not visit.may("messages.write", row.place_id):
        raise Forbidden("your roles do not include processing messages of this place again")
    visit.services.intake.process_again(row.id, visit.session.actor)
    return RedirectResponse(address(f"/messages/{row.id}", visit.asked(ADDRESS)), 303)


def show_news(visit: Visit) -> Response:
    """Whether the message has come into another state than the one on the screen."""
    row = _visible(visit)
    now = labels.label("message", row.state).word.lower()
    text = f"This message is now {now}." if row.state != visit.query.get("shown", "") else ""
    return visit.piece("changed.html", text=text, href=address(f"/messages/{row.id}", visit.asked(ADDRESS)))


def show_bytes(visit: Visit) -> Response:
    """The bytes alone, by lines or in hexadecimal."""
    row = _visible(visit)
    body = _readable(visit, row)
    in_hex = visit.query.get("as") == "hex"
    return visit.piece(
        "messages/bytes.html",
        row=row,
        in_hex=in_hex,
        rows=raw.hex_rows(body.raw) if in_hex else [],
        content=None if in_hex else content_of(body.raw, row.encoding),
        cut=len(body.raw) > raw.MOST // 4,
    )


def download(visit: Visit) -> Response:
    """The bytes as they came. Never with a type a browser would open."""
    row = _visible(visit)
    body = _readable(visit, row)
    headers = {"Content-Disposition": f'attachment; filename="message-{row.id}.hl7"'}
    return Response(body.raw, media_type="application/octet-stream", headers=headers)


def content_of(received: bytes, encoding: str) -> Content:
    """The bytes as lines, and by name if a message can be made out, in the character set they were taken in."""
    drawn = received[:MOST_DRAWN]
    cut = len(received) > raw.MOST
    try:
        parsed = _parsed(drawn, encoding)
    except er7.ParseError:
        return Content(raw.of_bytes(drawn), None, cut)
    return Content(raw.of_message(parsed), segments.of_message(parsed), cut)


def _parsed(payload: bytes, encoding: str) -> er7.Message:
    return er7.parse(payload, fallback=encoding or "cp1252")


def _meanings(visit: Visit, connector: str, content: Content | None) -> dict[str, Meaning]:
    """What the connector's profile, as it is now, reads each field as."""
    known = visit.services.supervisor.site().connectors.get(connector)
    return meaning.of_message(known.profile.body, content.tree) if known and content and content.tree else {}


def _visible(visit: Visit) -> MessageRow:
    message_id = places.number_of(str(visit.request.path_params["message_id"]))
    row = messages.get(visit.tx, message_id) if message_id is not None else None
    if row is None and message_id is not None and _was_here(visit, message_id):
        raise Gone(f"message {message_id} is older than its connector keeps messages", remedy=_STAYS)
    if row is None or not visit.may("messages.read", row.place_id):
        raise NotFound("no such message at your places")
    return row


def _was_here(visit: Visit, message_id: int) -> bool:
    """Whether one still knows, by what it caused, of a message that is no longer kept."""
    event = messages.trace(visit.tx, message_id)
    return event is not None and visit.may("messages.read", event.place_id)


def _readable(visit: Visit, row: MessageRow) -> Body:
    if not visit.may("messages.raw", row.place_id):
        raise NotFound("its content is not for your roles")
    body = messages.body(visit.tx, row.id)
    if body is None:
        raise Gone(f"what message {row.id} said is older than its connector keeps it", remedy=_STAYS)
    visit.looked_at("message", row.id, row.patient_id, row.place_id)
    return body


def _findings(body: Body | None, content: Content | None) -> list[dict[str, str]]:
    """The findings, each with the place in the tree that its path leads to."""
    found = json.loads(body.findings) if body else []
    where = segments.finder(content.tree) if content and content.tree else lambda path: ""
    return [{**each, "anchor": where(each["path"]), "way_out": ""} for each in found]


def _answers(body: Body, encoding: str) -> list[Answer]:
    return [_answer(_parsed(payload, encoding)) for payload in answer.payloads(body.answer)]


def _answer(parsed: er7.Message) -> Answer:
    texts = [parsed.get("MSA-3"), *(segment.get("8") or segment.get("7") for segment in parsed.segments("ERR"))]
    return Answer(parsed.get("MSA-1"), list(dict.fromkeys(filter(None, texts))), raw.of_message(parsed))


def _caused(visit: Visit, row: MessageRow) -> dict[str, object]:
    """Orders only for those who may read orders there; events without who looked at what. What was written here to be
    sent has the deliveries that send it."""
    caused = messages.caused(visit.tx, row.id)
    sent = deliveries.of_message(visit.tx, row.id) if row.direction == "out" else caused.deliveries
    may_read = visit.may("orders.read", row.place_id)
    names = {each.id: each.name for each in connectors.every(visit.tx)}
    return {
        "orders": caused.orders if may_read else [],
        "hidden": len(caused.orders) if not may_read else 0,
        "events": happened.shown(caused.events, link_to=("order",) if may_read else ()),
        "deliveries": [(each, names.get(each.connector_id, "removed")) for each in sent],
    }
