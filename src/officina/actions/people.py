"""People who sign in: sessions, passwords, roles.

Hashing a password takes tens of milliseconds and megabytes on purpose, so it never happens in a write transaction:
`check_password` and `hash_password` run in the caller's thread, and the transaction receives what they found.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, NewType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from officina.clock import SECOND
from officina.errors import Conflict, Invalid, NotFound, Unauthenticated
from officina.store import events, people, places
from officina.workflow.rights import ROLES, Rights

if TYPE_CHECKING:
    from officina.config import Settings
    from officina.store import Store, Tx
    from officina.store.people import Person

PasswordHash = NewType("PasswordHash", str)

SESSION_COOKIE = "officina_session"  # where shells keep the token
MINUTE = 60 * SECOND
WRONG = "The login or the password is wrong."

# OWASP's second choice for argon2id: 19 MiB, two passes, one lane. At most two at a time, so that a burst of
# sign-ins cannot exhaust memory or both cores.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_turn = threading.BoundedSemaphore(2)
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """How long a session lasts and how many wrong passwords are borne; durations in microseconds."""

    idle: int = 30 * MINUTE
    absolute: int = 12 * 60 * MINUTE
    failures: int = 5
    lock: int = 15 * MINUTE

    @classmethod
    def of(cls, settings: Settings) -> SignInLimits:
        return cls(
            idle=settings.session_idle_minutes * MINUTE,
            absolute=settings.session_hours * 60 * MINUTE,
            failures=settings.sign_in_attempts,
            lock=settings.sign_in_lock_minutes * MINUTE,
        )


DEFAULT_LIMITS = SignInLimits()


class SignedIn(NamedTuple):
    """A new session: ``token`` for the cookie, shown nowhere else and stored only as a digest."""

    token: str
    csrf: str
    person: Person


class Refused(NamedTuple):
    """Why nobody was signed in, in words that may be shown."""

    text: str


class Proof(NamedTuple):
    """What checking a password outside the transaction found.

    ``checked``   the stored hash it was checked against: if that has changed since, the proof is void;
    ``rehashed``  the password under today's parameters, when the stored hash has older ones.
    """

    person_id: int | None
    right: bool
    checked: str = ""
    rehashed: PasswordHash | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in and what they may do. ``renewal_due``: `renew` should push the expiry out."""

    id: int
    person_id: int
    login: str
    name: str
    csrf: str
    rights: Rights
    renewal_due: bool

    @property
    def actor(self) -> str:
        return f"person:{self.login}"

    def allows_csrf(self, presented: str) -> bool:
        """Whether a form or header brought back this session's CSRF token."""
        return hmac.compare_digest(self.csrf.encode(), presented.encode("utf-8", "replace"))


# --- passwords: the caller's thread, no transaction --------------------------------------------------------------
def hash_password(password: str) -> PasswordHash:
    """Slow on purpose. Raises Invalid for a password that is too short or absurdly long."""
    if not 12 <= len(password) <= 1024:
        raise Invalid("a password has 12 to 1024 characters", place="/password", code="password_length")
    with _turn:
        return PasswordHash(_hasher.hash(password))


def check_password(person: Person | None, password: str) -> Proof:
    """Slow on purpose, and as slow for an unknown or inactive person as for a wrong password."""
    known = person if person is not None and person.state == "active" else None
    stored = known.password_hash if known else _decoy()
    with _turn:
        right = _verify(stored, password) and known is not None
        outdated = right and _hasher.check_needs_rehash(stored)
        rehashed = PasswordHash(_hasher.hash(password)) if outdated else None
    return Proof(known.id if known else None, right, stored if known else "", rehashed)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


_decoys: list[str] = []


def _decoy() -> str:
    """A hash of nothing anybody knows, with today's parameters; made on first use."""
    if not _decoys:
        _decoys.append(_hasher.hash(secrets.token_hex(16)))
    return _decoys[0]


