"""Where Alembic begins: on the connection it is handed, inside the transaction that is already open.

Rule of this file: no engine, no address, no option; `gateway.storage.migrate` has chosen them.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
