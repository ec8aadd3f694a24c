"""Signing in and out: the only pages without a session."""

from __future__ import annotations

import hmac
import secrets
from functools import partial

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from officina.actions import people
from officina.errors import Unauthenticated
from officina.web.visit import SIGN_IN, Endpoint, Services, Visit, drawn, form_of

# Before there is a session the form's token is compared with a cookie, so nobody signs a visitor in as themselves.
FORM_COOKIE = "officina_form"


def sign_in_page(services: Services) -> Endpoint:
    """GET the form, POST it."""

    async def endpoint(request: Request) -> Response:
        if request.method == "GET":
            return _form(services, request, wanted=local(request.query_params.get("next", "")))
        form = await form_of(request)
        wanted = local(form.get("next", ""))
        login, password = form.get("login", "").strip(), form.get("password", "")
        if not hmac.compare_digest(form.get("csrf", "").encode(), request.cookies.get(FORM_COOKIE, "-").encode()):
            return _form(services, request, wanted, login, error="This page was out of date. Please try again.")
        missing = {name for name, value in (("login", login), ("password", password)) if not value}
        if missing:
            return _form(services, request, wanted, login, missing=missing)
        try:
            signed_in = await anyio.to_thread.run_sync(partial(_enter, services, login, password))
        except Unauthenticated as refused:
            return _form(services, request, wanted, login, error=refused.text)
        answer = RedirectResponse(wanted or "/", 303)
        _keep(request, answer, people.SESSION_COOKIE, signed_in.token)
        answer.delete_cookie(FORM_COOKIE)
        return answer

    return endpoint


def sign_out(visit: Visit) -> Response:
    """Ends the session on the server, then in the browser."""
    token = visit.request.cookies.get(people.SESSION_COOKIE, "")
    visit.accesses.append(partial(people.sign_out, token=token, at=visit.now))
    answer = RedirectResponse(SIGN_IN, 303)
    answer.delete_cookie(people.SESSION_COOKIE)
    return answer


def local(path: str) -> str:
    """The path, if it stays on this site; else nothing."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if safe else ""


def _enter(services: Services, login: str, password: str) -> people.SignedIn:
    limits = people.SignInLimits.of(services.settings)
    return people.sign_in(services.store, login, password, at=services.clock(), limits=limits)


def _form(
    services: Services,
    request: Request,
    wanted: str,
    login: str = "",
    error: str = "",
    missing: set[str] | None = None,
) -> Response:
    token = request.cookies.get(FORM_COOKIE, "") or secrets.token_urlsafe(24)
    values = {"csrf": token, "wanted": wanted, "login": login, "error": error, "missing": missing or set()}
    answer = drawn(request, services.clock(), "sign_in.html", values, 400 if missing else 401 if error else 200)
    _keep(request, answer, FORM_COOKIE, token)
    return answer


def _keep(request: Request, answer: Response, name: str, value: str) -> None:
    answer.set_cookie(name, value, httponly=True, samesite="lax", secure=request.url.scheme == "https", path="/")
