"""The outer wall of the API: bodies that are too large, mistakes of ours, and the headers every answer carries."""

from __future__ import annotations

import logging
import traceback

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from officina.api import problem

_log = logging.getLogger(__name__)

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class Guard:
    """ASGI middleware around the whole API."""

    def __init__(self, app: ASGIApp, *, most_bytes: int) -> None:
        self._app = app
        self._most = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if bare := scope["method"] == "HEAD":  # what GET answers, without its body (RFC 9110 section 9.3.2)
            scope = {**scope, "method": "GET"}
        call = _Call(receive, send, self._most, bare)
        if call.announces_too_much(scope):
            await call.refuse(problem.of_error(call.too_large()), scope)
            return
        try:
            await self._app(scope, call.inward, call.outward)
        except ClientDisconnect:
            return  # nobody is left to answer
        except Exception as error:  # the last resort: whatever it is, its words may hold a patient's and stay here
            if not call.exceeded:
                _log.error("API request failed: %s at %s", type(error).__name__, _where(error))
                await call.refuse(problem.internal(), scope)
        if call.exceeded:
            await call.refuse(problem.of_error(call.too_large()), scope)


class _Call:
    """One request and its answer on their way through the wall."""

    def __init__(self, receive: Receive, send: Send, most: int, bare: bool) -> None:
        self._receive = receive
        self._send = send
        self._most = most
        self._bare = bare
        self._seen = 0
        self._started = False
        self.exceeded = False

    def announces_too_much(self, scope: Scope) -> bool:
        announced = Headers(scope=scope).get("content-length", "")
        return announced.isdigit() and int(announced) > self._most

    def too_large(self) -> problem.TooLarge:
        text = f"the body is larger than {self._most} bytes"
        return problem.TooLarge(text, remedy="send less, or raise the setting request_max_bytes")

    async def inward(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._most:
            self.exceeded = True
            raise self.too_large()
        return message

    async def outward(self, message: Message) -> None:
        if self.exceeded and not self._started:
            return  # the framework's own answer to the broken body; ours follows
        if message["type"] == "http.response.start":
            self._started = True
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        elif self._bare and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    async def refuse(self, answer: Response, scope: Scope) -> None:
        """Answers with a problem, unless an answer is under way already."""
        if not self._started:
            self.exceeded = False
            await answer(scope, self._receive, self.outward)


def _where(error: Exception) -> str:
    """The innermost frames as file:line, without any value."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{frame.filename.rpartition('officina/')[2]}:{frame.lineno}" for frame in reversed(frames))
