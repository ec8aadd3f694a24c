"""One order: the patient, what stands now, how it came to be so, and every message that said so."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from starlette.responses import Response

from officina.errors import NotFound
from officina.order.order import facts_of
from officina.store import messages, orders, patients
from officina.store import places as book
from officina.store.rows import EventRow, OrderRow, VersionRow, VisitRow
from officina.web import facts, happened, labels, moments, places
from officina.web.orders import ADDRESS
from officina.web.rendering import address
from officina.web.visit import Visit


def show(visit: Visit) -> Response:
    """The order in full; written to the patient's access log."""
    row = _visible(visit)
    visit.looked_at("order", row.id, row.patient_id, row.place_id)
    entries = orders.timeline(visit.tx, row.id)
    stated = [entry for entry in entries if isinstance(entry, VersionRow)]
    told_by = {entry.message_id for entry in entries if entry.message_id is not None} | {row.message_id}
    kept = frozenset(message.id for message in messages.by_ids(visit.tx, told_by))
    place = book.get(visit.tx, row.place_id)
    zones = facts.Zones(moments.zone_of(place.time_zone if place else "UTC"), visit.zone)
    return visit.page(
        "orders/order.html",
        workspace="orders",
        place_path="/orders",
        row=row,
        query=visit.asked(ADDRESS),
        at_place=place.name if place else "",
        patient=patients.get(visit.tx, row.patient_id),
        identifiers=labels.shown_identifiers(patients.identifiers(visit.tx, [row.patient_id])),
        stay=_stay(visit, row),
        lines=facts.lines(facts_of(stated[-1].facts), zones) if stated else [],
        happened=_timeline(entries, facts.versions(stated), kept),
        message_kept=row.message_id in kept,
        may_see_messages=visit.may("messages.read", row.place_id),
    )


def show_news(visit: Visit) -> Response:
    """Whether the order has become another version than the one on the screen."""
    row = _visible(visit)
    changed = str(row.version) != visit.query.get("version", "")
    text = f"This order has changed: version {row.version}." if changed else ""
    return visit.piece("changed.html", text=text, href=address(f"/orders/{row.id}", visit.asked(ADDRESS)))


def _visible(visit: Visit) -> OrderRow:
    order_id = places.number_of(str(visit.request.path_params["order_id"]))
    row = orders.get(visit.tx, order_id) if order_id is not None else None
    if row is None or not visit.may("orders.read", row.place_id):
        raise NotFound("no such order at your places")
    return row


def _stay(visit: Visit, row: OrderRow) -> VisitRow | None:
    """The stay the order belongs to, else the newest one known at its place."""
    known = patients.visits(visit.tx, row.patient_id)
    own = [each for each in known if each.id == row.visit_id]
    return next(iter(own or [each for each in known if each.place_id == row.place_id]), None)


def _timeline(
    entries: Sequence[EventRow | VersionRow], versions: Sequence[facts.Version], kept: Collection[int]
) -> list[happened.Line]:
    """Newest first; a version is told by the event that follows it in the order of commit. ``kept`` are the messages
    that are still there.
    """
    changes = {version.row.id: version.changes for version in versions}
    lines: list[happened.Line] = []
    version: VersionRow | None = None
    for entry in entries:
        if isinstance(entry, VersionRow):
            version = entry
            continue
        for line in happened.shown([entry], link_to=("message",)):
            if version is not None and version.message_id == entry.message_id:
                line = line._replace(version=version.number, changes=changes[version.id])
                version = None
            if line.href and entry.message_id not in kept:
                line = line._replace(href="", link=f"{line.link}, no longer kept")
            lines.append(line)
    return lines[::-1]
