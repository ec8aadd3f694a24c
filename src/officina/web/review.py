"""The review workspace: what waits for a facility's nurses, and the one order that is being decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from starlette.responses import RedirectResponse, Response

from officina.actions import review
from officina.actions.residents import admit, note_allergies
from officina.actions.review import Asked
from officina.actions.review.seen import Seen, seen
from officina.errors import Conflict, Forbidden, Invalid, NotFound, OfficinaError
from officina.store import Tx, patients, people, reviews
from officina.store import places as book
from officina.store.rows import DecisionRow
from officina.web import facts, labels, places, words
from officina.web.rendering import address
from officina.web.visit import Visit
from officina.workflow.review import LISTED, Verdict

ADDRESS = "/review"
NAMES = ("place", "kind")
MOST = 200
# How each kind of order is counted and called.
KINDS: dict[str, str] = {
    "new": "new",
    "change": "changed",
    "renewal": "renewals",
    "discontinue": "stopped",
    "unmatched": "unmatched",
}


_STAYING = ("undone", "assigned", "admitted", "noted")  # after these the same order is shown


class Compared(NamedTuple):
    """One line of both sides: the list's and the pharmacy's."""

    title: str
    before: Sequence[words.Piece]
    after: Sequence[words.Piece]
    differs: bool


def show(visit: Visit) -> Response:
    """The queue, with its first order beside it."""
    rows = _queue(visit)
    first = next(iter(_of_kind(rows, visit.query.get("kind", ""))), None)
    return _page(visit, rows, first)


def show_one(visit: Visit) -> Response:
    """The queue, with the order of the address beside it; also one that is decided already."""
    return _page(visit, _queue(visit), _one(visit))


def act(visit: Visit) -> Response:
    """Decide, take back, hold or leave to somebody; then on to the next."""
    one = _one(visit)
    if not visit.may("reviews.write", one.review.place_id):
        raise Forbidden("your roles do not include reviewing orders here")
    following = _following(_of_kind(_queue(visit), visit.query.get("kind", "")), one)
    try:
        word = _acted(visit, one)
    except (Invalid, Forbidden, Conflict) as refused:
        return _page(visit, _queue(visit), _one(visit), refused)
    query = {**visit.asked(NAMES), "done": f"{word}-{one.review.order_id}"}
    target = f"{ADDRESS}/{one.review.order_id if word in _STAYING else following}"
    return RedirectResponse(address(target if following or word in _STAYING else ADDRESS, query), 303)


def act_on_many(visit: Visit) -> Response:
    """Approve the exact renewals that are listed, each as it was shown."""
    wanted = {key for key in visit.form.get("renewals", "").split(",") if key}
    count = 0
    for one in _queue(visit):
        mark = f"{one.review.order_id}.{one.review.version}"
        if mark in wanted and one.proposed.verdict == "renewal" and visit.may("reviews.write", one.review.place_id):
            _decide(visit, one, "renewal", one.proposed.current.row.id if one.proposed.current else None, "")
            count += 1
    return RedirectResponse(address(ADDRESS, {**visit.asked(NAMES), "done": f"renewals-{count}"}), 303)


# --- what waits ------------------------------------------------------------------------------------------------


def _queue(visit: Visit) -> list[Seen]:
    """What the person may review at the places chosen, the oldest of each facility first."""
    within = places.within(visit, "reviews.read")
    allowed = {row.id for row in book.every(visit.tx) if row.review == "orders"}
    rows = reviews.pending(visit.tx, allowed & within if within is not None else allowed, limit=MOST)
    return seen(visit.tx, rows, visit.now)


def _of_kind(rows: Sequence[Seen], kind: str) -> list[Seen]:
    return [each for each in rows if not kind or kind_of(each) == kind]


def kind_of(one: Seen) -> str:
    """As it is counted: somebody the facility does not know comes before what the order is."""
    return "unmatched" if one.resident is None else one.proposed.verdict


def _one(visit: Visit) -> Seen:
    number = places.number_of(str(visit.request.path_params["order_id"]))
    row = reviews.get(visit.tx, number) if number is not None else None
    if row is None or not visit.may("reviews.read", row.place_id):
        raise NotFound("no such order is reviewed at your places")
    return seen(visit.tx, [row], visit.now)[0]


def _following(rows: Sequence[Seen], one: Seen) -> int | str:
    """The order after this one, else the first that is left."""
    ids = [each.review.order_id for each in rows]
    here = ids.index(one.review.order_id) if one.review.order_id in ids else -1
    rest = [*ids[here + 1 :], *ids[: max(here, 0)]]
    return rest[0] if rest else ""


# --- deciding --------------------------------------------------------------------------------------------------


def _acted(visit: Visit, one: Seen) -> str:
    wanted, number, actor = visit.form.get("act", ""), one.review.order_id, visit.session.actor
    writer = visit.services.store.writer
    if wanted == "undo":
        writer.submit(lambda tx: review.undo(tx, number, by=actor, at=visit.now)).result()
        return "undone"
    if wanted == "assign":
        to = visit.form.get("to", "")
        if to and people.by_login(visit.tx, to) is None:
            raise Invalid("there is nobody of that name", place="to", remedy="choose a colleague")
        writer.submit(lambda tx: review.assign(tx, number, to, by=actor, at=visit.now)).result()
        return "assigned"
    if wanted in ("admit", "allergies"):
        return _resident(visit, one, wanted)
    medication = places.number_of(visit.form.get("medication", ""))
    if wanted not in (*LISTED, "reject", "hold", "resume"):
        raise Invalid("does not say what is decided", place="act")
    _decide(visit, one, wanted, medication, visit.form.get("reason", ""))
    return wanted


def _resident(visit: Visit, one: Seen, wanted: str) -> str:
    """Whoever the order is for is admitted, or what they are allergic to is noted."""
    row, by, at = one.review, visit.session.actor, visit.now
    allergies, subscriptions = visit.form.get("allergies", ""), visit.services.supervisor.site().subscriptions

    def work(tx: Tx) -> None:
        if wanted == "admit":
            admit(tx, row.patient_id, row.place_id, subscriptions, by=by, at=at, allergies=allergies)
        else:
            note_allergies(tx, row.patient_id, allergies, subscriptions, by=by, at=at)

    visit.services.store.writer.submit(work).result()
    return "admitted" if wanted == "admit" else "noted"


def _decide(visit: Visit, one: Seen, verdict: Verdict, medication: int | None, reason: str) -> None:
    version = places.number_of(visit.form.get("version", "")) or one.review.version
    about = medication if verdict in ("change", "renewal", "discontinue") else None
    shown = {"proposed": one.proposed.verdict, "why": one.proposed.why, "facts": dict(one.facts)}
    asked = Asked(one.review.order_id, verdict, version, about, reason, shown)
    subscriptions, by, at = visit.services.supervisor.site().subscriptions, visit.session.actor, visit.now
    work = visit.services.store.writer.submit(lambda tx: review.decide(tx, asked, subscriptions, by=by, at=at))
    work.result()


# --- the page --------------------------------------------------------------------------------------------------


def _page(visit: Visit, rows: list[Seen], one: Seen | None, refused: OfficinaError | None = None) -> Response:
    if one is not None and "hx-request" not in visit.request.headers:  # what draws itself anew was looked at before
        visit.looked_at("order", one.order.id, one.order.patient_id, one.order.place_id)
    decided = reviews.decisions(visit.tx, one.review.order_id) if one else []
    shown, count = _of_kind(rows, visit.query.get("kind", "")), Counter(map(kind_of, rows))
    return visit.page(
        "review/queue.html",
        422 if refused else 200,
        workspace="review",
        place_path=ADDRESS,
        place_query=visit.asked(("kind",)),
        query=visit.asked(NAMES),
        rows=shown,
        kind_of=kind_of,
        count_all=len(rows),
        counts=[(kind, word, count[kind]) for kind, word in KINDS.items() if count[kind]],
        renewals=",".join(_mark(each) for each in shown if _exact(each)),
        renewal_count=sum(map(_exact, shown)),
        one=one,
        version=places.number_of(visit.query.get("version", "")) or (one.review.version if one else 0),
        compared=compared(one) if one else [],
        identifiers=labels.shown_identifiers(patients.identifiers(visit.tx, [one.order.patient_id])) if one else [],
        at_place=_place_name(visit, one) if one else "",
        decided=[_told(each) for each in decided],
        colleagues=[each for each in people.every(visit.tx) if each.state == "active"] if one else [],
        refused=refused,
        done=_done(visit.query.get("done", "")),
        may_decide=one is not None and visit.may("reviews.write", one.review.place_id),
        may_see_message=one is not None and visit.may("messages.read", one.order.place_id),
    )


def compared(one: Seen) -> list[Compared]:
    """Both sides line by line, the words that differ marked; without a counterpart only the pharmacy's."""
    before = one.proposed.current.facts if one.proposed.current else {}
    return [_line(*each) for each in facts.beside(before, one.facts)]


