-- What a database holds, one line a thing: each table with its rows and a sum over their contents, each sequence, and all large
-- objects. Two databases with the same lines hold the same data, whatever their versions: a row counts as its text.
SET default_transaction_read_only = on;
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET extra_float_digits = 1;
SET bytea_output = 'hex';
SET xmlbinary = 'base64';
SET search_path = pg_catalog;
SET statement_timeout = 0;

-- Tables of extensions are the extensions' own.
SELECT format('table %I.%I', n.nspname, c.relname),
  (xpath('/row/rows/text()', counted))[1]::text || ' rows',
  (xpath('/row/content/text()', counted))[1]::text
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL query_to_xml(format(
  'SELECT count(*) AS rows, coalesce(sum((''x'' || substr(md5("the whole row"::text), 1, 15))::bit(60)::bigint), 0) AS content '
  'FROM ONLY %I.%I AS "the whole row"', n.nspname, c.relname), false, true, '') AS counted
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";

SELECT format('sequence %I.%I', schemaname, sequencename), coalesce(last_value::text, 'not used')
FROM pg_sequences
ORDER BY schemaname COLLATE "C", sequencename COLLATE "C";

SELECT 'large objects', count(*), coalesce(sum(('x' || substr(md5(lo_get(oid)), 1, 15))::bit(60)::bigint), 0)
FROM pg_largeobject_metadata;
