"""What `officina top` shows of each connector, asked of the hub over REST."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from officina.errors import Forbidden, Invalid, OfficinaError, Unauthenticated, Unavailable

TIMEOUT_S = 10.0


class Line(NamedTuple):
    """A connector as it is now. ``queued`` and ``failed`` are None for one that sends nothing; rates are a minute's."""

    name: str
    state: str
    reason: str
    queued: int | None
    oldest_at: int | None
    failed: int | None
    received: float
    sent: float
    last_hour: Sequence[int]
    last_at: int | None
    next_at: int | None


Look = Callable[[], list[Line]]


def of_hub(address: str, key: str) -> Look:
    """Asks a running hub."""
    base = (address or _own_address()).rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise Invalid("is not the address of a hub", place="--address", remedy="write it like http://127.0.0.1:8080")
    if not key:
        raise Unauthenticated(
            "the hub wants to know who asks",
            place="--key",
            remedy="officina key create top --scope connectors.read, and set OFFICINA_KEY",
        )
    return lambda: [_line(each) for each in _asked(f"{base}/api/v1/connectors", key)["items"]]


def _own_address() -> str:
    from officina import config

    settings = config.load()
    return f"{'https' if settings.web_certificate else 'http'}://{settings.web_host}:{settings.web_port}"


def _asked(url: str, key: str) -> dict[str, Any]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as refused:
        raise _refusal(refused.code) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        why = getattr(reason, "strerror", None) or str(reason) or "no answer"
        raise Unavailable(
            f"the hub does not answer: {why}",
            place=url.removesuffix("/api/v1/connectors"),
            remedy="start it (officina serve), or give its address with --address",
        ) from None


def _refusal(status: int) -> OfficinaError:
    if status == 401:
        return Unauthenticated("the hub does not know this key", place="--key", remedy="see: officina key list")
    if status == 403:
        return Forbidden("this key may not see connectors", place="--key", remedy="give it the scope connectors.read")
    return Unavailable(f"the hub answers {status}", remedy="is this the address of a hub? Else see its log")


def _line(found: Mapping[str, Any]) -> Line:
    live, queue, activity = found["live"] or {}, found["queue"] or {}, found["activity"]
    state, reason = live.get("state", found["state"]), live.get("reason", "")
    return Line(
        name=found["name"],
        state="waiting" if state == "running" and reason else state,
        reason=reason,
        queued=queue.get("queued"),
        oldest_at=_instant(queue.get("oldest_at")),
        failed=queue.get("failed"),
        received=activity["received_per_minute"],
        sent=activity["sent_per_minute"],
        last_hour=activity["last_hour"],
        last_at=_instant(activity["last_message_at"]),
        next_at=_instant(queue.get("next_attempt_at")),
    )


def _instant(text: str | None) -> int | None:
    from officina import clock

    return None if text is None else clock.instant(datetime.fromisoformat(text))
