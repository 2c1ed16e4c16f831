"""Alembic's entry: runs the scripts on the connection that ``storage.versions`` hands over."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True, render_as_batch=True)
# No begin_transaction() here: the caller's write() holds the transaction, so that a failing script
# leaves nothing behind.
context.run_migrations()
