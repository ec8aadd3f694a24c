"""One request of a signed-in person: who they are, what they may see, the snapshot they read from.

A screen is a plain function of a `Visit`; it runs in a thread, inside one reading transaction.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote
from zoneinfo import ZoneInfo

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from officina.actions import people
from officina.actions.access import Subject, record_access
from officina.errors import Forbidden
from officina.web import moments
from officina.web.frame import frame_of
from officina.web.rendering import render

if TYPE_CHECKING:
    from officina.actions.people import Session, SignInLimits
    from officina.config import Settings
    from officina.runtime.bus import Bus
    from officina.runtime.intake import Intake
    from officina.runtime.supervisor import Supervisor
    from officina.runtime.trials import Trials
    from officina.store import Store, Tx

THEMES = ("auto", "light", "dark", "contrast")
SIGN_IN = "/sign-in"


class Services(Protocol):
    """What the screens need of the hub. ``clock`` gives the present instant."""

    @property
    def store(self) -> Store: ...
    @property
    def bus(self) -> Bus: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def supervisor(self) -> Supervisor: ...
    @property
    def intake(self) -> Intake: ...
    @property
    def trials(self) -> Trials: ...
    @property
    def clock(self) -> Callable[[], int]: ...


@dataclass(slots=True)
class Visit:
    """``form`` holds what a POST sent; ``accesses`` the patient data looked at, written down before it is shown."""

    request: Request
    services: Services
    tx: Tx
    session: Session
    now: int
    form: Mapping[str, str] = field(default_factory=dict)
    accesses: list[Callable[[Tx], None]] = field(default_factory=list)

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.request)

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query_params

    def asked(self, names: Iterable[str]) -> dict[str, str]:
        """What the address says under these names, as far as it says something."""
        return {name: self.query[name] for name in names if self.query.get(name)}

    def may(self, permission: str, place_id: int | None) -> bool:
        return self.session.rights.may(permission, place_id)

    def places(self, permission: str) -> frozenset[int] | None:
        return self.session.rights.places(permission)

    def looked_at(self, subject: Subject, subject_id: int, patient_id: int | None, place_id: int | None) -> None:
        """Notes that this page shows a patient's data; committed before the page leaves."""
        note = functools.partial(
            record_access,
            subject=subject,
            subject_id=subject_id,
            patient_id=patient_id,
            place_id=place_id,
            actor=self.session.actor,
            at=self.now,
        )
        self.accesses.append(note)

    def page(self, template: str, /, status: int = 200, **values: object) -> Response:
        """A whole page in its frame; ``values`` are the template's."""
        return drawn(self.request, self.now, template, {**frame_of(self), **values}, status)

    def piece(self, template: str, /, **values: object) -> Response:
        """A fragment, for the browser to put in its place."""
        return drawn(self.request, self.now, template, values)


Screen = Callable[[Visit], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


def drawn(request: Request, now: int, template: str, values: Mapping[str, object], status: int = 200) -> HTMLResponse:
    """A template in the appearance and the time zone the browser asks for, signed in or not."""
    theme = request.cookies.get("officina_theme", "auto")
    given = {"theme": theme if theme in THEMES else "auto", **values}
    return HTMLResponse(render(template, given, now=now, zone=zone_of(request)), status)


def zone_of(request: Request) -> ZoneInfo:
    """The person's time zone, which their browser told us."""
    return moments.zone_of(request.cookies.get("officina_zone", "UTC").replace("%2F", "/"))


def screen(services: Services, draw: Screen, permission: str = "") -> Endpoint:
    """The endpoint of a screen. Signed-out people are asked to sign in; without the permission it is refused."""
    limits = people.SignInLimits.of(services.settings)

    async def endpoint(request: Request) -> Response:
        form = await form_of(request) if request.method == "POST" else {}
        return await anyio.to_thread.run_sync(_visit, services, limits, request, form, draw, permission)

    return endpoint


async def form_of(request: Request) -> dict[str, str]:
    """The text fields of a posted form."""
    async with request.form() as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def token_of(request: Request) -> str:
    return request.cookies.get(people.SESSION_COOKIE, "")


@contextmanager
def visiting(services: Services, request: Request, limits: SignInLimits) -> Iterator[Visit | None]:
    """The visit of whoever is signed in, while the snapshot lasts that it reads from; None for anybody else."""
    token, now = token_of(request), services.clock()
    with services.store.read() as tx:
        session = people.session_of(tx, token, at=now, limits=limits) if token else None
        yield Visit(request, services, tx, session, now) if session else None


def _visit(
    services: Services, limits: SignInLimits, request: Request, form: dict[str, str], draw: Screen, permission: str
) -> Response:
    with visiting(services, request, limits) as visit:
        if visit is None:
            return to_sign_in(request)
        session, visit.form = visit.session, form
        if request.method == "POST" and not session.allows_csrf(_csrf_of(request, form)):
            raise Forbidden("the form is out of date", remedy="load the page again", code="csrf")
        if permission and not session.rights.may(permission):
            raise Forbidden("your roles do not include this screen", code="forbidden")
        answer = draw(visit)
    waits = [services.store.writer.submit(note) for note in visit.accesses]
    if session.renewal_due:
        renew = functools.partial(people.renew, token=token_of(request), at=visit.now, limits=limits)
        services.store.writer.submit(renew)
    for wait in waits:
        wait.result()
    return answer


def _csrf_of(request: Request, form: Mapping[str, str]) -> str:
    return form.get("csrf") or request.headers.get("x-csrf", "")


def to_sign_in(request: Request) -> Response:
    """Off to the sign-in page, and back here afterwards."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    here = request.headers.get("hx-current-url")
    if here is not None:
        path = "/" + here.partition("://")[2].partition("/")[2]
        return Response(status_code=204, headers={"HX-Redirect": f"{SIGN_IN}?next={quote(path, safe='')}"})
    address = SIGN_IN if request.method != "GET" or wanted == "/" else f"{SIGN_IN}?next={quote(wanted, safe='')}"
    return RedirectResponse(address, 303)
