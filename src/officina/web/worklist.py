"""What waits for a person, by its cause: try what releasing a group would come to, then release it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from starlette.responses import Response

from officina.errors import Forbidden
from officina.store import connectors, worklist
from officina.store.rows import MessageRow
from officina.store.worklist import Cause, Group
from officina.web import labels, places, remedies
from officina.web.visit import Visit

SHOWN: Final = 5  # messages of a group
OPENED: Final = 3  # groups, where there are no more


class Row(NamedTuple):
    """A group with its cause in words, what to do about it, and the first of its messages that one may see."""

    group: Group
    connector: str
    words: str
    remedy: str
    query: Mapping[str, str]
    messages: list[MessageRow]


def show(visit: Visit) -> Response:
    """All groups, the largest first; it is opened, and so are all where there are few."""
    names = {each.id: each.name for each in connectors.every(visit.tx)}
    groups = worklist.groups(visit.tx)
    opened = len(groups) if len(groups) <= OPENED else 1
    return visit.page(
        "exchange/worklist.html",
        workspace="exchange",
        place_path="/messages",
        rows=[_row(visit, group, names, number < opened) for number, group in enumerate(groups)],
        opened=opened,
        may_release=visit.session.rights.may("messages.write", None),
        may_map=visit.session.rights.may("site.write"),
    )


def _row(visit: Visit, group: Group, names: Mapping[int, str], opened: bool) -> Row:
    cause = group.cause
    connector = names.get(cause.connector_id, "removed")
    query = {"state": cause.state, "facility": cause.facility_code, "connector": connector}
    first = worklist.members(visit.tx, cause, limit=SHOWN) if opened else []
    seen = [row for row in first if visit.may("messages.read", row.place_id)]
    return Row(group, connector, in_words(cause), remedies.remedy(cause.state, cause.reason), query, seen)


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
