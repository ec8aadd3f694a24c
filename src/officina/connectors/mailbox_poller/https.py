"""A mailbox behind HTTPS: one address lists what waits, each item has its own.

GET location        200 and a JSON array of `{"id": …, "href": …}` or of hrefs; or text with one href per line
GET href            200 and the bytes
POST href + /done   it is kept (after = "mark")
DELETE href         it is kept (after = "delete")

An href may be relative to the location and must stay on its host, since the password goes with it.
"""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

from officina.connectors.mailbox_poller.settings import PollerSettings
from officina.connectors.port import Item
from officina.errors import Unavailable

TIMEOUT_S: Final = 10.0
MOST_LISTED: Final = 4 * 1024 * 1024  # bytes of a list
_AS_IT_IS: Final = "%/:=&?~#+!$,;'@()*[]"
_GONE: Final = (404, 410)


class HttpsMailbox:
    """Implements `officina.connectors.port.Mailbox`."""

    def __init__(self, settings: PollerSettings, secret: Callable[[str], str]) -> None:
        self._settings, self._secret = settings, secret
        self._host = urlsplit(settings.location)
        self._tls = settings.context()
        self._connection: http.client.HTTPSConnection | None = None

    @property
    def address(self) -> str:
        return self._settings.location.partition("?")[0]

    def look(self) -> list[Item]:
        """In the order of the list. The name of an item is its address."""
        status, kind, body = self._ask("GET", self._settings.location, MOST_LISTED)
        if status != 200:
            raise _answered(status)
        found: dict[str, Item] = {}
        for ident, href in _listed(kind, body):
            url = quote(urljoin(self._settings.location, href), safe=_AS_IT_IS)
            if not _same_host(url, self._settings.location):
                raise Unavailable("its list names an item on another host", remedy="ask who runs the mailbox")
            if self._settings.wants(ident):
                found[url] = Item(url, ident)
        return list(found.values())

    def fetch(self, item: Item) -> list[bytes]:
        status, _, body = self._ask("GET", item.name, self._settings.max_bytes)
        if status in _GONE:
            return []
        if status != 200:
            raise _answered(status)
        return [body]

    def answer(self, item: Item, answers: Sequence[bytes]) -> None:
        pass

    def finish(self, item: Item) -> None:
        if self._settings.after == "delete":
            status, _, _ = self._ask("DELETE", item.name, MOST_LISTED)
        else:
            parts = urlsplit(item.name)
            url = parts._replace(path=parts.path.rstrip("/") + "/done").geturl()
            status, _, _ = self._ask("POST", url, MOST_LISTED)
        if not 200 <= status < 300 and status not in _GONE:
            raise _answered(status)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _ask(self, method: str, url: str, most: int) -> tuple[int, str, bytes]:
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            self._connection = self._connection or http.client.HTTPSConnection(
                self._host.hostname or "", self._host.port, timeout=TIMEOUT_S, context=self._tls
            )
            self._connection.request(method, target, headers=self._headers())
            response = self._connection.getresponse()
            body = response.read(most + 1)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            reason = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or type(error).__name__
            raise Unavailable(f"the mailbox cannot be reached: {reason}") from error
        if len(body) > most:
            self.close()
            raise Unavailable(f"an item is larger than {most} bytes", remedy="raise max_bytes, or take it away")
        if length := response.length:  # read(n) does not mind that the rest never comes
            self.close()
            raise Unavailable(f"the mailbox broke off {length} bytes before the end of an item")
        return response.status, response.headers.get_content_type(), body

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "*/*"}
        if self._settings.password_env:
            password = self._secret(self._settings.password_env)
            pair = base64.b64encode(f"{self._settings.user}:{password}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}" if self._settings.user else f"Bearer {password}"
        return headers


def _listed(kind: str, body: bytes) -> Iterator[tuple[str, str]]:
    """Pairs of id and href."""
    text = body.decode("utf-8", "replace")
    if kind == "text/plain":
        yield from ((_last(line), line.strip()) for line in text.splitlines() if line.strip())
        return
    try:
        entries: Any = json.loads(text)
    except ValueError:
        entries = None
    if not isinstance(entries, list):
        raise _no_list()
    for entry in entries:
        if isinstance(entry, str):
            yield _last(entry), entry
        elif isinstance(entry, dict) and isinstance(entry.get("href"), str):
            yield str(entry.get("id", _last(entry["href"]))), entry["href"]
        else:
            raise _no_list()


def _last(href: str) -> str:
    return urlsplit(href.strip()).path.rstrip("/").rpartition("/")[2]


def _same_host(*urls: str) -> bool:
    try:
        return len({(each.scheme, each.hostname, each.port or 443) for each in map(urlsplit, urls)}) == 1
    except ValueError:  # a port that is none
        return False


def _no_list() -> Unavailable:
    return Unavailable(
        "its answer is not a list of items", remedy="see docs/howto/poll-a-mailbox.md for what an https mailbox answers"
    )


def _answered(status: int) -> Unavailable:
    remedy = "see user and password_env" if status in (401, 403) else ""
    return Unavailable(f"the mailbox answers {status}", remedy=remedy)
