"""The whole site on the screen: as a file to copy, a file to apply, and its history to go back in."""

from __future__ import annotations

import anyio.from_thread
from starlette.responses import RedirectResponse, Response

from officina.actions import site
from officina.actions.site import edit
from officina.actions.site.versions import digest_of
from officina.errors import Conflict, Forbidden, Invalid, NotFound
from officina.store import site_versions
from officina.web import differences, places
from officina.web.visit import Visit

HISTORY = "/settings/history"
PAGE = 50


def show(visit: Visit) -> Response:
    """The site as a file, and the box for another."""
    return _page(visit)


def download(visit: Visit) -> Response:
    """The site as a file, byte for byte what `officina export` writes."""
    headers = {"Content-Disposition": 'attachment; filename="site.toml"'}
    return Response(site.export(visit.tx), media_type="application/toml", headers=headers)


def act(visit: Visit) -> Response:
    """Shows what a file would change; once that was seen, applies it."""
    if not visit.session.rights.may("site.write"):
        raise Forbidden("your roles do not include changing the site")
    text, prune, seen = visit.form.get("text", ""), visit.form.get("prune") == "yes", visit.form.get("seen", "")
    actor, at = visit.session.actor, visit.now
    applying = visit.form.get("act") == "apply"
    try:
        document = site.parse_sent(text)
        changes = site.diff(visit.tx, document, prune=prune)
        if applying:
            _write(visit, lambda tx: site.apply(tx, document, prune=prune, seen=seen, actor=actor, at=at))
            return RedirectResponse(HISTORY, 303)
    except site.SiteInvalid as refused:
        return _page(visit, text, prune, problems=refused.problems, status=422)
    except Conflict as overtaken:
        with visit.services.store.read() as tx:  # what the others have done meanwhile
            return _page(
                visit, text, prune, changes=site.diff(tx, document, prune=prune), overtaken=overtaken, status=409
            )
    return _page(visit, text, prune, changes=changes)


def _page(
    visit: Visit,
    text: str = "",
    prune: bool = False,
    *,
    changes: site.Changes | None = None,
    problems: tuple[Invalid, ...] = (),
    overtaken: Conflict | None = None,
    status: int = 200,
) -> Response:
    with visit.services.store.read() as tx:
        current = site.export(tx)
    return visit.page(
        "settings/file.html",
        status,
        workspace="settings",
        tab="file",
        current=current,
        text=text,
        prune=prune,
        changes=changes,
        change_lines=changes.lines() if changes is not None else [],
        problems=problems,
        overtaken=overtaken,
        seen=digest_of(current),
        may_write=visit.session.rights.may("site.write"),
    )


def show_history(visit: Visit) -> Response:
    """Every change of the site, newest first."""
    before = places.number_of(visit.query.get("before", ""))
    rows = site_versions.listed(visit.tx, before=before, limit=PAGE + 1)
    return visit.page(
        "settings/history.html",
        workspace="settings",
        tab="history",
        rows=rows[:PAGE],
        first=before is None,
        older=rows[PAGE - 1].number if len(rows) > PAGE else None,
    )


def show_version(visit: Visit) -> Response:
    """What one version changed, or how it differs from any other; and what going back to it would do."""
    version = _version(visit, str(visit.request.path_params["number"]))
    newest = site_versions.newest(visit.tx)
    asked = visit.query.get("against", "")
    against = _version(visit, asked) if asked else site_versions.get(visit.tx, version.number - 1)
    earlier, later = against, version
    if earlier is not None and earlier.number > later.number:
        earlier, later = later, earlier
    current = site.export(visit.tx)
    back, refused = _going_back(visit, version)
    return visit.page(
        "settings/version.html",
        workspace="settings",
        tab="history",
        version=version,
        newest=newest,
        earlier=earlier,
        later=later,
        lines=differences.lines(earlier.body if earlier else "", later.body),
        back_lines=back.lines() if back else [],
        refused=refused,
        is_now=version.digest == digest_of(current) or not back,
        seen=digest_of(current),
        may_write=visit.session.rights.may("site.write"),
    )


def go_back(visit: Visit) -> Response:
    """Makes the site what it was then, if it still is what the person has seen."""
    if not visit.session.rights.may("site.write"):
        raise Forbidden("your roles do not include changing the site")
    number, seen = _version(visit, str(visit.request.path_params["number"])).number, visit.form.get("seen", "")
    actor, at = visit.session.actor, visit.now
    _write(visit, lambda tx: edit.go_back(tx, number, seen=seen, actor=actor, at=at))
    return RedirectResponse(HISTORY, 303)


def _going_back(visit: Visit, version: site_versions.VersionRow) -> tuple[site.Changes | None, str]:
    """What it would change, or why it cannot be done any more."""
    try:
        return site.diff(visit.tx, site.parse(version.body), prune=True), ""
    except site.SiteInvalid as refused:
        return None, str(refused)


def _version(visit: Visit, text: str) -> site_versions.VersionRow:
    number = places.number_of(text)
    row = site_versions.get(visit.tx, number) if number is not None and number < 2**31 else None
    if row is None:
        raise NotFound("there is no such version")
    return row


def _write(visit: Visit, work: site.Work) -> None:
    visit.services.store.writer.submit(work).result()
    anyio.from_thread.run(visit.services.supervisor.caught_up)
