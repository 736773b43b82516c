-- Placeholder: put copies of the application's db/migrations in its place (docs/releasing.md). It makes no table.

-- migrate:up
SELECT 1;

-- migrate:down
SELECT 1;
