"""Error pages: what happened and what to do, never what a patient's data says.

An unexpected error is logged by its kind and the places in the code it passed; its text may quote data, so it is not.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from officina.actions.people import SignInLimits
from officina.errors import Conflict, Forbidden, Gone, Invalid, NotFound, OfficinaError, Unavailable
from officina.web.visit import Services, drawn, visiting

log = logging.getLogger("officina.web")


class Failure(NamedTuple):
    """One error page."""

    status: int
    icon: str
    title: str
    text: str
    remedy: str = ""


NOT_FOUND = Failure(
    404,
    "file-question-mark",
    "This page is not here",
    "The address may be mistyped, or what it names is not in the book or not at one of your places.",
    "Look for it with the search box, by control id, order or prescription number.",
)
_WENT_WRONG = Failure(
    500, "server-crash", "Something went wrong here", "This page could not be made. Nothing was lost."
)
_KINDS: tuple[tuple[type[OfficinaError], int, str, str], ...] = (
    (Forbidden, 403, "shield-x", "This is not for your roles"),
    (Gone, 410, "file-question-mark", "This is no longer kept"),
    (Invalid, 400, "file-question-mark", "This cannot be done as asked"),
    (Conflict, 409, "file-question-mark", "This contradicts what is already there"),
    (Unavailable, 503, "server-crash", "The book cannot be reached now"),
)


def failure_of(error: Exception) -> Failure | None:
    """The page for an expected error; None if it is not one of those."""
    if isinstance(error, NotFound) and not isinstance(error, Gone):
        return NOT_FOUND
    if isinstance(error, HTTPException):
        if error.status_code == 404:
            return NOT_FOUND
        return Failure(error.status_code, "file-question-mark", "This cannot be done as asked", error.detail)
    for kind, status, icon, title in _KINDS:
        if isinstance(error, kind):
            return Failure(status, icon, title, _sentence(error.text), _sentence(error.remedy))
    return None


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}" if text else ""


async def page(services: Services, request: Request, failure: Failure, reference: str = "") -> Response:
    """In its frame for whoever is signed in, so that it is no dead end; alone for anybody else."""
    return await anyio.to_thread.run_sync(_page, services, request, failure, reference)


def _page(services: Services, request: Request, failure: Failure, reference: str) -> Response:
    values: dict[str, object] = {"failure": failure, "reference": reference}
    try:
        with visiting(services, request, SignInLimits.of(services.settings)) as visit:
            if visit is not None:
                return visit.page("failure.html", failure.status, **values)
    except Exception as error:  # the book cannot be asked who this is, or the frame is what failed
        log.error("Failure drawn without its frame: %s", type(error).__name__)
    return drawn(request, services.clock(), "failure.html", values, failure.status)


def expected(services: Services) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Starlette's handler for refusals and HTTP errors."""

    async def handler(request: Request, error: Exception) -> Response:
        return await page(services, request, failure_of(error) or _WENT_WRONG)

    return handler


class LastResort:
    """Turns any other exception into the 500 page, with a reference that finds the line in the log."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self.app = app
        self.services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            reference = secrets.token_hex(4)
            log.error("Screen failed: %s at %s (reference %s)", type(error).__name__, _places(error), reference)
            if not started:
                answer = await page(self.services, Request(scope), _WENT_WRONG, reference)
                await answer(scope, receive, send)


def _places(error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "officina" in frame.filename]
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
