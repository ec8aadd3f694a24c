"""Trying a changed profile on messages of the book: each is read both ways, and nothing is changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

from officina.actions import site as sites
from officina.actions.receive import (
    NOTHING,
    Candidate,
    Reading,
    Rehearsal,
    Released,
    Source,
    Tried,
    compare,
    read,
    release,
    try_each,
    with_outcomes,
)
from officina.actions.site import Site
from officina.errors import Invalid
from officina.message.route import Routed
from officina.store import Store, messages
from officina.store.messages import MessageFilter
from officina.store.rows import MessageRow
from officina.workflow.intake import may_go_again

MOST = 20_000  # messages of one trial
MOST_RELEASED = 1_000  # processed again at a time, so that whoever asked sees an answer
PAGE = 200  # tried in one transaction, while nothing else is written


class Steps:
    """How far a trial is: messages read of all, then those tried in the book of the ones that gain an effect. Whoever
    watches may stop it."""

    def __init__(self, messages: int) -> None:
        self.begun = False
        self.messages, self.read = messages, 0
        self.gaining, self.entered = 0, 0
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True


def select(store: Store, wanted: MessageFilter, *, most: int, oldest: bool) -> list[MessageRow]:
    """The received messages of a list, at most so many, the newest or the oldest of them; in the order they came."""
    wanted, found, left = replace(wanted, direction="in"), list[MessageRow](), min(most, MOST)
    with store.read() as tx:
        while left > 0:
            size = min(left, 500)
            if oldest:
                page = messages.listed(tx, wanted, after=found[-1].id if found else 0, limit=size)[::-1]
            else:
                page = messages.listed(tx, wanted, before=found[-1].id if found else None, limit=size)
            found, left = found + page, left - len(page)
            if len(page) < size:
                break
    return sorted(found, key=lambda row: row.id)


def rehearse(
    store: Store, site: Site, now: Source, then: Source, rows: Sequence[MessageRow], steps: Steps
) -> Rehearsal:
    """Read each message as its connector reads now and with the candidate. Blocks.

    What had no effect so far and would have one is tried in the book as well, and taken back. If it is stopped, what
    it found until then stands.
    """
    tried: list[Tried] = []
    gaining: list[tuple[MessageRow, Reading]] = []
    for start in range(0, len(rows), PAGE):
        if steps.stopped:
            break
        page = rows[start : start + PAGE]
        with store.read() as tx:
            bodies = messages.raw(tx, [row.id for row in page])
        for row in page:
            steps.read += 1
            if row.id in bodies:
                one, reading = compare(bodies[row.id], row, now, then)
                tried.append(one)
                if one.gains and may_go_again(row.state, row.reason):
                    gaining.append((row, reading))
    steps.gaining = len(gaining)
    effect, would = _tried_in_book(store, site, gaining, steps)
    return Rehearsal(with_outcomes(tried, would), steps.read - len(tried), effect)


def release_these(
    store: Store, site: Site, source: Source, message_ids: Collection[int], actor: str, at: int
) -> Released:
    """Process messages of a connector again, those before first; whatever has its effect already is left alone."""
    total, ids = NOTHING, sorted(message_ids)[:MOST_RELEASED]
    for start in range(0, len(ids), PAGE):
        with store.read() as tx:
            found = sorted(messages.by_ids(tx, ids[start : start + PAGE]))
            rows = [row for row in found if row.connector_id == source.connector_id]
            bodies = messages.raw(tx, [row.id for row in rows])
        waiting = [(row, read(bodies[row.id], source, at=at)) for row in rows if row.id in bodies]
        work = partial(release, waiting=waiting, subscriptions=site.subscriptions, actor=actor)
        total = total.with_more(store.writer.submit(work).result(), missing=len(rows) - len(waiting))
    return total


def candidate_source(store: Store, site: Site, now: Source, on_trial: Candidate) -> Source:
    """The connector as it would read. Raises Invalid where the profile or a code cannot be used."""
    with store.read() as tx:
        document = sites.stored_document(tx)
    profile = sites.compiled_candidate(document, now.name, on_trial.body)
    return replace(now, profile=profile, routes={**now.routes, **_routes(site, on_trial.codes)})


def _routes(site: Site, codes: Mapping[str, str]) -> dict[str, Routed]:
    by_code = {each.code: each for each in site.places.values() if each.kind == "facility" and each.state == "active"}
    found = {}
    for code, wanted in codes.items():
        place = by_code.get(wanted)
        if place is None or place.organisation_id is None:
            raise Invalid(f"there is no facility {wanted}", place="codes", remedy="name an active one of the site")
        found[code] = Routed(place.id, place.organisation_id, place.zone)
    return found


def _tried_in_book(
    store: Store, site: Site, gaining: Sequence[tuple[MessageRow, Reading]], steps: Steps
) -> tuple[Released, dict[int, str]]:
    effect, would = NOTHING, dict[int, str]()
    for start in range(0, len(gaining), PAGE):
        if steps.stopped:
            break
        waiting = gaining[start : start + PAGE]
        work = partial(try_each, waiting=waiting, subscriptions=site.subscriptions, actor="trial")
        came, kept = store.writer.submit(work).result()
        effect = effect.with_more(came)
        steps.entered += len(waiting)
        would |= {each.message_id: each.state for each in kept}
    return effect, would
