"""Errors that people read: each has a stable code, the place, the reason and the way out."""

from __future__ import annotations


class OfficinaError(Exception):
    """A refusal with a reason.

    ``code``   stable word for programs (``port_busy``);
    ``text``   what happened and why, in plain words, without patient data;
    ``place``  where: a field path ``PID-3[1].1``, a setting ``web.port``, a JSON pointer ``/name``; "" if nowhere;
    ``remedy`` what to do about it; "" if nothing can be done.
    """

    code = "error"

    def __init__(self, text: str, *, place: str = "", remedy: str = "", code: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.place = place
        self.remedy = remedy
        if code:
            self.code = code

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        way_out = f" ({self.remedy})" if self.remedy else ""
        return f"{where}{self.text}{way_out}"


class NotFound(OfficinaError):
    """What was asked for is not in the book, or not visible to the one who asks."""

    code = "not_found"


class Gone(NotFound):
    """It was here, and is no longer kept."""

    code = "gone"


class Invalid(OfficinaError):
    """What was given cannot be accepted as it is."""

    code = "invalid"


class Conflict(OfficinaError):
    """It would contradict what is already there."""

    code = "conflict"


class Forbidden(OfficinaError):
    """The person or key lacks the right."""

    code = "forbidden"


class Unauthenticated(OfficinaError):
    """Nobody is signed in, or the key or password is wrong."""

    code = "unauthenticated"


class Unavailable(OfficinaError):
    """It cannot be done now; trying again later may succeed."""

    code = "unavailable"
