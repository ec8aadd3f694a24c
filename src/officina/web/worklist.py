"""What waits for a person, by its cause: try what releasing a group would come to, then release it."""

from __future__ import annotations

from typing import NamedTuple

from starlette.responses import Response

from officina.errors import Forbidden
from officina.store import connectors, worklist
from officina.store.worklist import Cause, Group
from officina.web import labels, places
from officina.web.visit import Visit


class Row(NamedTuple):
    """A group with its cause in words."""

    group: Group
    connector: str
    words: str


def show(visit: Visit) -> Response:
    """All groups, the largest first."""
    names = {each.id: each.name for each in connectors.every(visit.tx)}
    rows = [
        Row(group, names.get(group.cause.connector_id, "removed"), in_words(group.cause))
        for group in worklist.groups(visit.tx)
    ]
    return visit.page(
        "exchange/worklist.html",
        workspace="exchange",
        place_path="/messages",
        rows=rows,
        may_release=visit.session.rights.may("messages.write", None),
    )


def act(visit: Visit) -> Response:
    """Try it, or do it; the answer is put beside the group."""
    if not visit.session.rights.may("messages.write", None):
        raise Forbidden("your roles do not include processing messages of every place again")
    form = visit.form
    cause = Cause(
        form.get("state", ""),
        form.get("reason", ""),
        form.get("facility_code", ""),
        places.number_of(form.get("connector_id", "")) or 0,
    )
    trial = form.get("act") != "release"
    found = visit.services.intake.release(cause, visit.session.actor, trial=trial)
    states = [(labels.label("message", state), count) for state, count in sorted(found.states.items())]
    return visit.piece("exchange/released.html", found=found, states=states, trial=trial)


def in_words(cause: Cause) -> str:
    """``facility code not known: 45``."""
    said = labels.reason(cause.reason) if cause.reason else labels.label("message", cause.state).word
    return f"{said}: {cause.facility_code}" if cause.reason == "facility_unknown" else said
