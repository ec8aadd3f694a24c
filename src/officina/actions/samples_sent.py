"""What a profile would send of the orders in a sample: its fields by their paths, ``sent[1].ORC-5``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final

from officina.clock import instant
from officina.errors import Invalid
from officina.message.compose import compose
from officina.message.profile import Profile
from officina.order.assemble import Assembled
from officina.order.order import Order
from officina.order.patient import CLEAR
from officina.outbound.facts import Subject, facts
from officina.wire import er7
from officina.wire.path import PathError
from officina.workflow import order_status

# A sample has no instant and no site, so these stand for them: noon of this day, and these names.
AT: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
CONTROL_ID: Final = "SAMPLE"
RECEIVER: Final = "receiver"
_NAME: Final = re.compile(r"sent\[(\d+)\]\.(\S+)", re.ASCII)


class Sent:
    """The messages that tell of the orders as new ones, in their order."""

    def __init__(self, assembled: Assembled | None, facility: str, profile: Profile, zone: tzinfo) -> None:
        told = profile.sending.message("order.created")
        orders: Sequence[Order] = assembled.orders if assembled is not None and told is not None else ()
        self._messages: list[er7.Message] = []
        for order in orders:
            assert assembled is not None
            assert told is not None
            at = AT.replace(tzinfo=zone)
            said = facts(
                _subject(assembled, order, facility),
                connector=RECEIVER,
                control_id=CONTROL_ID,
                at=instant(at),
                zone=zone,
            )
            self._messages.append(er7.parse(compose(profile.sending, told, said, control_id=CONTROL_ID, at=at)))

    def text(self, name: str) -> str:
        """What stands there, "" where there is no such message or nothing stands there. Raises `Invalid`."""
        found = _NAME.fullmatch(name)
        if found is None:
            raise Invalid("is no field of a message", place=name, remedy="write it like sent[1].ORC-5")
        number = int(found[1])
        if not 1 <= number <= len(self._messages):
            return ""
        try:
            return self._messages[number - 1].get(found[2])
        except PathError as error:
            raise Invalid(error.text, place=name, remedy="write it like sent[1].ORC-5") from error


def _subject(assembled: Assembled, order: Order, facility: str) -> Subject:
    place = {"code": facility, "name": facility, "partner_code": facility}
    patient, visit = assembled.patient, assembled.visit
    stays = {**visit.fields, "number": visit.number, **visit.instants}
    status = order_status.first(order.control)
    return Subject(
        {"id": 1, "kind": "order.created", "at": instant(AT)},
        place,
        place,
        {name: value for name, value in patient.fields.items() if value != CLEAR},
        [each._asdict() for each in patient.identifiers],
        {name: value for name, value in stays.items() if value != CLEAR},
        {**order.facts(), "status": status, "id": 1, "version": 1},
    )
