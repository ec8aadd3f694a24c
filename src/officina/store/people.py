"""People, the roles granted to them and their sessions. Knows rows; what a role allows is `workflow.rights`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ColumnElement, delete, insert, select, update

from officina.store.schema import person, place, role_grant, session

if TYPE_CHECKING:
    from officina.store.tx import Tx


class Person(NamedTuple):
    """One who may sign in. ``state`` is active or inactive; ``locked_until_at`` an instant or None."""

    id: int
    login: str
    name: str
    password_hash: str
    state: str
    failed_count: int
    locked_until_at: int | None


class Seat(NamedTuple):
    """A session together with the person who holds it."""

    id: int
    csrf: str
    person_id: int
    login: str
    name: str
    created_at: int
    seen_at: int
    expires_at: int


_PERSON = (
    person.c.id,
    person.c.login,
    person.c.name,
    person.c.password_hash,
    person.c.state,
    person.c.failed_count,
    person.c.locked_until_at,
)


def by_login(tx: Tx, login: str) -> Person | None:
    return _one(tx, person.c.login == login)


def by_id(tx: Tx, person_id: int) -> Person | None:
    return _one(tx, person.c.id == person_id)


def _one(tx: Tx, condition: ColumnElement[bool]) -> Person | None:
    row = tx.execute(select(*_PERSON).where(condition)).first()
    return Person(*row) if row else None


def every(tx: Tx) -> list[Person]:
    """All people, by login."""
    return [Person(*row) for row in tx.execute(select(*_PERSON).order_by(person.c.login))]


def add(tx: Tx, *, login: str, name: str, password_hash: str, at: int) -> int:
    """Adds an active person; the login must be free. Returns the id."""
    person_id = tx.ids(1)[0]
    row = {"id": person_id, "login": login, "name": name, "password_hash": password_hash, "created_at": at}
    tx.execute(insert(person).values(**row))
    return person_id


def set_attempts(tx: Tx, person_id: int, *, failed_count: int, locked_until_at: int | None) -> None:
    values = {"failed_count": failed_count, "locked_until_at": locked_until_at}
    tx.execute(update(person).where(person.c.id == person_id).values(**values))


def set_password_hash(tx: Tx, person_id: int, password_hash: str) -> None:
    tx.execute(update(person).where(person.c.id == person_id).values(password_hash=password_hash))


def set_state(tx: Tx, person_id: int, state: str) -> None:
    tx.execute(update(person).where(person.c.id == person_id).values(state=state))


def grants_of(tx: Tx, person_id: int) -> list[tuple[str, int | None]]:
    """Pairs of role and place id (None: everywhere), oldest first."""
    columns = select(role_grant.c.role, role_grant.c.place_id)
    rows = tx.execute(columns.where(role_grant.c.person_id == person_id).order_by(role_grant.c.id))
    return [(role, place_id) for role, place_id in rows]


def add_grant(tx: Tx, person_id: int, role: str, place_id: int | None) -> int:
    grant_id = tx.ids(1)[0]
    tx.execute(insert(role_grant).values(id=grant_id, person_id=person_id, role=role, place_id=place_id))
    return grant_id


def remove_grant(tx: Tx, person_id: int, role: str, place_id: int | None) -> bool:
    """Whether there was such a grant to remove."""
    where = (role_grant.c.person_id == person_id) & (role_grant.c.role == role)
    where &= role_grant.c.place_id.is_(None) if place_id is None else role_grant.c.place_id == place_id
    return tx.execute(delete(role_grant).where(where)).rowcount > 0


def places_below(tx: Tx, place_id: int) -> frozenset[int]:
    """The ids of all places under a place, at any depth, without itself."""
    tree = select(place.c.id).where(place.c.parent_id == place_id).cte("below", recursive=True)
    tree = tree.union(select(place.c.id).join(tree, place.c.parent_id == tree.c.id))
    return frozenset(place_id for (place_id,) in tx.execute(select(tree.c.id)))


def add_session(tx: Tx, *, digest: bytes, csrf: str, person_id: int, at: int, expires_at: int) -> int:
    session_id = tx.ids(1)[0]
    row = {"id": session_id, "digest": digest, "csrf": csrf, "person_id": person_id}
    tx.execute(insert(session).values(**row, created_at=at, seen_at=at, expires_at=expires_at))
    return session_id


def seat(tx: Tx, digest: bytes) -> Seat | None:
    """The session with this digest, if its person is active; whether it has expired is the caller's question."""
    columns = (
        session.c.id,
        session.c.csrf,
        session.c.person_id,
        person.c.login,
        person.c.name,
        session.c.created_at,
        session.c.seen_at,
        session.c.expires_at,
    )
    joined = select(*columns).join(person, person.c.id == session.c.person_id)
    row = tx.execute(joined.where(session.c.digest == digest, person.c.state == "active")).first()
    return Seat(*row) if row else None


def renew_session(tx: Tx, session_id: int, *, seen_at: int, expires_at: int) -> None:
    tx.execute(update(session).where(session.c.id == session_id).values(seen_at=seen_at, expires_at=expires_at))


def end_session(tx: Tx, digest: bytes) -> None:
    tx.execute(delete(session).where(session.c.digest == digest))


def end_sessions_of(tx: Tx, person_id: int) -> None:
    tx.execute(delete(session).where(session.c.person_id == person_id))


def end_expired_sessions(tx: Tx, at: int) -> int:
    """Forgets sessions that have run out; returns how many."""
    return tx.execute(delete(session).where(session.c.expires_at <= at)).rowcount
