"""Alembic's side of a migration; wastetrack.db.migrating opens the connection, locks and sets the time limits."""

from alembic import context

given = context.config.attributes
context.configure(
    connection=given["connection"],
    # Only given when a revision is written. An upgrade must not depend on today's models, not even on their naming
    # convention: migrations write the names of constraints in full.
    target_metadata=given.get("target_metadata"),
    render_item=given.get("render_item"),
    include_object=given.get("include_object"),
    transaction_per_migration=True,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
