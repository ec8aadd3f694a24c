"""One alert to a webhook: an HTTP POST of JSON, signed. Blocks: for a thread of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from typing import Final

from officina import clock
from officina.actions.alerts import Due
from officina.errors import Unavailable
from officina.outbound.notify import WebhookSettings
from officina.runtime import secret

TIMEOUT_S: Final = 15.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What is signed for one address goes to no other."""

    def redirect_request(self, *_: object) -> None:
        return None


def post(settings: WebhookSettings, each: Due, link: str, now: int) -> None:
    """Returns once it was answered with a status of 200 to 299. Raises Unavailable with the reason."""
    body = written(each, link)
    stamp = str(now // clock.SECOND)
    headers = {"Content-Type": "application/json", "User-Agent": "Officina", "X-Officina-Timestamp": stamp}
    if settings.secret_env:
        headers["X-Officina-Signature"] = signature(secret.of(settings.secret_env), stamp, body)
    request = urllib.request.Request(settings.url, data=body, headers=headers, method="POST")
    tls = urllib.request.HTTPSHandler(context=secret.trust(settings.ca))
    try:
        with urllib.request.build_opener(tls, _NoRedirect).open(request, timeout=TIMEOUT_S):
            return
    except urllib.error.HTTPError as error:
        error.close()
        raise Unavailable(f"the webhook answers {error.code}") from error
    except (OSError, ValueError) as error:
        reason = getattr(getattr(error, "reason", error), "strerror", None)
        raise Unavailable(f"the webhook cannot be reached: {reason or type(error).__name__}") from error


def written(each: Due, link: str) -> bytes:
    """The body. ``id`` is the same when it is sent again; ``link`` is null where nobody said where the hub is."""
    alert = each.alert
    said = {
        "id": each.notice.id,
        "event": f"alert.{each.notice.what}",
        "alert": {
            "id": alert.id,
            "kind": alert.kind,
            "subject": alert.subject,
            "text": alert.text,
            "urgent": bool(alert.urgent),
            "opened_at": clock.iso(alert.opened_at),
            "closed_at": None if alert.closed_at is None else clock.iso(alert.closed_at),
            "link": link or None,
        },
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def signature(key: str, stamp: str, body: bytes) -> str:
    """What the receiver computes too, to know that the hub wrote it."""
    return "sha256=" + hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
