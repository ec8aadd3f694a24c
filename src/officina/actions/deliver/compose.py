"""Deliveries whose payload is composed get their message: written once, kept, and from then on sent as it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from officina.actions.deliver.keep import keep_outgoing
from officina.actions.site import Connector, Place, Site
from officina.clock import moment
from officina.errors import Invalid
from officina.message.compose import compose
from officina.order.order import facts_of
from officina.outbound.facts import Row, Subject, facts
from officina.store import deliveries, events, orders, patients
from officina.store.rows import DeliveryRow, EventRow, OrderRow, PatientRow, VisitRow
from officina.wire import er7
from officina.workflow import order_status

if TYPE_CHECKING:
    from officina.message.facts import Facts
    from officina.message.sending import Composed, Sending
    from officina.store import Tx

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Composer:
    """Writes messages about events as a site's profiles have them."""

    def __init__(self, tx: Tx, site: Site) -> None:
        self._tx, self._site = tx, site
        self._connectors = {each.id: each for each in site.connectors.values()}

    def write(self, delivery_ids: Iterable[int], at: int) -> None:
        """Give each of these deliveries its message; one of which none can be made goes to the error queue."""
        tx = self._tx
        rows = [each for each in deliveries.by_ids(tx, delivery_ids).values() if _unwritten(each)]
        happened = events.by_ids(tx, (row.event_id for row in rows))
        changes: list[Mapping[str, object]] = []
        for row in sorted(rows, key=lambda each: each.id):
            try:
                changes.append({"id": row.id, "message_id": self._kept(row, happened[row.event_id], at)})
            except Invalid as refused:
                changes.append({"id": row.id, "state": "failed", "reason": "not_composed"})
                self._tell(row, refused, at)
        deliveries.update(tx, changes)
        tx.touch("deliveries")

    def preview(self, row: DeliveryRow, at: int) -> bytes:
        """What would be sent now. Raises Invalid with the field, or whatever is missing, as its place."""
        return self._bytes(row, events.by_ids(self._tx, [row.event_id])[row.event_id], "NEW", at)[1]

    def _kept(self, row: DeliveryRow, event: EventRow, at: int) -> int:
        message_id = self._tx.id()
        told, payload = self._bytes(row, event, _control_id(at, message_id), at)
        place = told["place"]
        keep_outgoing(
            self._tx,
            er7.parse(payload),
            payload,
            message_id=message_id,
            connector_id=row.connector_id,
            reason="composed",
            facility_code=str(place["partner_code"]) if isinstance(place, Mapping) else "",
            place_id=event.place_id,
            patient_id=event.patient_id,
            at=at,
        )
        return message_id

    def _bytes(self, row: DeliveryRow, event: EventRow, control_id: str, at: int) -> tuple[Facts, bytes]:
        sending, composed = self._dialect(row, event)
        connector = self._connectors.get(row.connector_id)
        place = self._site.places.get(event.place_id or 0)
        told = facts(
            self._subject(event, connector),
            connector=connector.name if connector else "",
            control_id=control_id,
            at=at,
            zone=_zone(place),
        )
        made_at = moment(at).astimezone(_zone(place))
        return told, compose(sending, composed, told, control_id=control_id, at=made_at)

    def _dialect(self, row: DeliveryRow, event: EventRow) -> tuple[Sending, Composed]:
        profile = self._site.payloads.get(row.subscription_id)
        if profile is None:
            remedy = "give it again, or delete this delivery"
            raise Invalid("the subscription or its profile is gone", place="subscription", remedy=remedy)
        composed = profile.sending.message(event.kind)
        if composed is None:
            remedy = f"add a message to [send.messages] of {profile.name}"
            raise Invalid(f"{profile.name} has no message for {event.kind}", place="send.messages", remedy=remedy)
        return profile.sending, composed

    # --- what the book knows of an event -----------------------------------------------------------------------

    def _subject(self, event: EventRow, connector: Connector | None) -> Subject:
        tx, site = self._tx, self._site
        order = orders.get(tx, event.subject_id) if event.subject == "order" else None
        patient = patients.get(tx, event.patient_id) if event.patient_id else None
        place = site.places.get(event.place_id or 0)
        above = site.places.get(place.organisation_id or 0) if place else None
        return Subject(
            event=event._asdict(),
            place=_place(place, connector),
            organisation=_place(above, connector),
            patient=patient._asdict() if patient else {},
            identifiers=self._identifiers(patient) if patient else (),
            visit=_fields(self._visit(event, order)),
            order=self._order(event, order) if order else {},
        )

    def _identifiers(self, patient: PatientRow) -> list[Row]:
        """A number that came without an authority is known under its connector's name, which is nobody else's."""
        found = patients.identifiers(self._tx, [patient.id])
        return [
            {"type": each.type, "value": each.value, "authority": self._authority(each.authority)} for each in found
        ]

    def _authority(self, name: str) -> str:
        return "" if name in self._site.connectors else name

    def _visit(self, event: EventRow, order: OrderRow | None) -> VisitRow | None:
        """The order's, else the patient's newest at the place."""
        if order is not None:
            return patients.visits_by_ids(self._tx, [order.visit_id]).get(order.visit_id) if order.visit_id else None
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

    def _tell(self, row: DeliveryRow, refused: Invalid, at: int) -> None:
        detail = {"place": refused.place, "reason": refused.text, "remedy": refused.remedy}
        events.record(
            self._tx,
            at=at,
            kind="delivery.not_composed",
            subject="delivery",
            subject_id=row.id,
            actor="system",
            detail=detail,
        )


def _unwritten(row: DeliveryRow) -> bool:
    return row.state == "queued" and row.message_id is None


def _place(place: Place | None, connector: Connector | None) -> Row:
    """``partner_code`` is what the receiver calls it, where the site has a code map for it."""
    if place is None:
        return {}
    codes = [code for code, routed in (connector.routes if connector else {}).items() if routed.place_id == place.id]
    return {"code": place.code, "name": place.name, "partner_code": codes[-1] if codes else place.code}


def _fields(row: VisitRow | None) -> Row:
    return row._asdict() if row else {}


def _zone(place: Place | None) -> tzinfo:
    return place.zone if place else UTC


def _control_id(at: int, number: int) -> str:
    """20 characters at most (MSH-10 up to 2.6), and never the same again, even where the book was set back to an
    earlier copy: receivers drop what they believe to be a repetition.
    """
    return f"{_written(at)}{_written(number)}"


def _written(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return text
