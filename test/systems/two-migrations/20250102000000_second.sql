-- migrate:up
CREATE TABLE second (id bigint PRIMARY KEY);

-- migrate:down
DROP TABLE second;
