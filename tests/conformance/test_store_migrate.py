"""Migrations and the schema say the same; a database of another version is refused in plain words."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sqlalchemy import text

from officina.errors import OfficinaError
from officina.order.order import facts_of
from officina.store import Store, current, deliveries, messages, migrate, open_store, orders
from officina.store.migrate import alembic_config, check, known_revisions
from officina.store.opening import connect, database_kind
from officina.store.schema import REVISION

_CATALOGUE = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name",
    "postgresql": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               pg_get_expr(d.adbin, d.adrelid), i.indexdef
          FROM pg_class c
          LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
          LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
          LEFT JOIN pg_indexes i ON i.indexname = c.relname
         WHERE c.relnamespace = 'public'::regnamespace
         ORDER BY 1, 2
    """,
}


def _catalogue(url: str) -> list[object]:
    link = connect(url)
    try:
        rows = link.rows(_CATALOGUE[link.dialect.name], {})
        return [[_pieces(value) if isinstance(value, str) else value for value in row] for row in rows]
    finally:
        link.close()


def _pieces(definition: str) -> list[str]:
    """A definition in whichever order it gives its columns and constraints."""
    return sorted(
        piece.strip(" )") for piece in " ".join(definition.replace('"', "").replace("('')", "''").split()).split(",")
    )


def test_migrated_from_nothing_equals_the_schema(empty_database_url: str) -> None:
    from alembic import command

    with alembic_config(empty_database_url) as config:
        command.upgrade(config, "head")
    assert current(empty_database_url) == REVISION
    assert check(empty_database_url) == []
    with open_store(empty_database_url) as store, store.write() as tx:
        assert tx.id() == 1


def test_created_at_once_equals_the_sum_of_migrations(empty_database_url: str, request: pytest.FixtureRequest) -> None:
    from alembic import command

    database_url: str = request.getfixturevalue(f"{database_kind(empty_database_url)}_url")
    with alembic_config(empty_database_url) as config:
        command.upgrade(config, "head")
    assert _catalogue(empty_database_url) == _catalogue(database_url)
    assert check(database_url) == []


def test_a_book_of_the_first_schema_is_packed_and_stays_readable(empty_database_url: str) -> None:
    from alembic import command

    raw = b"MSH|^~\\&|A|B\x00\xff|" + b"plain text of a message " * 40
    with alembic_config(empty_database_url) as config:
        command.upgrade(config, "0001")
        book = config.attributes["connection"]
        for number in (1, 2):
            book.execute(
                text("INSERT INTO message_body (message_id, raw, answer) VALUES (:id, :raw, :answer)"),
                {"id": number, "raw": raw * number, "answer": b"MSA|AA"},
            )
            book.execute(
                text(
                    "INSERT INTO order_version (id, order_id, number, message_id, at, facts)"
                    " VALUES (:id, 7, :id, 1, 1, :facts)"
                ),
                {"id": number, "facts": f'{{"drug_text":"Müller {number}"}}'},
            )
    assert migrate(empty_database_url) == REVISION
    with open_store(empty_database_url) as store, store.read() as tx:
        bodies = [messages.body(tx, number) for number in (1, 2)]
        facts = [facts_of(each.facts) for each in orders.versions(tx, 7)]
    assert [body and body.raw for body in bodies] == [raw, raw * 2]
    assert facts == [{"drug_text": "Müller 1"}, {"drug_text": "Müller 2"}]


def test_commits_that_stood_as_answers_are_kept_apart(empty_database_url: str) -> None:
    from alembic import command

    tried = "INSERT INTO attempt VALUES (:id, 1, :id, 1, 1, 1, 'accepted', :code, :accept_code, '', :answer)"
    with alembic_config(empty_database_url) as config:
        command.upgrade(config, "0006")
        for number, code, accept_code in ((1, "CA", ""), (2, "AA", "CA"), (3, "AR", "")):
            values = {"id": number, "code": code, "accept_code": accept_code, "answer": code.encode()}
            config.attributes["connection"].execute(text(tried), values)
    assert migrate(empty_database_url) == REVISION
    with open_store(empty_database_url) as store, store.read() as tx:
        found = deliveries.attempts(tx, 1)
    assert [(each.code, each.accept_code, each.answer, each.accept_answer) for each in reversed(found)] == [
        ("", "CA", b"", b"CA"),
        ("AA", "CA", b"AA", None),
        ("AR", "", b"AR", None),
    ]


def test_the_schema_names_the_head_of_the_migrations(sqlite_url: str) -> None:
    from alembic.script import ScriptDirectory

    with alembic_config(sqlite_url) as config:
        script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [REVISION]
    assert known_revisions() == {revision.revision for revision in script.walk_revisions()}


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    before = _catalogue(database_url)
    assert migrate(database_url) == REVISION
    assert _catalogue(database_url) == before


def test_a_database_without_a_schema_is_refused(empty_database_url: str) -> None:
    assert current(empty_database_url) == ""
    with pytest.raises(OfficinaError, match="has no schema yet") as refusal:
        open_store(empty_database_url)
    assert refusal.value.code == "schema_mismatch"
    assert refusal.value.remedy == "run: officina migrate"


def test_a_database_of_a_newer_version_is_refused(store: Store) -> None:
    with store.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for attempt in (open_store, migrate):
        with pytest.raises(OfficinaError, match="newer version of Officina \\(9999\\)") as refusal:
            attempt(store.url)
        assert refusal.value.code == "schema_mismatch"


@pytest.mark.parametrize("url", ["mysql://root@localhost/x", "officina.db", "sqlite://", ""])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(OfficinaError) as refusal:
        open_store(url)
    assert (refusal.value.code, refusal.value.place) == ("database_address", "database_url")


def test_a_folder_that_does_not_exist_is_named() -> None:
    with pytest.raises(OfficinaError, match=r"/no/such/folder/officina\.db cannot be opened") as refusal:
        open_store("sqlite:////no/such/folder/officina.db")
    assert refusal.value.code == "database_unreachable"


def test_starting_does_not_load_alembic(sqlite_url: str) -> None:
    program = (
        "import sys; from officina.store import migrate, open_store;"
        f"migrate({sqlite_url!r}); open_store({sqlite_url!r}).close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
