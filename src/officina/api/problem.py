"""Problems: every refusal leaves as RFC 9457 problem+json, with a stable code and never with patient data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from officina.errors import Conflict, Forbidden, Gone, Invalid, NotFound, OfficinaError, Unauthenticated, Unavailable

MEDIA_TYPE = "application/problem+json"


class Fault(BaseModel):
    """One thing that is wrong with the request."""

    detail: str = Field(description="What is wrong, in plain words. Never repeats the value that was sent.")
    pointer: str | None = Field(default=None, description="JSON pointer into the body, as a URI fragment: `#/family`.")
    parameter: str | None = Field(default=None, description="The query or path parameter or the header that is wrong.")


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(description="Reference to the explanation of this code on the reference page.")
    title: str = Field(description="The HTTP status in words.")
    status: int = Field(description="The HTTP status.")
    code: str = Field(description="Stable word for programs.")
    detail: str = Field(description="What happened and why, in plain words, without patient data.")
    remedy: str | None = Field(default=None, description="What to do about it, if something can be done.")
    errors: list[Fault] | None = Field(default=None, description="Each thing that is wrong with the request.")


class TooLarge(OfficinaError):
    """The body is larger than the setting allows."""

    code = "too_large"


class CannotRead(OfficinaError):
    """The body is of a media type this operation does not read."""

    code = "unsupported_media_type"


STATUS: Mapping[type[OfficinaError], HTTPStatus] = {
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    Gone: HTTPStatus.GONE,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    CannotRead: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}

# What each status means here; also the problem section of the reference page. Other codes refine one of these.
MEANINGS: Mapping[HTTPStatus, tuple[str, str]] = {
    HTTPStatus.BAD_REQUEST: ("bad_request", "The request could not be understood."),
    HTTPStatus.UNAUTHORIZED: ("unauthenticated", "Send an API key as `Authorization: Bearer ofc_…`, or sign in."),
    HTTPStatus.FORBIDDEN: ("forbidden", "The key or person lacks the permission, or a session sent no CSRF token."),
    HTTPStatus.NOT_FOUND: ("not_found", "There is no such thing, or it lies outside the places you may see."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method_not_allowed", "The `Allow` header lists the methods this path has."),
    HTTPStatus.CONFLICT: ("conflict", "It would contradict what is already there."),
    HTTPStatus.GONE: ("gone", "It was here, and is no longer kept: it is older than its connector keeps messages."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("too_large", "The body is larger than the setting `request_max_bytes`."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("unsupported_media_type", "The body has a media type that is not read here."),
    HTTPStatus.UNPROCESSABLE_ENTITY: ("invalid", "`errors` lists each parameter or body member that is wrong."),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("internal", "Our mistake; it was logged. Trying again may succeed."),
    HTTPStatus.SERVICE_UNAVAILABLE: ("unavailable", "It cannot be done now. Nothing was lost; try again later."),
}


def respond(
    status: int,
    code: str,
    detail: str,
    *,
    remedy: str = "",
    errors: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The problem as a response."""
    known = MEANINGS.get(HTTPStatus(status), MEANINGS[HTTPStatus.BAD_REQUEST])[0]
    problem = Problem(
        type=f"/api/v1/reference#{known}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        remedy=remedy or None,
        errors=list(errors) or None,
    )
    body = json.dumps(problem.model_dump(exclude_none=True), ensure_ascii=False).encode()
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, media_type=MEDIA_TYPE)


def of_error(error: OfficinaError) -> Response:
    """The problem of one of our own errors."""
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)
    headers = {}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="officina"'
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "5"
    faults = [fault for each in getattr(error, "problems", [error]) for fault in _faults(each.place, each.text)]
    return respond(status, error.code, error.text, remedy=error.remedy, errors=faults, headers=headers)


def internal() -> Response:
    """The problem of a mistake of ours: it says nothing of what was being done."""
    return respond(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "The hub made a mistake; it was logged.")


def install(app: FastAPI) -> None:
    """Makes every refusal of the app a problem."""
    app.exception_handler(OfficinaError)(_on_error)
    app.exception_handler(RequestValidationError)(_on_validation)
    app.exception_handler(HTTPException)(_on_http)


class Nothing:
    """ASGI application for addresses near the API at which there is nothing, in whatever version."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        code, detail = MEANINGS[HTTPStatus.NOT_FOUND]
        remedy = f"the API is below {self._prefix}; {self._prefix}/reference describes it"
        await respond(HTTPStatus.NOT_FOUND, code, detail, remedy=remedy)(scope, receive, send)


async def _on_error(request: Request, error: OfficinaError) -> Response:
    return of_error(error)


async def _on_validation(request: Request, error: RequestValidationError) -> Response:
    faults = [_fault(one["loc"], one["msg"], one["type"]) for one in error.errors()]
    return respond(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "The request is not acceptable.", errors=faults)


async def _on_http(request: Request, error: HTTPException) -> Response:
    if error.status_code == HTTPStatus.BAD_REQUEST:  # the framework's word for bodies that json.loads chokes on
        text = "the body is not JSON in UTF-8, or it is nested too deeply"
        detail = "The request is not acceptable."
        return respond(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", detail, errors=[Fault(detail=text, pointer="#")])
    code, detail = MEANINGS.get(HTTPStatus(error.status_code), MEANINGS[HTTPStatus.BAD_REQUEST])
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _methods(request) or headers.get("Allow", "")
    return respond(error.status_code, code, detail, headers=headers)


def _methods(request: Request) -> str:
    """All methods of the path, for ``Allow``: the route that answered knows only its own."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    paths = request.app.openapi()["paths"]
    similar = (each for each in paths if re.fullmatch(re.sub(r"{\w+}", "[^/]+", each), path))
    item = paths.get(path) or paths.get(next(similar, ""), {})
    methods = [method.upper() for method in item]
    return ", ".join(sorted([*methods, "HEAD"] if "GET" in methods else methods))


def _faults(place: str, text: str) -> list[Fault]:
    if place.startswith("/"):
        return [Fault(detail=text, pointer=f"#{place}")]
    if step := re.match(r"(\w+)\[(\d+)\](.*)", place):  # a place in a site file, which counts from one
        within = step[3].partition(":")[0].replace(".", "/")
        return [Fault(detail=text, pointer=f"#/{step[1]}/{int(step[2]) - 1}{within}")]
    return [Fault(detail=text, parameter=place)] if place else []


def _fault(location: Sequence[str | int], text: str, kind: str) -> Fault:
    """Where and what, without the value: pydantic's words quote it only in errors we make ourselves."""
    where, *path = location
    if where != "body":
        return Fault(detail=text, parameter=".".join(str(step) for step in path))
    steps = [] if kind == "json_invalid" else [str(step).replace("~", "~0").replace("/", "~1") for step in path]
    return Fault(detail=text, pointer="#" + "".join(f"/{step}" for step in steps))
