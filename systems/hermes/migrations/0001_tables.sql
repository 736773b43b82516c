-- The tables of hermes-ipfs-cache. Later versions of the service use other columns: put its own files in their place.
CREATE TABLE IF NOT EXISTS ipfs_cache (
  uri text PRIMARY KEY,
  json jsonb,
  block text NOT NULL,
  space_id text NOT NULL,
  is_errored boolean NOT NULL DEFAULT false
);

CREATE TABLE IF NOT EXISTS meta (
  id text PRIMARY KEY,
  cursor text NOT NULL,
  block_number text NOT NULL
);
