/** Caracal v0.3: a gateway, an adapter and three consumers, played as their images are once they are mended. */
import type { Application, Fact, Facts, Tls, Use } from "./fact.ts";

const gateway = "Dockerfile.gateway";
const adapter = "Dockerfile.mcp";
const entrypoint = "docker-entrypoint-consumer.sh";

const stores: Fact[] = [
  {
    fact: "it puts user and password into the database's URL as they are",
    source: "caracal/db/connection.py",
    check: { kind: "composes", variables: ["DB_USER", "DB_PASSWORD", "DB_HOST", "DB_PORT", "DB_NAME"] },
  },
  {
    fact: "it connects to the database",
    source: "caracal/db/connection.py",
    check: { kind: "reaches", to: "$DB_HOST:$DB_PORT" },
  },
  {
    fact: "libpq reads PGSSLMODE, and nobody DB_SSLMODE",
    source: "caracal/db/connection.py",
    check: { kind: "instead", unread: "DB_SSLMODE", read: "PGSSLMODE" },
  },
];
const database: Use = {
  kind: "postgres",
  at: {
    ...{ host: "$DB_HOST", port: "$DB_PORT", path: "$DB_NAME" },
    ...{ user: "$DB_USER", password: "$DB_PASSWORD" },
  },
};
const redis: Use = { kind: "redis", at: { host: "$REDIS_HOST", port: "$REDIS_PORT", password: "$REDIS_PASSWORD" } };
const schemas: Use = { kind: "http", at: "$SCHEMA_REGISTRY_URL/subjects" };
const events = "$KAFKA_BOOTSTRAP_SERVERS";
const numbers = (source: string, ...more: string[]): Fact => ({
  fact: "what it takes for numbers must be whole",
  source,
  check: { kind: "integers", variables: ["DB_PORT", "DB_POOL_SIZE", "DB_MAX_OVERFLOW", "DB_POOL_TIMEOUT", ...more] },
});
const broken = (source: string, why: string): Fact => ({
  fact: `the published image ends at once: ${why}`,
  source,
  check: { kind: "unusable", why },
  unlessSaid: "images? .*\\bstart",
});
/** What the tools of the package expect to write, with a home that the user does not have. */
const folders = ["$HOME", "/var/log/caracal", "/etc/caracal/config"].map((folder): Fact => ({
  fact: `it writes to ${folder}`,
  source: `${gateway}, caracal/config/settings.py`,
  check: { kind: "writes", folder },
}));
const pool = { DB_PORT: "5432", DB_POOL_SIZE: "10", DB_MAX_OVERFLOW: "5", DB_POOL_TIMEOUT: "30" };
const limits = { REQUEST_TIMEOUT: "30", MAX_REQUEST_SIZE_MB: "10", MCP_SERVER_TIMEOUT: "30" };
const files = {
  TLS_CERT_FILE: "/etc/caracal/tls/server.crt",
  TLS_KEY_FILE: "/etc/caracal/tls/server.key",
  TLS_CA_FILE: "/etc/caracal/tls/ca.crt",
};
const tls: Tls = { certificate: "$TLS_CERT_FILE", key: "$TLS_KEY_FILE", clients: "$TLS_CA_FILE" };
const certificate = "-----BEGIN CERTIFICATE-----";

const consumer = (name: string, module: string, store: Use, facts: Fact[]): Application => ({
  workloads: [`caracal-${name}`],
  defaults: { ...pool, HOME: "/home/caracal" },
  uses: [store, schemas, { kind: "kafka", at: events, topics: "$KAFKA_TOPICS", group: "$KAFKA_CONSUMER_GROUP" }],
  facts: [
    broken(entrypoint, module),
    {
      fact: `its entry point knows it as ${name}`,
      source: entrypoint,
      check: { kind: "matches", variable: "CONSUMER_TYPE", pattern: `^${name}$` },
    },
    {
      fact: "its wait for Kafka knows neither SASL nor TLS",
      source: entrypoint,
      check: { kind: "matches", variable: "KAFKA_SECURITY_PROTOCOL", pattern: "^PLAINTEXT$" },
    },
    {
      fact: "it connects to every broker",
      source: entrypoint,
      check: { kind: "reaches", to: "$KAFKA_BOOTSTRAP_SERVERS" },
    },
    ...facts,
    {
      fact: "it has no handler for SIGTERM",
      source: "caracal/kafka/consumer.py",
      check: { kind: "deaf" },
      unlessSaid: "SIGTERM|killed",
    },
  ],
});

