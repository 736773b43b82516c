/** GX Protocol: an API, an outbox and a projector, of the first revision whose images can be built. */
import type { Fact, Facts, Use } from "./fact.ts";

const quietWeek = 7 * 24 * 3600 * 1000;
const database: Fact[] = [
  {
    fact: "Prisma takes postgresql and postgres, and nothing else",
    source: "db/prisma/schema.prisma",
    check: { kind: "url", variable: "DATABASE_URL", schemes: ["postgresql", "postgres"] },
  },
  {
    fact: "Prisma opens two connections for each CPU of the node and one more, unless its URL has a limit",
    source: "packages/core-db/src/index.ts",
    check: { kind: "matches", variable: "DATABASE_URL", pattern: "[?&]connection_limit=\\d+(&|$)" },
  },
  {
    fact: "it connects to its database",
    source: "packages/core-db/src/index.ts",
    check: { kind: "reaches", to: "$DATABASE_URL" },
  },
];
const tables: Use = { kind: "postgres", at: "$DATABASE_URL" };
const fabric: Fact[] = [
  {
    fact: "its Fabric client throws without a peer, an MSP and the paths of certificate and key",
    source: "packages/core-fabric/src/factory.ts",
    check: {
      kind: "requires",
      variables: ["FABRIC_PEER_ENDPOINT", "FABRIC_MSP_ID", "FABRIC_CERT_PATH", "FABRIC_KEY_PATH"],
    },
  },
  ...["FABRIC_PEER_TLS_CA_CERT_PATH", "FABRIC_CERT_PATH", "FABRIC_KEY_PATH"].map((variable): Fact => ({
    fact: `its Fabric client reads the file that ${variable} names`,
    source: "packages/core-fabric/src/factory.ts",
    check: { kind: "reads", path: `$${variable}` },
  })),
  {
    fact: "it streams from the Fabric peer",
    source: "packages/core-fabric/src/fabric-client.ts",
    check: { kind: "reaches", to: "$FABRIC_PEER_ENDPOINT" },
  },
];
const metrics = (source: string): Fact => ({
  fact: "its metrics are at /metrics of METRICS_PORT",
  source,
  check: { kind: "serves", path: "/metrics", status: 200 },
});
const listens = (source: string): Fact => ({
  fact: "it listens on METRICS_PORT",
  source,
  check: { kind: "listens", on: ["METRICS_PORT"] },
});
const ends = (source: string): Fact => ({
  fact: "it ends some 1.3 s after SIGTERM",
  source,
  check: { kind: "ends", afterMs: 1300, drains: true },
});

/** Images of the repository, none of which is made to migrate. */
const published = "/(svc-[a-z]+|outbox-submitter|projector)[:@]";
const identity = "apps/svc-identity/src/config.ts";
const health = "apps/svc-identity/src/controllers/health.controller.ts";
const submitter = "workers/outbox-submitter/src/index.ts";
const projector = "workers/projector/src/index.ts";

