-- Replace this folder's files by copies of the application's db/migrations; this one only marks the start.

-- migrate:up
SELECT 1;

-- migrate:down
SELECT 1;