export const caracal: Facts = {
  system: "caracal",
  code: "Garudex-Labs/caracal@b3bd79bf",
  applications: [
    {
      workloads: ["caracal-gateway"],
      uses: [database, redis, schemas, { kind: "kafka", at: events, topics: "caracal.metering.events" }],
      defaults: { ...pool, ...limits, ...files, HOME: "/", LISTEN_ADDRESS: "0.0.0.0:8443" },
      facts: [
        broken(gateway, "initialize_metrics is nothing that caracal.monitoring.metrics has"),
        numbers(gateway, "REQUEST_TIMEOUT", "MAX_REQUEST_SIZE_MB"),
        ...stores,
        {
          fact: "it listens where LISTEN_ADDRESS says, by TLS, and asks for a certificate while TLS_CA_FILE exists",
          source: `${gateway}, caracal/gateway/proxy.py`,
          check: { kind: "listens", on: ["LISTEN_ADDRESS"], tls },
        },
        {
          fact: "/health is behind that certificate, and 503 without its database",
          source: "caracal/gateway/proxy.py",
          check: { kind: "serves", path: "/health", status: 200, away: 503, type: "application/json" },
        },
        {
          fact: "/metrics is behind that certificate, on no port of its own",
          source: "caracal/gateway/proxy.py",
          check: { kind: "serves", path: "/metrics", status: 200 },
        },
        {
          fact: "every other path asks who is there",
          source: "caracal/gateway/proxy.py",
          check: { kind: "serves", path: "*", status: 401, type: "application/json" },
        },
        ...["TLS_CERT_FILE", "TLS_CA_FILE"].map((variable): Fact => ({
          fact: `it reads the certificate that ${variable} names`,
          source: gateway,
          check: { kind: "reads", path: `$${variable}`, begins: certificate },
        })),
        {
          fact: "it reads the key that TLS_KEY_FILE names",
          source: gateway,
          check: { kind: "reads", path: "$TLS_KEY_FILE", begins: "-----BEGIN " },
        },
        {
          fact: "without the key that JWT_PUBLIC_KEY_PATH names it lets no token in",
          source: gateway,
          check: { kind: "reads", path: "$JWT_PUBLIC_KEY_PATH", begins: "-----BEGIN PUBLIC KEY-----" },
        },
        {
          fact: "it forwards each call to the URL in its header, wherever that is",
          source: "caracal/gateway/proxy.py",
          check: { kind: "reaches", to: "https://api.example.com" },
        },
        ...folders,
        {
          fact: "it ends on SIGTERM once its requests are done",
          source: "caracal/gateway/proxy.py",
          check: { kind: "ends", afterMs: 1000, drains: true },
        },
      ],
    },
    {
      workloads: ["caracal-mcp-adapter"],
      uses: [database, redis, schemas, { kind: "kafka", at: events, topics: "caracal.metering.events" }],
      defaults: { ...pool, ...limits, HOME: "/", LISTEN_ADDRESS: "0.0.0.0:8080" },
      facts: [
        broken(adapter, "initialize_metrics is nothing that caracal.monitoring.metrics has"),
        numbers(adapter, "REQUEST_TIMEOUT", "MAX_REQUEST_SIZE_MB", "MCP_SERVER_TIMEOUT"),
        ...stores,
        {
          fact: "it listens where LISTEN_ADDRESS says, which is the gateway's too unless it has its own",
          source: adapter,
          check: { kind: "listens", on: ["LISTEN_ADDRESS"] },
        },
        {
          fact: "/health is 503 while the database or any one MCP server is away",
          source: "caracal/mcp/service.py",
          check: { kind: "serves", path: "/health", status: 200, away: 503, type: "application/json" },
        },
        {
          fact: "it has no /metrics",
          source: "caracal/mcp/service.py",
          check: { kind: "serves", path: "/metrics", status: 404 },
        },
        {
          fact: "its servers are in MCP_SERVERS; CARACAL_MCP_SERVERS is another program's",
          source: `${adapter}, caracal/mcp/service.py`,
          check: { kind: "instead", unread: "CARACAL_MCP_SERVERS", read: "MCP_SERVERS" },
        },
        {
          fact: "it connects to each of its servers",
          source: "caracal/mcp/service.py",
          check: { kind: "reaches", to: "$MCP_SERVERS" },
        },
        ...folders,
      ],
    },
    consumer("ledger-writer", "caracal.kafka.ledger_writer starts nothing when it is run", database, [
      ...stores,
      {
        fact: "it reads the key that MERKLE_SIGNING_KEY_PATH names",
        source: "caracal/merkle/signer.py",
        check: { kind: "reads", path: "$MERKLE_SIGNING_KEY_PATH", begins: "-----BEGIN " },
      },
    ]),
    consumer("metrics-aggregator", "caracal.kafka.metrics_aggregator starts nothing when it is run", redis, [
      {
        fact: "it connects to Redis",
        source: "caracal/redis/client.py",
        check: { kind: "reaches", to: "$REDIS_HOST:$REDIS_PORT" },
      },
      {
        fact: "its entry point is to start the package's metrics server on METRICS_PORT",
        source: "caracal/monitoring/http_server.py, k8s/v03/metrics-aggregator-deployment.yaml",
        check: { kind: "listens", on: ["METRICS_PORT"] },
      },
      {
        fact: "its metrics are at /metrics",
        source: "caracal/monitoring/http_server.py",
        check: { kind: "serves", path: "/metrics", status: 200 },
      },
    ]),
    consumer("audit-logger", "there is no module caracal.kafka.audit_logger", database, stores),
    {
      workloads: ["caracal-db-migrate"],
      task: true,
      uses: [database],
      defaults: { ...pool, HOME: "/" },
      facts: [
        {
          fact: "its tool has no `db init`, reads none of DB_*, and looks for an alembic.ini that no image has",
          source: "caracal/cli/db.py",
          check: {
            kind: "command",
            forbids: "(^| )caracal db( |$)|init-db",
            why: "no such command, or no alembic.ini",
          },
        },
        {
          fact: "its migrations are Alembic's, in caracal:db/migrations, and take CARACAL_DATABASE_URL",
          source: "caracal/db/migrations/env.py",
          check: { kind: "command", needs: "caracal:db/migrations|alembic", why: "nothing here runs Alembic" },
        },
        ...stores,
      ],
    },
  ],
};
