-- What each role may do in the store's database. Run it as the owner of the tables after every `gateway store migrate`:
--
--     psql "$LIENTHONG_STORE_OWNER" --set ON_ERROR_STOP=1 --file deploy/postgresql-roles.sql
--
-- It makes no role: docs/stores.md does, with passwords. Safe to repeat.
--
-- The log's tables are only added to. Nobody but the owner may change, remove or empty anything in them, and no gateway
-- logs in as the owner. The lock and the flush the store uses need no right of their own. Partitions of `entry` need
-- none either: they are reached through it.

BEGIN;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO lienthong_gateway, lienthong_console;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, lienthong_gateway, lienthong_console;

GRANT SELECT, INSERT
  ON entry, tile, checkpoint, key_epoch, cosignature, timestamp_token
  TO lienthong_gateway;
GRANT SELECT, INSERT, DELETE ON claim TO lienthong_gateway;
GRANT SELECT, INSERT, UPDATE, DELETE ON job TO lienthong_gateway;
GRANT SELECT, INSERT, DELETE ON vault, vault_subject TO lienthong_gateway;

GRANT SELECT ON entry, tile, checkpoint, key_epoch, cosignature, timestamp_token TO lienthong_console;

GRANT SELECT ON alembic_version TO lienthong_gateway, lienthong_console;

COMMIT;
