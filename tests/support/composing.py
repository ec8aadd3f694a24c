"""Messages composed from facts, for tests that read them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from officina.clock import instant
from officina.message.compose import compose
from officina.message.profile import Profile
from officina.outbound.facts import Subject, facts


def composed(
    profile: Profile,
    kind: str,
    at: datetime,
    *,
    control_id: str = "OUT1",
    connector: str = "cabinet",
    place: Mapping[str, object] | None = None,
    organisation: Mapping[str, object] | None = None,
    patient: Mapping[str, object] | None = None,
    identifiers: Sequence[Mapping[str, object]] = (),
    visit: Mapping[str, object] | None = None,
    order: Mapping[str, object] | None = None,
) -> bytes:
    """What the profile has to say of an event of this kind; ``at`` is when it happened and when it is told."""
    message = profile.sending.message(kind)
    assert message is not None
    zone: tzinfo | None = at.tzinfo
    assert zone is not None
    subject = Subject(
        {"id": 1, "kind": kind, "at": instant(at)},
        place or {"code": "OAK", "name": "Oakwood House", "partner_code": "OAK01"},
        organisation or {"code": "HARBOUR", "name": "Harbour Care", "partner_code": "HARBOUR"},
        patient or {},
        identifiers,
        visit or {},
        order or {},
    )
    told = facts(subject, connector=connector, control_id=control_id, at=instant(at), zone=zone)
    return compose(profile.sending, message, told, control_id=control_id, at=at)