# --- signing in and out ------------------------------------------------------------------------------------------
def sign_in(store: Store, login: str, password: str, *, at: int, limits: SignInLimits = DEFAULT_LIMITS) -> SignedIn:
    """Read, check the password here, then write. Blocks for the hash and the commit: never call it on the loop.

    Raises Unauthenticated; the failed attempt is committed all the same.
    """
    with store.read() as tx:
        person = people.by_login(tx, _folded(login))
    proof = check_password(person, password)
    outcome = store.writer.submit(partial(enter, proof=proof, at=at, limits=limits)).result()
    if isinstance(outcome, Refused):
        raise Unauthenticated(outcome.text)
    return outcome


def enter(tx: Tx, proof: Proof, *, at: int, limits: SignInLimits = DEFAULT_LIMITS) -> SignedIn | Refused:
    """Opens a session for a right password, counts a wrong one. It answers instead of raising, so the count stays."""
    person = people.by_id(tx, proof.person_id) if proof.person_id is not None else None
    if person is None or person.state != "active":
        return _refuse(tx, 0, "unknown", WRONG, at)
    if person.locked_until_at is not None and at < person.locked_until_at:
        return _refuse(tx, person.id, "locked", _locked(person.locked_until_at - at), at)
    if not proof.right or proof.checked != person.password_hash:
        return _count_failure(tx, person, at, limits)
    people.set_attempts(tx, person.id, failed_count=0, locked_until_at=None)
    if proof.rehashed:
        people.set_password_hash(tx, person.id, proof.rehashed)
    people.end_expired_sessions(tx, at)
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    expires_at = at + min(limits.idle, limits.absolute)
    people.add_session(tx, digest=_digest(token), csrf=csrf, person_id=person.id, at=at, expires_at=expires_at)
    _record(tx, "person.signed_in", person.id, f"person:{person.login}", at)
    return SignedIn(token, csrf, person)


def _count_failure(tx: Tx, person: Person, at: int, limits: SignInLimits) -> Refused:
    failed = person.failed_count + 1
    if failed < limits.failures:
        people.set_attempts(tx, person.id, failed_count=failed, locked_until_at=None)
        return _refuse(tx, person.id, "password", WRONG, at)
    people.set_attempts(tx, person.id, failed_count=0, locked_until_at=at + limits.lock)
    return _refuse(tx, person.id, "lock_out", _locked(limits.lock), at)


def _refuse(tx: Tx, person_id: int, reason: str, text: str, at: int) -> Refused:
    _record(tx, "person.sign_in_refused", person_id, "system", at, {"reason": reason})
    return Refused(text)


