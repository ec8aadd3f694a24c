"""How the command line fails: one line of place, reason and way out on stderr, and an exit code per kind of error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

from officina.errors import Conflict, Forbidden, Invalid, NotFound, OfficinaError, Unauthenticated, Unavailable

INTERRUPTED: Final = 130
NOT_ALL_WELL: Final = 8

EXIT_CODES: Final[dict[type[OfficinaError], int]] = {
    OfficinaError: 3,
    Invalid: 3,
    NotFound: 4,
    Conflict: 5,
    Forbidden: 6,
    Unauthenticated: 6,
    Unavailable: 7,
}

MEANINGS: Final[dict[int, str]] = {
    0: "Done.",
    1: "A defect in Officina; please report it with the trace.",
    2: "The command line was not understood.",
    3: "A setting, file or argument cannot be accepted as it is, or the database has another schema.",
    4: "What was named does not exist.",
    5: "It would contradict what is already there.",
    6: "Not allowed.",
    7: "Not possible now: a database, partner or port is not available. Trying again later may succeed.",
    NOT_ALL_WELL: "The command ran, but not all is well: `send` got a refusal or no answer, `check` found a problem, "
    "`diff` found a difference, `profile test` a sample that is read otherwise.",
    INTERRUPTED: "Interrupted with Ctrl-C.",
}


def exit_code(error: OfficinaError) -> int:
    """The code of the nearest class that has one."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


@contextmanager
def told() -> Iterator[None]:
    """Expected errors become words and an exit code; a defect keeps its trace."""
    try:
        yield
    except OfficinaError as error:
        fail(error)
    except BaseExceptionGroup as group:
        expected = first_of(group)
        if expected is None:
            raise
        fail(expected)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def fail(error: OfficinaError) -> NoReturn:
    """Say what is wrong and leave. An error that gathers several (`SiteInvalid`) tells them all."""
    for problem in getattr(error, "problems", (error,)):
        print(sentence(problem), file=sys.stderr)
    sys.exit(exit_code(error))


def sentence(error: OfficinaError) -> str:
    """``place: reason`` and, below it, the way out."""
    where = f"{error.place}: " if error.place else ""
    way_out = f"\n  → {error.remedy}" if error.remedy else ""
    return f"officina: {where}{error.text}{way_out}"


def first_of(group: BaseExceptionGroup[BaseException]) -> OfficinaError | None:
    """The first of our own errors in a group; tasks that run side by side fail together."""
    for error in group.exceptions:
        if isinstance(error, OfficinaError):
            return error
        if isinstance(error, BaseExceptionGroup) and (found := first_of(error)):
            return found
    return None
