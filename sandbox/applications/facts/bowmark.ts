/** Bow-Mark, of the revision whose manifests its document describes: one image for servers, workers and consumers, one for clients. */
import type { Fact, Facts, Use } from "./fact.ts";

const outsideMongo = "mongodb.example.com:27017";
/** Two sites, each with its own of everything. */
const both = (kind: string) => [`${kind}-deployment`, `${kind}-concrete-deployment`];

const data: Fact[] = [
  {
    fact: "MongoDB's driver takes two schemes",
    source: "server/src/server.ts",
    check: { kind: "url", variable: "MONGO_URI", schemes: ["mongodb", "mongodb+srv"] },
  },
  { fact: "it connects to MongoDB", source: "server/src/server.ts", check: { kind: "reaches", to: outsideMongo } },
  {
    fact: "its PostgreSQL pool falls back to development's values for what is not set",
    source: "server/src/db/index.ts",
    check: {
      kind: "requires",
      variables: ["POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"],
    },
  },
  {
    fact: "it connects to PostgreSQL",
    source: "server/src/db/index.ts",
    check: { kind: "reaches", to: "$POSTGRES_HOST:$POSTGRES_PORT" },
  },
  {
    fact: "NODE_ENV must be production, else it reads a development file",
    source: "server/src/server.ts",
    check: { kind: "matches", variable: "NODE_ENV", pattern: "^production$" },
  },
];
const broker: Fact[] = [
  {
    fact: "its broker's address falls back to development's values for what is not set",
    source: "server/src/rabbitmq/config.ts",
    check: {
      kind: "requires",
      variables: ["RABBITMQ_HOST", "RABBITMQ_PORT", "RABBITMQ_USER", "RABBITMQ_PASSWORD", "RABBITMQ_VHOST"],
    },
  },
  {
    fact: "it puts the broker's user and password into a URL as they are",
    source: "server/src/rabbitmq/index.ts",
    check: { kind: "composes", variables: ["RABBITMQ_USER", "RABBITMQ_PASSWORD", "RABBITMQ_HOST"] },
  },
  {
    fact: "it connects to the broker",
    source: "server/src/rabbitmq/index.ts",
    check: { kind: "reaches", to: "$RABBITMQ_HOST:$RABBITMQ_PORT" },
  },
];
const sender: Fact[] = [
  ...data,
  ...broker,
  {
    fact: "it signs nothing, and verifies nothing, without JWT_SECRET",
    source: "server/src/utils/createJWT.ts",
    check: { kind: "requires", variables: ["JWT_SECRET"] },
  },
  {
    fact: "links in its mail are an error unless APP_NAME is Paving or Concrete",
    source: "server/src/utils/getClientUrl.ts",
    check: { kind: "matches", variable: "APP_NAME", pattern: "^(Paving|Concrete)$" },
  },
  {
    fact: "its mail transport speaks TLS from the first byte, which ports 25 and 587 do not",
    source: "server/src/utils/email/transport.ts",
    check: { kind: "forbids", variable: "EMAIL_PORT", pattern: "^(25|587)$" },
  },
  {
    fact: "it connects to the mail server",
    source: "server/src/utils/email/transport.ts",
    check: { kind: "reaches", to: "$EMAIL_HOST:$EMAIL_PORT" },
  },
  {
    fact: "its search client refuses a host that is no URL, when it is imported",
    source: "server/src/search/client.ts",
    check: { kind: "url", variable: "SEARCH_HOST", schemes: ["http", "https"] },
  },
  {
    fact: "it hangs for ever, alive, when the search server is not there at its start",
    source: "server/src/search/client.ts",
    check: { kind: "reaches", to: "$SEARCH_HOST" },
  },
  {
    fact: "its search indices carry the name of a group",
    source: "server/src/constants/SearchIndices.ts",
    check: { kind: "requires", variables: ["SEARCH_GROUP"] },
  },
  {
    fact: "it throws at the first file without a bucket's name, region, key and secret",
    source: "server/src/utils/fileStorage/index.ts",
    check: { kind: "requires", variables: ["SPACES_NAME", "SPACES_REGION", "SPACES_KEY", "SPACES_SECRET"] },
  },
  {
    fact: "it reaches the region's object storage",
    source: "server/src/utils/fileStorage/client.ts",
    check: { kind: "reaches", to: "$SPACES_REGION.digitaloceanspaces.com:443" },
  },
];

