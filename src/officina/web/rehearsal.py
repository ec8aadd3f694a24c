"""Trying a changed profile on stored messages: what would be different, then making it the connector's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple

import anyio.from_thread
from starlette.responses import RedirectResponse, Response

from officina.actions import site
from officina.actions.profiles import adopt
from officina.actions.receive import Candidate
from officina.actions.site import Document
from officina.connectors import registry
from officina.errors import Conflict, Forbidden, Invalid, OfficinaError
from officina.message.lineage import line_of
from officina.runtime.intake import source_of
from officina.runtime.rehearsal import MOST_RELEASED
from officina.runtime.trials import Trial
from officina.store import messages
from officina.store.rows import MessageRow
from officina.web import labels, places, tried
from officina.web import messages as listing
from officina.web.rendering import address
from officina.web.trial_words import in_words
from officina.web.visit import Visit

ADDRESS: Final = "/rehearsal"
NAMES: Final = (
    *("connector", "state", "type", "facility", "when", "since", "until"),
    *("patient", "most", "place", "message"),
)
QUICK_S: Final = 1.5  # longest that an answer waits for a trial; one that takes longer is watched


class Size(NamedTuple):
    """How many messages at most, and which of them."""

    words: str
    most: int
    oldest: bool


SIZES: Final[Mapping[str, Size]] = {
    "": Size("the newest 200", 200, False),
    **{f"{most}": Size(f"the newest {most:,}", most, False) for most in (1_000, 5_000, 20_000)},
    **{f"oldest-{most}": Size(f"the oldest {most:,}", most, True) for most in (200, 1_000, 5_000, 20_000)},
}


def show(visit: Visit) -> Response:
    """Choose connector and messages, begin with the profile as it is; watch a trial, and read what it found."""
    _allowed(visit)
    return _page(visit, _trial(visit))


def act(visit: Visit) -> Response:
    """Try it, stop that, adopt it, or process again what would now have an effect."""
    _allowed(visit)
    wanted, trial = visit.form.get("act", "try"), _trial(visit)
    if trial is not None and wanted == "stop":
        trial.steps.stop()
        trial.over.wait(QUICK_S)
        return _to(visit, trial)
    if trial is not None and wanted == "again":
        _again(visit, trial)
        return _to(visit, trial)
    try:
        candidate = Candidate(visit.form.get("body", "").replace("\r\n", "\n"), _codes(visit))
        if trial is not None and wanted == "adopt" and trial.found is not None and trial.candidate == candidate:
            _adopt(visit, trial)
        else:  # nothing becomes the profile that nobody has seen at work
            trial = _begin(visit, candidate, untried=wanted == "adopt")
            trial.over.wait(QUICK_S)
    except (Conflict, Invalid) as error:
        return _page(visit, None, error=_sentence(error, visit.form.get("body", "")))
    return _to(visit, trial)


def _to(visit: Visit, trial: Trial) -> Response:
    return RedirectResponse(address(ADDRESS, visit.asked(NAMES), trial=trial.id) + "#found", 303)


def _allowed(visit: Visit) -> None:
    rights = visit.session.rights
    if not (rights.may("site.write") and rights.may("messages.raw")):
        raise Forbidden("your roles do not include changing profiles and reading what messages say")


def _trial(visit: Visit) -> Trial | None:
    trial = visit.services.trials.of(places.number_of(visit.query.get("trial", "")), visit.session.actor)
    return trial if trial is not None and trial.connector == visit.query.get("connector") else None


def _codes(visit: Visit) -> dict[str, str]:
    code, at = visit.form.get("code", "").strip(), visit.form.get("at", "")
    if code and not at:
        raise Invalid(f"no facility is chosen for the code {code}", place="codes", remedy="choose one")
    return {code: at} if code else {}


def _begin(visit: Visit, candidate: Candidate, *, untried: bool) -> Trial:
    connector = visit.query.get("connector", "")
    source = source_of(visit.services.supervisor.site(), connector)
    rows = _rows(visit, connector, source.connector_id)
    began = visit.form.get("began", "").replace("\r\n", "\n")
    trials = visit.services.trials
    return trials.begin(rows, source, candidate, actor=visit.session.actor, began=began, untried=untried)


def _rows(visit: Visit, connector: str, connector_id: int) -> list[MessageRow]:
    """Only messages whose content the person may read."""
    query = visit.query
    if query.get("message"):
        message_id = places.number_of(query["message"])
        row = messages.get(visit.tx, message_id) if message_id is not None else None
        if row is None or not visit.may("messages.raw", row.place_id):
            raise Forbidden("your roles do not include reading this message")
        return [row] if row.connector_id == connector_id else []
    wanted = replace(listing.wanted_of(visit), place_ids=places.within(visit, "messages.raw"))
    size = SIZES.get(query.get("most", ""), SIZES[""])
    return visit.services.intake.to_rehearse(wanted, connector, most=size.most, oldest=size.oldest)


def _adopt(visit: Visit, trial: Trial) -> None:
    work = partial(
        adopt,
        connector=trial.connector,
        candidate=trial.candidate,
        began_with=trial.began,
        actor=visit.session.actor,
        at=visit.now,
    )
    visit.services.store.writer.submit(work).result()
    anyio.from_thread.run(visit.services.supervisor.caught_up)
    trial.adopted = True


def _again(visit: Visit, trial: Trial) -> None:
    ids = trial.left[:MOST_RELEASED]
    if not all(visit.may("messages.write", row.place_id) for row in messages.by_ids(visit.tx, ids)):
        raise Forbidden("your roles do not include processing all of these messages again")
    trial.came = visit.services.intake.release_these(ids, trial.connector, visit.session.actor)
    trial.released.update(ids)


def _sentence(error: OfficinaError, body: str) -> str:
    line = line_of(body, error.place)
    where = f"Line {line}, {error.place}: " if line else f"{error.place}: " if error.place else ""
    return where + error.text + (f"; {error.remedy}" if error.remedy else "")


def _page(visit: Visit, trial: Trial | None, error: str = "") -> Response:
    document, query = site.stored_document(visit.tx), visit.asked(NAMES)
    receiving = [row.name for row in document.of(site.ConnectorRow).values() if _receives(row.kind)]
    chosen = query.get("connector", "")
    standing = site.standing(document, chosen) if chosen in receiving else None
    stands = standing.body if standing else ""
    codes = trial.candidate.codes if trial else {}
    code = visit.form.get("code", "") or next(iter(codes), "")
    found = trial.found if trial else None
    return visit.page(
        "exchange/rehearsal.html",
        workspace="exchange",
        place_path="/messages",
        query=query,
        connectors=receiving,
        states=[(name, shown.word) for name, shown in labels.MESSAGE_STATES.items() if name != "outgoing"],
        periods=[(name, text) for name, (text, _) in listing.PERIODS.items()],
        types=listing.TYPES,
        sizes=[(name, each.words) for name, each in SIZES.items()],
        standing=standing,
        fault=visit.services.supervisor.site().faults.get(chosen),
        own=standing is not None and (standing.profile,) in document.of(site.ProfileRow),
        body=visit.form.get("body", trial.candidate.body if trial else stands),
        began=trial.began if trial and not trial.adopted else visit.form.get("began", stands),
        code=code,
        at=visit.form.get("at", "") or codes.get(code, ""),
        facilities=_facilities(document),
        sharing=", ".join(standing.others) if standing else "",
        error=error,
        trial=trial,
        forgotten=trial is None and "trial" in visit.query and not error,
        found=found,
        sections=tried.sections(visit, trial, query) if trial else [],
        groups=[(in_words(each.kind), each.messages) for each in found.groups] if found else [],
        effect=tried.effect(found.effect) if found else [],
        came=tried.effect(trial.came) if trial and trial.came else [],
        most_released=MOST_RELEASED,
        may_process=visit.session.rights.may("messages.write"),
    )


def _receives(kind: str) -> bool:
    return registry.kind(kind).role != "sender"


def _facilities(document: Document) -> list[tuple[str, str]]:
    rows = document.of(site.PlaceRow).values()
    return [(row.code, row.name) for row in rows if row.kind == "facility" and row.state == "active"]
