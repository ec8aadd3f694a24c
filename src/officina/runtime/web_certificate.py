"""The certificate of the web port: a renewed one holds for new connections, without a restart."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Final

from officina.certificates import stamps
from officina.config import Settings

log = logging.getLogger("officina.web")

WATCH_S: Final = 2.0


async def follow(settings: Settings, context: ssl.SSLContext) -> None:
    """Looks at its files until cancelled. What cannot be used yet, as it is half written, is looked at again."""
    certificate, key = settings.web_certificate, settings.web_key
    assert certificate is not None
    shown = tried = stamps(settings)
    while True:
        await asyncio.sleep(WATCH_S)
        found = stamps(settings)
        if found == shown:
            continue
        try:
            context.load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError) as error:
            if found != tried:
                reason = "no PEM files that fit each other" if isinstance(error, ssl.SSLError) else error.strerror
                log.warning("The renewed certificate of the web port cannot be used: %s.", reason)
            tried = found
        else:
            shown = found
            log.info("The web port shows its renewed certificate.")
