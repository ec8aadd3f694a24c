"""Who is told of alerts, when, and in which words. Pure: what is told names connectors and files, never a patient."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from officina.workflow import hours
from officina.workflow.alert import WATCHED

What = Literal["opened", "repeated", "closed"]


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kinds: tuple[str, ...] = Field(default=(), description="which kinds of alerts; none: all")
    quiet: str = Field(
        default="",
        description="quiet hours, like 22:00-06:00: only what is urgent is told in them, the rest when they end",
    )
    time_zone: str = Field(default="UTC", description="the zone of the quiet hours")
    ca: Path | None = Field(
        default=None, description="PEM file with the authority that signs the server's certificate; none: the system's"
    )

    @model_validator(mode="after")
    def _known_words(self) -> Self:
        for kind in self.kinds:
            if kind not in WATCHED:
                raise ValueError(f"there is no kind of alert {kind}; known are {', '.join(WATCHED)}")
        try:
            hours.parse(self.quiet or "00:00-00:00", self.time_zone)
        except (KeyError, OSError) as error:
            raise ValueError(f"there is no time zone {self.time_zone}") from error
        return self


class EmailSettings(_Settings):
    """By e-mail, over SMTP. The password stands in the environment, under the name that is given here."""

    host: str = Field(description="address of the mail server")
    port: int = Field(default=587, ge=1, le=65535, description="its port")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="how the connection is kept private; none: not at all"
    )
    user: str = Field(default="", description="whom to sign in as; none: without signing in")
    password_env: str = Field(default="", description="name of the environment variable that holds the password")
    sender: str = Field(description="address it comes from", pattern=r"^[^@\s]+@[^@\s]+$")
    to: tuple[str, ...] = Field(description="addresses it goes to", min_length=1)

    @model_validator(mode="after")
    def _one_line_each(self) -> Self:
        if any("@" not in one or any(each.isspace() for each in one) for one in self.to):
            raise ValueError("to holds something that is no address")
        if self.user and not self.password_env:
            raise ValueError("user needs password_env: the environment variable that holds the password")
        if self.user and self.security == "none":
            raise ValueError("a password would travel in the clear: set security to starttls or tls")
        return self


class WebhookSettings(_Settings):
    """By an HTTP POST of JSON. With a secret it is signed: `X-Officina-Signature` is `sha256=` and the HMAC-SHA256 of
    `X-Officina-Timestamp`, a point, and the body."""

    url: str = Field(description="where to", pattern=r"^https?://\S+$")
    secret_env: str = Field(default="", description="name of the environment variable that holds the signing secret")


KINDS: dict[str, type[EmailSettings] | type[WebhookSettings]] = {"email": EmailSettings, "webhook": WebhookSettings}


class Channel(NamedTuple):
    """A way to tell: a row ``[[notify]]`` of the site."""

    name: str
    settings: EmailSettings | WebhookSettings

    def wants(self, kind: str) -> bool:
        """Whether alerts of this kind are told here."""
        return not self.settings.kinds or kind in self.settings.kinds

    def due(self, at: int, *, urgent: bool) -> int:
        """When something that came up at this instant may be told."""
        quiet = hours.parse(self.settings.quiet, self.settings.time_zone)
        return at if urgent or quiet is None else hours.until(quiet, at)


def title(what: str, kind: str, subject: str) -> str:
    """One line about it."""
    words = {"opened": "", "repeated": "Still: ", "closed": "Over: "}[what]
    return f"{words}{WATCHED[kind].title}: {subject}"


def link(home: str, alert_id: int) -> str:
    """Where people see it; nothing where nobody said where the hub is reached."""
    return f"{home.rstrip('/')}/alerts?alert={alert_id}" if home else ""
