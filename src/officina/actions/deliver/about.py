"""What the book knows of some events, read together: whom and what they are about, and where."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from officina.actions.site import Connector, Place, Site
from officina.order.order import facts_of
from officina.outbound.facts import Row, Subject
from officina.store import events, orders, patients
from officina.store.rows import EventRow, OrderRow, VisitRow
from officina.workflow import order_status

if TYPE_CHECKING:
    from officina.store import Tx


class About:
    """The order as it stood when an event happened, the patient and the visit as they are."""

    def __init__(self, tx: Tx, site: Site, event_ids: Iterable[int]) -> None:
        self._tx, self._site = tx, site
        self._events = events.by_ids(tx, event_ids)
        happened = self._events.values()
        found = orders.by_ids(tx, {each.subject_id for each in happened if each.subject == "order"})
        self._orders = {order.id: order for order in found}
        self._visits = patients.visits_by_ids(tx, (order.visit_id for order in found if order.visit_id))
        whose = {each.patient_id for each in happened if each.patient_id}
        self._patients = patients.by_ids(tx, whose)
        self._identifiers: defaultdict[int, list[Row]] = defaultdict(list)
        for each in patients.identifiers(tx, whose):
            known = {"type": each.type, "value": each.value, "authority": self._authority(each.authority)}
            self._identifiers[each.patient_id].append(known)

    def event(self, event_id: int) -> EventRow:
        return self._events[event_id]

    def zone(self, event: EventRow) -> tzinfo:
        """That of the place where it happened."""
        place = self._site.places.get(event.place_id or 0)
        return place.zone if place else UTC

    def subject(self, event: EventRow, connector: Connector | None) -> Subject:
        """All that can be told of it to the receiver behind a connector."""
        order = self._orders.get(event.subject_id) if event.subject == "order" else None
        patient = self._patients.get(event.patient_id or 0)
        place = self._site.places.get(event.place_id or 0)
        above = self._site.places.get(place.organisation_id or 0) if place else None
        visit = self._visit(event, order)
        return Subject(
            event=event._asdict(),
            place=_place(place, connector),
            organisation=_place(above, connector),
            patient=patient._asdict() if patient else {},
            identifiers=self._identifiers[patient.id] if patient else (),
            visit=visit._asdict() if visit else {},
            order=self._order(event, order) if order else {},
        )

    def _authority(self, name: str) -> str:
        """A number that came without an authority is known under its connector's name, which is nobody else's."""
        return "" if name in self._site.connectors else name

    def _visit(self, event: EventRow, order: OrderRow | None) -> VisitRow | None:
        """The order's, else the patient's newest at the place."""
        if order is not None:
            return self._visits.get(order.visit_id or 0)
        found = patients.visits(self._tx, event.patient_id) if event.patient_id else []
        return next((each for each in found if each.place_id == event.place_id), None)

    def _order(self, event: EventRow, order: OrderRow) -> Row:
        version = orders.version_before(self._tx, order.id, event.id)
        known = facts_of(version.facts) if version else {}
        detail = json.loads(event.detail) if event.detail else {}
        status = detail.get("status") or order.status
        if event.kind == "order.created":
            status = order_status.first(str(known.get("control", "")))
        return {**known, "id": order.id, "version": version.number if version else order.version, "status": status}


def _place(place: Place | None, connector: Connector | None) -> Row:
    """``partner_code`` is what the receiver calls it, where the site has a code map for it."""
    if place is None:
        return {}
    codes = [code for code, routed in (connector.routes if connector else {}).items() if routed.place_id == place.id]
    return {"code": place.code, "name": place.name, "partner_code": codes[-1] if codes else place.code}
