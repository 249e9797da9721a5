"""The tables' history, as Alembic runs it when a store is opened."""
