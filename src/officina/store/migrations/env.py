"""How Alembic reaches the database: the connection comes with the configuration, see `officina.store.migrate`."""

from __future__ import annotations

from alembic import context

from officina.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    compare_server_default=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
