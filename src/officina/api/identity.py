"""Who is asking: an API key in `Authorization`, or the session cookie of a person who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from officina.actions import keys, people
from officina.api.services import Hub, Services, reading, writing
from officina.errors import Forbidden, NotFound, Unauthenticated
from officina.workflow.rights import Rights

if TYPE_CHECKING:
    from officina.actions.people import Session

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_key = HTTPBearer(
    scheme_name="key",
    bearerFormat="ofc_PREFIX_SECRET",
    description="An API key, made with `officina key create`. Its scopes are permissions.",
    auto_error=False,
)
_cookie = APIKeyCookie(
    name=people.SESSION_COOKIE,
    scheme_name="session",
    description="The cookie of a person who is signed in. Everything but GET also needs `X-CSRF-Token`.",
    auto_error=False,
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what they may do. ``actor`` is what the audit line says: ``key:PREFIX`` or ``person:LOGIN``."""

    rights: Rights
    actor: str


async def _caller(
    request: Request,
    hub: Hub,
    scopes: SecurityScopes,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_key)],
    cookie: Annotated[str | None, Depends(_cookie)],
    csrf: Annotated[str, Header(alias="X-CSRF-Token", include_in_schema=False)] = "",
) -> Caller:
    if "authorization" in request.headers:
        caller = await _by_key(hub, bearer)
    elif cookie is not None:
        caller = await _by_session(hub, cookie, csrf, safe=request.method in SAFE_METHODS)
    else:
        raise Unauthenticated("nobody is signed in and no API key was sent")
    for permission in scopes.scopes:
        if not caller.rights.may(permission):
            raise Forbidden(f"this needs the permission {permission}")
    return caller


async def _by_key(hub: Services, bearer: HTTPAuthorizationCredentials | None) -> Caller:
    if bearer is not None:
        known = await reading(hub, partial(keys.authenticate_key, presented=bearer.credentials, at=hub.clock()))
        if known is not None:
            return Caller(known.rights, known.actor)
    raise Unauthenticated("this API key is unknown, expired or revoked")


async def _by_session(hub: Services, token: str, csrf: str, *, safe: bool) -> Caller:
    at, limits = hub.clock(), people.SignInLimits.of(hub.settings)
    session: Session | None = await reading(hub, partial(people.session_of, token=token, at=at, limits=limits))
    if session is None:
        raise Unauthenticated("the session has ended")
    if not safe and not session.allows_csrf(csrf):
        raise Forbidden("the header X-CSRF-Token is missing or not this session's", code="csrf")
    if session.renewal_due:
        await writing(hub, partial(people.renew, token=token, at=at, limits=limits))
    return Caller(session.rights, session.actor)


def needs(permission: str) -> Caller:
    """The parameter default of a handler: the caller, who holds the permission at some place at least."""
    caller: Caller = Security(_caller, scopes=[permission])
    return caller


def must_cover(caller: Caller, permission: str, place_id: int | None) -> None:
    """Hides what lies outside the caller's places: to the caller it is as if it were not there."""
    if not caller.rights.may(permission, place_id):
        raise NotFound(ABSENT)


ABSENT = "there is no such thing, or not for you"