def _locked(remaining: int) -> str:
    minutes = -(-remaining // MINUTE)
    return f"Too many wrong passwords: this login is locked. Try again in {minutes} minute{'s' if minutes > 1 else ''}."


def session_of(tx: Tx, token: str, *, at: int, limits: SignInLimits = DEFAULT_LIMITS) -> Session | None:
    """The session a token opens, with the person's rights as they are now; None if there is none or it ran out."""
    seat = people.seat(tx, _digest(token))
    if seat is None or at >= seat.expires_at or at >= seat.created_at + limits.absolute:
        return None
    rights = Rights.of_roles(people.grants_of(tx, seat.person_id), partial(people.places_below, tx))
    due = at - seat.seen_at >= limits.idle // 12
    return Session(seat.id, seat.person_id, seat.login, seat.name, seat.csrf, rights, due)


def renew(tx: Tx, token: str, *, at: int, limits: SignInLimits = DEFAULT_LIMITS) -> None:
    """Pushes the expiry out after use, up to the absolute limit. Bookkeeping, so no line in the audit."""
    seat = people.seat(tx, _digest(token))
    if seat is not None and at < seat.expires_at:
        expires_at = min(at + limits.idle, seat.created_at + limits.absolute)
        people.renew_session(tx, seat.id, seen_at=at, expires_at=expires_at)


def sign_out(tx: Tx, token: str, *, at: int) -> None:
    """Ends the session; an unknown token is already signed out."""
    seat = people.seat(tx, _digest(token))
    if seat is not None:
        people.end_session(tx, _digest(token))
        _record(tx, "person.signed_out", seat.person_id, f"person:{seat.login}", at)


# --- who may sign in ---------------------------------------------------------------------------------------------
def add_person(tx: Tx, login: str, name: str, password_hash: PasswordHash, *, actor: str, at: int) -> int:
    """Adds one who may sign in, without any role yet; returns the id. Logins are lower case."""
    folded = _folded(login)
    if not _LOGIN.fullmatch(folded):
        raise Invalid("a login has 1 to 64 letters, digits or . _ @ + -", place="/login", code="login_form")
    if not name.strip():
        raise Invalid("a person needs a name", place="/name", code="name_missing")
    if people.by_login(tx, folded) is not None:
        raise Conflict("this login is taken", place="/login", code="login_taken")
    person_id = people.add(tx, login=folded, name=name.strip(), password_hash=password_hash, at=at)
    _record(tx, "person.added", person_id, actor, at)
    return person_id


def set_password(tx: Tx, person_id: int, password_hash: PasswordHash, *, actor: str, at: int) -> None:
    """Replaces the password, lifts a lock and ends all sessions of the person."""
    person = _known(tx, person_id)
    people.set_password_hash(tx, person.id, password_hash)
    people.set_attempts(tx, person.id, failed_count=0, locked_until_at=None)
    people.end_sessions_of(tx, person.id)
    _record(tx, "person.password_set", person.id, actor, at)


def set_active(tx: Tx, person_id: int, active: bool, *, actor: str, at: int) -> None:
    """Lets a person in again, or shuts them out at once: their sessions end. The record of what they did stays."""
    person = _known(tx, person_id)
    people.set_state(tx, person.id, "active" if active else "inactive")
    if not active:
        people.end_sessions_of(tx, person.id)
    _record(tx, "person.activated" if active else "person.deactivated", person.id, actor, at)


def grant(tx: Tx, person_id: int, role: str, place_id: int | None = None, *, actor: str, at: int) -> None:
    """Gives a role at a place and everything below it, or everywhere. Granting twice changes nothing."""
    person = _known(tx, person_id)
    if role not in ROLES:
        raise Invalid(f"no such role; roles are {', '.join(ROLES)}", place="/role", code="role_unknown")
    if place_id is not None and places.get(tx, place_id) is None:
        raise Invalid("no such place", place="/place_id", code="place_unknown")
    if (role, place_id) in people.grants_of(tx, person.id):
        return
    people.add_grant(tx, person.id, role, place_id)
    _record(tx, "person.granted", person.id, actor, at, {"role": role}, place_id)


def withdraw(tx: Tx, person_id: int, role: str, place_id: int | None = None, *, actor: str, at: int) -> None:
    """Takes a granted role away; it holds from the person's next request."""
    person = _known(tx, person_id)
    if not people.remove_grant(tx, person.id, role, place_id):
        raise NotFound("this role was not granted there", place="/role")
    _record(tx, "person.withdrawn", person.id, actor, at, {"role": role}, place_id)


def _known(tx: Tx, person_id: int) -> Person:
    person = people.by_id(tx, person_id)
    if person is None:
        raise NotFound("no such person", place="/person_id")
    return person


def _record(
    tx: Tx,
    kind: str,
    person_id: int,
    actor: str,
    at: int,
    detail: dict[str, str] | None = None,
    place_id: int | None = None,
) -> None:
    events.record(
        tx, at=at, kind=kind, subject="person", subject_id=person_id, actor=actor, place_id=place_id, detail=detail
    )
    tx.touch("people")


def _folded(login: str) -> str:
    return login.strip().casefold()


def _digest(token: str) -> bytes:
    """Tokens are 256 random bits, so one fast hash is enough to make a stolen table useless."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
