"""Settings of a mailbox poller, as they stand in the site file and in the settings workspace."""

from __future__ import annotations

import ssl
from fnmatch import fnmatch
from pathlib import Path, PurePath
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from officina.errors import Invalid
from officina.wire import charset
from officina.wire.acknowledge import AckMode

_SCHEMES = {"https": "https", "imap": "imaps"}


class PollerSettings(BaseModel):
    """One mailbox that a partner fills and the hub empties.

    What is found is taken in as if the partner had sent it. Only when it is in the book is it moved, marked or deleted,
    whatever the answer to it: a refused message is kept too, and is not fetched for ever. A crash between the two has
    it fetched once more, and it is then known by its control id as a repetition.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    mailbox: Literal["folder", "https", "imap"] = Field(description="what holds the messages")
    location: str = Field(
        description="where it is: /srv/pharmacy/out, https://pharmacy.example/mailbox or imaps://mail.example/INBOX"
    )
    pattern: str = Field(
        default="*", description="which files, items or attachments are messages, such as *.hl7; case does not matter"
    )
    user: str = Field(default="", description="whom to sign in as; https without it: the password is a bearer token")
    password_env: str = Field(default="", description="name of the environment variable that holds the password")
    ca: Path | None = Field(
        default=None, description="PEM file with the authority that signs the server's certificate; none: the system's"
    )
    interval_s: float = Field(default=30, ge=0.1, le=86400, description="rest between two looks")
    retry_factor: float = Field(default=2, ge=1, le=10, description="how much longer each wait is while looks fail")
    retry_most_s: float = Field(default=600, gt=0, le=86400, description="longest rest while looks fail")
    after: Literal["mark", "move", "delete"] = Field(
        default="mark",
        description="what is done with a message that is kept; mark: a file is renamed to end in .done, an item is "
        "reported done, a mail is marked as read",
    )
    move_to: str = Field(
        default="done", description="folder that kept files or mails move to; not absolute: within the mailbox"
    )
    answers_to: str = Field(
        default="", description="folder in which answers are left as files; not absolute: within the mailbox; none: not"
    )
    still_s: float = Field(
        default=2, ge=0.1, le=3600, description="how long a file must not have changed before it is read"
    )
    wait_most_s: float = Field(
        default=300, ge=0, le=86400, description="longest wait for a file that ends within a segment; then it is taken"
    )
    max_bytes: int = Field(
        default=16 * 1024 * 1024, ge=1024, le=256 * 1024 * 1024, description="largest item; a larger one stays there"
    )
    facility: str = Field(
        default="", description="facility code of messages that name none; without it such messages are parked"
    )
    fallback_charset: str = Field(
        default="cp1252", description="for messages that name no character set and are not UTF-8"
    )
    acknowledgement: AckMode = Field(default=AckMode.AUTO, description="auto follows MSH-15 and MSH-16")

    @field_validator("fallback_charset")
    @classmethod
    def _reads_hl7(cls, name: str) -> str:
        """Looked at here, because the first message that needs it comes at night."""
        if reason := charset.unfit(name):
            raise ValueError(f"{reason}; write one like cp1252 or iso8859-2")
        return name

    @model_validator(mode="after")
    def _fits_the_mailbox(self) -> Self:
        if self.mailbox == "folder":
            if not PurePath(self.location).is_absolute():
                raise ValueError("location of a folder begins with /")
            if self.user or self.password_env:
                raise ValueError("a folder has no user and no password")
            for name in {"move_to", "answers_to"} if self.answers_to else {"move_to"}:
                if PurePath(self.location, getattr(self, name)) == PurePath(self.location):
                    raise ValueError(f"{name} is the mailbox itself, where it would be taken for new")
            return self
        self._check_url(_SCHEMES[self.mailbox])
        if self.answers_to:
            raise ValueError("answers_to is for folders only")
        if self.mailbox == "https" and self.after == "move":
            raise ValueError("after of an https mailbox is mark or delete: its server moves what is done")
        if self.user and not self.password_env:
            raise ValueError("user needs password_env: the environment variable that holds the password")
        if self.mailbox == "imap" and not self.user:
            raise ValueError("an imap mailbox needs user and password_env")
        return self

    def _check_url(self, scheme: str) -> None:
        parts = urlsplit(self.location)
        if parts.scheme != scheme or not parts.hostname or parts.port == 0:
            raise ValueError(f"location of an {self.mailbox} mailbox begins with {scheme}:// and a host")
        if parts.username is not None or parts.password is not None:
            raise ValueError("location holds a user or password: name them in user and password_env")

    def wants(self, name: str) -> bool:
        """Whether something of this name is a message."""
        return fnmatch(name.lower(), self.pattern.lower())

    def context(self) -> ssl.SSLContext:
        """The client context. Raises Invalid naming the setting whose file cannot be used."""
        try:
            context = ssl.create_default_context(cafile=self.ca)
        except (OSError, ssl.SSLError) as error:
            reason = error.strerror or getattr(error, "reason", None) or "not a PEM file"
            remedy = "name a readable PEM file that fits"
            raise Invalid(f"{self.ca}: {reason}", place="ca", remedy=remedy, code="certificate_unusable") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context