const database: Use = {
  kind: "postgres",
  at: {
    ...{ host: "$POSTGRES_HOST", port: "$POSTGRES_PORT", path: "$POSTGRES_DB" },
    ...{ user: "$POSTGRES_USER", password: "$POSTGRES_PASSWORD" },
  },
};
const queue = {
  kind: "amqp",
  at: {
    ...{ host: "$RABBITMQ_HOST", port: "$RABBITMQ_PORT", path: "$RABBITMQ_VHOST" },
    ...{ user: "$RABBITMQ_USER", password: "$RABBITMQ_PASSWORD" },
  },
} as const satisfies Use;

export const bowmark: Facts = {
  system: "bow-mark",
  code: "devinMcArthur/bow-mark@e1814555",
  applications: [
    {
      workloads: both("server"),
      defaults: { HOME: "/home/node" },
      uses: [database, queue],
      facts: [
        ...sender,
        {
          fact: "without APP_TYPE api it would be a worker as well",
          source: "server/src/server.ts",
          check: { kind: "matches", variable: "APP_TYPE", pattern: "^api$" },
        },
        {
          fact: "it listens on PORT, else 8080",
          source: "server/src/server.ts",
          check: { kind: "listens", on: ["PORT", "8080"] },
        },
        {
          fact: "uploads lie in /tmp until they are stored",
          source: "server/src/app.ts",
          check: { kind: "writes", folder: "/tmp" },
        },
        {
          fact: "it is gone 0.1 s after SIGTERM, with the requests that it has",
          source: "server/src/server.ts",
          check: { kind: "ends", afterMs: 100, drains: false },
        },
      ],
    },
    {
      workloads: both("worker"),
      defaults: { HOME: "/home/node" },
      uses: [database, queue],
      facts: [
        ...sender,
        {
          fact: "without APP_TYPE worker it would be a server as well",
          source: "server/src/server.ts",
          check: { kind: "matches", variable: "APP_TYPE", pattern: "^worker$" },
        },
        { fact: "two do every report twice", source: "server/src/workers/index.ts", check: { kind: "single" } },
      ],
    },
    {
      workloads: both("consumer"),
      defaults: { HOME: "/home/node" },
      uses: [database, { ...queue, holds: true }],
      facts: [
        ...data,
        ...broker,
        {
          fact: "it never connects again when the broker was restarted, and stays alive",
          source: "server/src/consumer/index.ts",
          check: { kind: "holds", port: "RABBITMQ_PORT", restartSeconds: 60 },
        },
        {
          fact: "it closes its connections on SIGTERM",
          source: "server/src/consumer/index.ts",
          check: { kind: "ends", afterMs: 1000, drains: true },
        },
        { fact: "two write events out of order", source: "server/src/consumer/index.ts", check: { kind: "single" } },
      ],
    },
    {
      workloads: ["backfill-paving", "backfill-concrete"],
      task: true,
      defaults: { HOME: "/home/node" },
      uses: [database],
      facts: data,
    },
    {
      workloads: both("client"),
      defaults: { HOME: "/home/node", NODE_ENV: "production", PORT: "3000" },
      uses: [{ kind: "http", at: "$SSR_API_URL" }],
      facts: [
        {
          fact: "19 pages are rendered with what SSR_API_URL answers, and the built-in one is the public host",
          source: "client/src/withApollo.tsx",
          check: { kind: "url", variable: "SSR_API_URL", schemes: ["http", "https"] },
        },
        {
          fact: "SSR_API_URL is the path of GraphQL",
          source: "client/.env.development",
          check: { kind: "matches", variable: "SSR_API_URL", pattern: "/graphql$" },
        },
        {
          fact: "it reaches the server that SSR_API_URL names",
          source: "client/src/withApollo.tsx",
          check: { kind: "reaches", to: "$SSR_API_URL" },
        },
        {
          fact: "it listens on PORT, which the image sets to 3000",
          source: "client/Dockerfile",
          check: { kind: "listens", on: ["PORT"] },
        },
        {
          fact: "it is gone 0.1 s after SIGTERM, with the requests that it has",
          source: "client/Dockerfile",
          check: { kind: "ends", afterMs: 100, drains: false },
        },
      ],
    },
  ],
};
