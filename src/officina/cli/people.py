"""`officina user`: people who sign in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from officina.actions.people import PasswordHash

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="Lower case; letters, digits and . _ @ + -")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking.")
]


def add(
    login: Login,
    name: Annotated[str, typer.Option(help="The person's name, as it is shown.")] = "",
    role: Annotated[list[str] | None, typer.Option(help="A role to grant; may be given several times.")] = None,
    place: Annotated[str, typer.Option(metavar="CODE", help="Grant at and below this place; default: anywhere.")] = "",
    password_stdin: FromInput = False,
) -> None:
    """Add a person who may sign in, with roles."""
    from functools import partial

    from officina import clock
    from officina.actions import people, site
    from officina.cli.book import ACTOR, opened, write
    from officina.store import Tx

    def work(tx: Tx, hashed: PasswordHash) -> None:
        at = clock.now()
        place_id = site.place_id(tx, place) if place else None
        person_id = people.add_person(tx, login, name or login, hashed, actor=ACTOR, at=at)
        for one in role or []:
            people.grant(tx, person_id, one, place_id, actor=ACTOR, at=at)

    with opened() as store:
        hashed = people.hash_password(_password(password_stdin))
        write(store, partial(work, hashed=hashed))
    print(f"{login} may sign in" + (f" as {', '.join(role)}." if role else "; no role yet: --role grants one."))


def password(login: Login, password_stdin: FromInput = False) -> None:
    """Set a person's password, lift a lock and end their sessions."""
    from officina import clock
    from officina.actions import people
    from officina.cli.book import ACTOR, opened, write
    from officina.errors import NotFound
    from officina.store import Tx
    from officina.store import people as rows

    with opened() as store:
        hashed = people.hash_password(_password(password_stdin))

        def work(tx: Tx) -> None:
            person = rows.by_login(tx, login)
            if person is None:
                raise NotFound("no such person", place=login)
            people.set_password(tx, person.id, hashed, actor=ACTOR, at=clock.now())

        write(store, work)
    print(f"{login} has a new password.")


def _password(from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
