"""Deliveries whose payload is composed get their message: written once, kept, and from then on sent as it is.

What there is to say is read and written down beside the book's writer, which then only keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from officina.actions.deliver.about import About
from officina.actions.deliver.keep import keep_outgoing
from officina.actions.site import Site
from officina.clock import moment
from officina.errors import Invalid
from officina.message.compose import compose
from officina.outbound.facts import facts
from officina.store import deliveries, events
from officina.store.rows import DeliveryRow, EventRow
from officina.wire import er7

if TYPE_CHECKING:
    from officina.message.sending import Composed, Sending
    from officina.store import Tx

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Written(NamedTuple):
    """The message of a delivery, or why there is none. ``facility_code`` is what the receiver calls the place."""

    delivery: DeliveryRow
    event: EventRow
    at: int
    facility_code: str = ""
    payload: bytes = b""
    refused: Invalid | None = None


def write(tx: Tx, site: Site, delivery_ids: Iterable[int], at: int) -> list[Written]:
    """The messages of these deliveries, as the site's profiles have them. Reads only."""
    rows = sorted(deliveries.by_ids(tx, delivery_ids).values(), key=lambda row: row.id)
    about = About(tx, site, [row.event_id for row in rows])
    return [_written(site, about, row, at) for row in rows]


def keep(tx: Tx, written: Sequence[Written]) -> None:
    """Give each delivery its message; one of which none can be made goes to the error queue.

    A delivery that got one or left the queue meanwhile stays as it is.
    """
    now = deliveries.by_ids(tx, (each.delivery.id for each in written))
    changes: list[Mapping[str, object]] = []
    for each in written:
        row = now[each.delivery.id]
        if row.state != "queued" or row.message_id is not None:
            continue
        if each.refused is not None:
            _tell(tx, each, each.refused)
            changes.append({"id": row.id, "state": "failed", "reason": "not_composed"})
        else:
            changes.append({"id": row.id, "message_id": _kept(tx, each)})
    deliveries.update(tx, changes)
    tx.touch("deliveries")


def _written(site: Site, about: About, row: DeliveryRow, at: int) -> Written:
    event = about.event(row.event_id)
    connector = next((each for each in site.connectors.values() if each.id == row.connector_id), None)
    subject = about.subject(event, connector)
    zone, code = about.zone(event), str(subject.place.get("partner_code", ""))
    name = connector.name if connector else ""
    try:
        sending, composed = _dialect(site, row, event)
        control_id = _control_id(at, row.id)
        told = facts(subject, connector=name, control_id=control_id, at=at, zone=zone)
        payload = compose(sending, composed, told, control_id=control_id, at=moment(at).astimezone(zone))
    except Invalid as refused:
        return Written(row, event, at, refused=refused)
    return Written(row, event, at, code, payload)


def _dialect(site: Site, row: DeliveryRow, event: EventRow) -> tuple[Sending, Composed]:
    profile = site.payloads.get(row.subscription_id)
    if profile is None:
        remedy = "give it again, or delete this delivery"
        raise Invalid("the subscription or its profile is gone", place="subscription", remedy=remedy)
    composed = profile.sending.message(event.kind)
    if composed is None:
        remedy = f"add a message to [send.messages] of {profile.name}"
        raise Invalid(f"{profile.name} has no message for {event.kind}", place="send.messages", remedy=remedy)
    return profile.sending, composed


def _kept(tx: Tx, written: Written) -> int:
    message_id = tx.id()
    keep_outgoing(
        tx,
        er7.parse(written.payload),
        written.payload,
        message_id=message_id,
        connector_id=written.delivery.connector_id,
        reason="composed",
        facility_code=written.facility_code,
        place_id=written.event.place_id,
        patient_id=written.event.patient_id,
        at=written.at,
    )
    return message_id


def _tell(tx: Tx, written: Written, refused: Invalid) -> None:
    events.record(
        tx,
        at=written.at,
        kind="delivery.not_composed",
        subject="delivery",
        subject_id=written.delivery.id,
        actor="system",
        detail={"place": refused.place, "reason": refused.text, "remedy": refused.remedy},
    )


def _control_id(at: int, delivery_id: int) -> str:
    """20 characters at most (MSH-10 up to 2.6), and never the same again, even where the book was set back to an
    earlier copy: receivers drop what they believe to be a repetition.
    """
    return f"{_digits(at)}{_digits(delivery_id)}"


def _digits(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return text
