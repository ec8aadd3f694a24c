"""One alert by e-mail, over SMTP. Blocks: for a thread of its own."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from officina import clock
from officina.actions.alerts import Due
from officina.errors import Unavailable
from officina.outbound.notify import EmailSettings, title
from officina.runtime import secret
from officina.workflow.alert import WATCHED

TIMEOUT_S: Final = 15.0


def send(settings: EmailSettings, each: Due, link: str, now: int) -> None:
    """Returns once the server has taken it for every address. Raises Unavailable with the reason."""
    message = written(settings, each, link, now)
    try:
        with _connected(settings) as server:
            if settings.user:
                server.login(settings.user, secret.of(settings.password_env))
            server.send_message(message)
    except smtplib.SMTPResponseException as error:
        raise Unavailable(f"the mail server answers {error.smtp_code}") from error
    except smtplib.SMTPRecipientsRefused as error:
        raise Unavailable("the mail server refuses the addresses") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unavailable(f"the mail server: {getattr(error, 'strerror', None) or type(error).__name__}") from error


def written(settings: EmailSettings, each: Due, link: str, now: int) -> EmailMessage:
    """The message. Its Message-ID stays the same when it is sent again."""
    alert = each.alert
    message = EmailMessage()
    message["From"], message["To"] = settings.sender, ", ".join(settings.to)
    message["Subject"] = f"[Officina] {title(each.notice.what, alert.kind, alert.subject)}"
    message["Date"] = format_datetime(clock.moment(now))
    domain = settings.sender.rpartition("@")[2]
    message["Message-ID"] = f"<notice-{each.notice.id}-{alert.opened_at}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    lines = [f"{alert.subject}: {alert.text}.", f"Since {clock.iso(alert.opened_at)}."]
    if alert.closed_at is not None:
        lines.append(f"Over since {clock.iso(alert.closed_at)}; nothing is left to do.")
    else:
        lines += [
            "",
            WATCHED[alert.kind].remedy,
            "",
            "It is not told again once it is acknowledged: Alerts in Officina.",
        ]
    if link:
        lines += ["", link]
    message.set_content("\n".join(lines) + "\n")
    return message


def _connected(settings: EmailSettings) -> smtplib.SMTP:
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=TIMEOUT_S, context=secret.trust(settings.ca))
    server = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT_S)
    if settings.security == "starttls":
        server.starttls(context=secret.trust(settings.ca))
    return server
