"""The steps from each shape of the store to the next, one file each; `gateway.storage.migrate` takes them.

Rule of this package: a step that was released is never changed. It says in SQL of its own what it does to each engine
and imports nothing of this project, so that it still means the same when `gateway.storage.schema` has moved on.
Alembic reads the files by their path; what orders them is `down_revision`.
"""