def _line(title: str, old: str, new: str) -> Compared:
    pieces = words.compare(old, new)
    left = [each for each in pieces if each.how != "new"]
    return Compared(title, left, [each for each in pieces if each.how != "gone"], old != new)


def _exact(one: Seen) -> bool:
    return kind_of(one) == "renewal" and one.review.state == "open"


def _mark(one: Seen) -> str:
    return f"{one.review.order_id}.{one.review.version}"


def _place_name(visit: Visit, one: Seen) -> str:
    place = book.get(visit.tx, one.order.place_id)
    return place.name if place else ""


class Told(NamedTuple):
    """A decision in words."""

    text: str
    by: str
    at: int
    reason: str
    undone: bool


_SAID = {
    "undone": "Taken back",
    "assigned": "Left to a colleague",
    "admitted": "Admitted as a resident",
    "noted": "Allergies noted",
}
_WORDS = {
    "new": "Approved as new",
    "change": "Approved as a change",
    "renewal": "Approved as a renewal",
    "discontinue": "Discontinued",
    "reject": "Rejected",
    "hold": "Held",
    "resume": "Taken up again",
}


def _told(row: DecisionRow) -> Told:
    text = _WORDS.get(row.kind, row.kind)
    return Told(text, row.by.partition(":")[2], row.at, row.reason, row.undone_at is not None)


class Done(NamedTuple):
    """What was just decided, and about which order, so that it can be taken back."""

    text: str
    order_id: int | None


def _done(mark: str) -> Done | None:
    word, _, number = mark.rpartition("-")
    if word == "renewals":
        return Done(f"{number} renewals approved" if number != "1" else "1 renewal approved", None)
    if word in _SAID:
        return Done(_SAID[word], None)
    return Done(_WORDS[word], places.number_of(number)) if word in _WORDS else None
