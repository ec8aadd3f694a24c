"""The history of the schema, for Alembic. `schema` is its present."""
