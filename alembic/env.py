"""Alembic's side of a migration; wastetrack.db.migrating opens the connection, locks and sets the time limits."""

from alembic import context
from sqlmodel import SQLModel

connection = context.config.attributes["connection"]
# The drift check and `db revision` fill the metadata by importing every room's tables; an upgrade needs none.
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    transaction_per_migration=True,
    compare_type=True,
    compare_server_default=True,
    include_object=context.config.attributes.get("include_object"),
)
with context.begin_transaction():
    context.run_migrations()
