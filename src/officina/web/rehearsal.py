"""Trying a changed profile on stored messages: what would be different, then making it the connector's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import NamedTuple

import anyio.from_thread
from starlette.responses import Response

from officina.actions import site
from officina.actions.profiles import adopt
from officina.actions.receive import Candidate, Rehearsal, Released, Tried
from officina.actions.receive.difference import Change
from officina.actions.site import Document, Standing
from officina.connectors import registry
from officina.errors import Conflict, Forbidden, Invalid, OfficinaError
from officina.message.lineage import line_of
from officina.store import messages
from officina.store import places as book
from officina.web import labels, places, words
from officina.web import messages as listing
from officina.web.trial_words import fate_word, in_words, named
from officina.web.visit import Visit

NAMES = ("connector", "state", "type", "facility", "when", "most", "order", "place", "message")
SIZES = ("100", "200", "500", "1000")
MOST_SHOWN = 10  # of each kind


class Shown(NamedTuple):
    """A text that differs, word by word."""

    name: str
    pieces: list[words.Piece]


class Line(NamedTuple):
    """A message with what would be different in it; ``more`` is what follows from another fate."""

    tried: Tried
    changes: list[Shown]
    more: list[Shown]


class Section(NamedTuple):
    """Messages that differ in the same way foremost; ``number`` counts all of them, ``lines`` those shown."""

    title: str
    number: int
    lines: list[Line]


def show(visit: Visit) -> Response:
    """Choose connector and messages, and begin with the profile as it is."""
    _allowed(visit)
    return _page(visit)


def act(visit: Visit) -> Response:
    """Try it, adopt it, or process again what would now have an effect."""
    _allowed(visit)
    wanted, connector = visit.form.get("act", "try"), visit.query.get("connector", "")
    if wanted == "again":
        return _again(visit, connector)
    candidate = Candidate(visit.form.get("body", "").replace("\r\n", "\n"), _codes(visit))
    adopts = wanted == "adopt" and visit.form.get("tried") == _mark(candidate)
    try:
        found = _rehearse(visit, connector, candidate)
        if adopts:
            _adopt(visit, connector, candidate)
    except (Conflict, Invalid) as error:
        return _page(visit, error=_sentence(error, candidate.body))
    untried = wanted == "adopt" and not adopts
    return _page(visit, found=found, adopted=adopts, untried=untried, tried=_mark(candidate))


def _allowed(visit: Visit) -> None:
    rights = visit.session.rights
    if not (rights.may("site.write") and rights.may("messages.raw")):
        raise Forbidden("your roles do not include changing profiles and reading what messages say")


def _mark(candidate: Candidate) -> str:
    """Equal for what was tried and what is adopted: nothing becomes the profile that nobody has seen at work."""
    return sha256(repr((candidate.body, candidate.codes)).encode()).hexdigest()


def _codes(visit: Visit) -> dict[str, str]:
    code, at = visit.form.get("code", "").strip(), visit.form.get("at", "")
    if code and not at:
        raise Invalid(f"no facility is chosen for the code {code}", place="codes", remedy="choose one")
    return {code: at} if code else {}


def _rehearse(visit: Visit, connector: str, candidate: Candidate) -> Rehearsal:
    """Only messages whose content the person may read."""
    intake, query = visit.services.intake, visit.query
    if query.get("message"):
        message_id = places.number_of(query["message"])
        row = messages.get(visit.tx, message_id) if message_id is not None else None
        if row is None or not visit.may("messages.raw", row.place_id):
            raise Forbidden("your roles do not include reading this message")
        return intake.rehearse_one(row.id, connector, candidate)
    wanted = replace(listing.wanted_of(visit), place_ids=places.within(visit, "messages.raw"))
    most = int(query["most"]) if query.get("most") in SIZES else int(SIZES[1])
    return intake.rehearse(wanted, connector, candidate, most=most, oldest=query.get("order") == "oldest")


def _adopt(visit: Visit, connector: str, candidate: Candidate) -> None:
    work = partial(
        adopt,
        connector=connector,
        candidate=candidate,
        began_with=visit.form.get("began", "").replace("\r\n", "\n"),
        actor=visit.session.actor,
        at=visit.now,
    )
    visit.services.store.writer.submit(work).result()
    anyio.from_thread.run(visit.services.supervisor.caught_up)


def _again(visit: Visit, connector: str) -> Response:
    numbers = (places.number_of(text) for text in visit.form.get("ids", "").split(","))
    rows = messages.by_ids(visit.tx, [number for number in numbers if number is not None][:1000])
    if not all(visit.may("messages.write", row.place_id) for row in rows):
        raise Forbidden("your roles do not include processing all of these messages again")
    came = visit.services.intake.release_these([row.id for row in rows], connector, visit.session.actor)
    return _page(visit, came=came)


def _sentence(error: OfficinaError, body: str) -> str:
    line = line_of(body, error.place)
    where = f"Line {line}, {error.place}: " if line else f"{error.place}: " if error.place else ""
    return where + error.text + (f"; {error.remedy}" if error.remedy else "")


def _page(
    visit: Visit,
    *,
    found: Rehearsal | None = None,
    adopted: bool = False,
    untried: bool = False,
    tried: str = "",
    came: Released | None = None,
    error: str = "",
) -> Response:
    with visit.services.store.read() as tx:  # as it is after what was just done
        document = site.stored_document(tx)
    receiving = [row.name for row in document.of(site.ConnectorRow).values() if _receives(row.kind)]
    chosen = visit.query.get("connector", "")
    standing = site.standing(document, chosen) if chosen in receiving else None
    return visit.page(
        "exchange/rehearsal.html",
        workspace="exchange",
        place_path="/messages",
        query=visit.asked(NAMES),
        connectors=receiving,
        states=[(name, shown.word) for name, shown in labels.MESSAGE_STATES.items() if name != "outgoing"],
        periods=[(name, text) for name, (text, _) in listing.PERIODS.items()],
        types=listing.TYPES,
        sizes=SIZES,
        standing=standing,
        body=visit.form.get("body", standing.body if standing else ""),
        code=visit.form.get("code", ""),
        at=visit.form.get("at", ""),
        facilities=_facilities(document),
        error=error,
        found=found,
        sections=_sections(visit, found) if found else [],
        groups=[(in_words(each.kind), each.messages) for each in found.groups] if found else [],
        effect=_effect(found.effect) if found else [],
        adopted=adopted,
        untried=untried,
        tried=tried,
        came=came,
        states_came=_effect(came) if came else [],
        may_process=visit.session.rights.may("messages.write"),
        sharing=_sharing(standing),
        began=_began(visit, standing, adopted),
    )


def _receives(kind: str) -> bool:
    return registry.kind(kind).role != "sender"


def _facilities(document: Document) -> list[tuple[str, str]]:
    rows = document.of(site.PlaceRow).values()
    return [(row.code, row.name) for row in rows if row.kind == "facility" and row.state == "active"]


def _began(visit: Visit, standing: Standing | None, adopted: bool) -> str:
    """The text that is being changed; once it is adopted, that is the new one."""
    stands = standing.body if standing else ""
    return stands if adopted else visit.form.get("began", stands)


def _sharing(standing: Standing | None) -> str:
    return ", ".join(standing.others) if standing else ""


def _effect(found: Released) -> list[tuple[labels.Label, int]]:
    return [(labels.label("message", state), count) for state, count in sorted(found.states.items())]


def _sections(visit: Visit, found: Rehearsal) -> list[Section]:
    """Each message once, under what weighs most, another fate first; what is shown is noted in the access log."""
    grouped: dict[str, list[Tried]] = {}
    for each in found.different:
        grouped.setdefault(in_words(each.difference.kinds[0]), []).append(each)
    names, sections = {str(row.id): row.name for row in book.every(visit.tx)}, []
    for title, members in sorted(
        grouped.items(), key=lambda each: (each[1][0].difference.kinds[0].what != "fate", -len(each[1]))
    ):
        lines = [_line(each, names) for each in members[:MOST_SHOWN]]
        for each in members[: len(lines)]:
            visit.looked_at("message", each.row.id, each.row.patient_id, each.row.place_id)
        sections.append(Section(title, len(members), lines))
    return sections


def _line(tried: Tried, places_by_id: Mapping[str, str]) -> Line:
    shown = [
        (each, Shown(named(each.name), words.compare(*_texts(each, places_by_id)))) for each in tried.difference.changes
    ]
    if tried.difference.kinds[0].what != "fate":
        return Line(tried, [one for _, one in shown], [])
    first = [one for each, one in shown if "." not in each.name]
    return Line(tried, first, [one for each, one in shown if "." in each.name])


def _texts(change: Change, places_by_id: Mapping[str, str]) -> tuple[str, str]:
    if change.name == "place":
        return places_by_id.get(change.old, change.old), places_by_id.get(change.new, change.new)
    if change.name == "reason":
        return labels.reason(change.old), labels.reason(change.new)
    if change.name == "fate":
        return fate_word(change.old), fate_word(change.new)
    return change.old, change.new