export const gx: Facts = {
  system: "gx",
  code: "goodness-exchange/gx-protocol-backend@c5743f6f",
  applications: [
    {
      workloads: ["svc-identity"],
      uses: [tables, { kind: "redis", at: "$REDIS_URL" }],
      defaults: {
        ...{ HOME: "/home/node", NODE_ENV: "production", LOG_LEVEL: "info", PROJECTION_LAG_THRESHOLD_MS: "5000" },
      },
      facts: [
        {
          fact: "its settings refuse a DATABASE_URL that does not begin with postgresql://",
          source: identity,
          check: { kind: "matches", variable: "DATABASE_URL", pattern: "^postgresql://" },
        },
        {
          fact: "its settings refuse a REDIS_URL that does not begin with redis://",
          source: identity,
          check: { kind: "matches", variable: "REDIS_URL", pattern: "^redis://" },
        },
        {
          fact: "its settings refuse a JWT_SECRET of fewer than 32 characters",
          source: "packages/core-config/src/index.ts",
          check: { kind: "matches", variable: "JWT_SECRET", pattern: "^.{32}" },
        },
        {
          fact: "its settings know three values of NODE_ENV",
          source: "packages/core-config/src/index.ts",
          check: { kind: "matches", variable: "NODE_ENV", pattern: "^(development|production|test)$" },
        },
        {
          fact: "its settings know five values of LOG_LEVEL",
          source: "packages/core-config/src/index.ts",
          check: { kind: "matches", variable: "LOG_LEVEL", pattern: "^(trace|debug|info|warn|error)$" },
        },
        {
          fact: "it listens on IDENTITY_SERVICE_PORT, else PORT, else 3001",
          source: identity,
          check: { kind: "listens", on: ["IDENTITY_SERVICE_PORT", "PORT", "3001"] },
        },
        { fact: "/health answers", source: health, check: { kind: "serves", path: "/health", status: 200 } },
        { fact: "/livez answers", source: health, check: { kind: "serves", path: "/livez", status: 200 } },
        {
          fact: "/readyz is 503 without its database, and when the projector's last row is older than a threshold",
          source: health,
          check: {
            ...{ kind: "serves", path: "/readyz", status: 200, away: 503 },
            quiet: { variable: "PROJECTION_LAG_THRESHOLD_MS", ms: quietWeek, status: 503 },
          },
        },
        metrics("packages/core-http/src/middlewares/metrics.ts"),
        ...database,
        {
          fact: "it connects to Redis",
          source: identity,
          check: { kind: "reaches", to: "$REDIS_URL" },
        },
        {
          fact: "on SIGTERM it ends without waiting for the requests that it has",
          source: "apps/svc-identity/src/index.ts",
          check: { kind: "ends", afterMs: 1300, drains: false },
        },
      ],
    },
    {
      workloads: ["outbox-submitter"],
      uses: [tables],
      defaults: {
        ...{ HOME: "/home/node", METRICS_PORT: "9090", LOCK_TIMEOUT: "30000" },
        ...{ MAX_RETRIES: "5", POLL_INTERVAL: "100", BATCH_SIZE: "10" },
      },
      facts: [
        {
          fact: "its numbers are whole",
          source: submitter,
          check: { kind: "integers", variables: ["POLL_INTERVAL", "BATCH_SIZE", "MAX_RETRIES", "LOCK_TIMEOUT"] },
        },
        {
          fact: "a batch of ten can take 300 s, after which its lock may be anyone's",
          source: submitter,
          check: { kind: "atLeast", variables: ["LOCK_TIMEOUT"], number: 300_000 },
        },
        {
          fact: "a command that fails is tried again at the next poll, and given up after MAX_RETRIES of them",
          source: submitter,
          check: { kind: "atLeast", variables: ["MAX_RETRIES", "POLL_INTERVAL"], number: 60_000 },
        },
        {
          fact: "two of them take the same command, since what they read they have not locked",
          source: submitter,
          check: { kind: "single" },
        },
        listens(submitter),
        {
          fact: "/health asks the database, and without one the rejection that nobody handles ends the process",
          source: submitter,
          check: { kind: "serves", path: "/health", status: 200, away: "ends", type: "application/json" },
        },
        metrics(submitter),
        ...fabric,
        ...database,
        ends(submitter),
      ],
    },
    {
      workloads: ["projector"],
      uses: [tables],
      defaults: { HOME: "/home/node", METRICS_PORT: "9091", START_BLOCK: "0", CHECKPOINT_INTERVAL: "10" },
      facts: [
        {
          fact: "its numbers are whole, and START_BLOCK throws when it is not",
          source: projector,
          check: { kind: "integers", variables: ["START_BLOCK", "CHECKPOINT_INTERVAL"] },
        },
        listens(projector),
        {
          fact: "/health answers, whatever its stream does",
          source: projector,
          check: { kind: "serves", path: "/health", status: 200, type: "application/json" },
        },
        metrics(projector),
        { fact: "two would apply each event twice", source: projector, check: { kind: "single" } },
        ...fabric,
        ...database,
        ends(projector),
      ],
    },
    {
      workloads: ["gx-migrate"],
      task: true,
      uses: [tables],
      defaults: { HOME: "/home/node" },
      facts: [
        {
          images: published,
          fact: "no production image has Prisma's command line, so npx would download it",
          source: "apps/svc-identity/Dockerfile",
          check: {
            kind: "command",
            forbids: "\\bnpx\\b",
            why: "npx: prisma is not installed, and nothing can be fetched",
          },
        },
        {
          images: published,
          fact: "the schema is in db/prisma, where the command line does not look by itself",
          source: "apps/svc-identity/Dockerfile",
          check: {
            kind: "command",
            needs: "db/prisma|--schema",
            why: "no schema.prisma at ./schema.prisma or ./prisma",
          },
        },
        ...database.filter(({ check }) => check.kind !== "matches"),
      ],
    },
  ],
};
