/** Hermes' cache of IPFS documents, as its first image has it: a stream without any port of its own. */
import type { Facts } from "./fact.ts";

export const hermes: Facts = {
  system: "hermes",
  code: "geobrowser/gaia@d53b7764",
  applications: [
    {
      workloads: ["hermes-ipfs-cache"],
      uses: [{ kind: "postgres", at: "$DATABASE_URL" }],
      defaults: { HOME: "/", START_BLOCK: "0", END_BLOCK: "0" },
      facts: [
        {
          fact: "it panics without a gateway, an endpoint and a database",
          source: "hermes-ipfs-cache/src/main.rs",
          check: { kind: "requires", variables: ["IPFS_GATEWAY", "SUBSTREAMS_ENDPOINT", "DATABASE_URL"] },
        },
        {
          fact: "its driver takes postgresql and postgres, and nothing else",
          source: "hermes-ipfs-cache/src/cache.rs",
          check: { kind: "url", variable: "DATABASE_URL", schemes: ["postgresql", "postgres"] },
        },
        {
          fact: "its driver is built without TLS, and ends where the database's URL asks for it",
          source: "hermes-ipfs-cache/Cargo.toml",
          check: { kind: "noTls", variable: "DATABASE_URL" },
        },
        {
          fact: "it puts the hash of a document right after the gateway, so that must end with a slash",
          source: "ipfs/src/lib.rs",
          check: { kind: "matches", variable: "IPFS_GATEWAY", pattern: "^https?://.*/$" },
        },
        {
          fact: "a block that is no number is taken for nought, so it must be one",
          source: "hermes-ipfs-cache/src/main.rs",
          check: { kind: "integers", variables: ["START_BLOCK", "END_BLOCK"] },
        },
        {
          fact: "the endpoint is http or https, and panics as anything else",
          source: "stream/src/substreams.rs",
          check: { kind: "url", variable: "SUBSTREAMS_ENDPOINT", schemes: ["https", "http"] },
        },
        {
          fact: "it opens hermes-substream.spkg in its working folder, which the image does not have",
          source: "hermes-relay/src/config.rs",
          check: { kind: "reads", path: "/hermes-substream.spkg" },
          unlessSaid: "spkg",
        },
        {
          fact: "it connects to its database before anything else",
          source: "hermes-ipfs-cache/src/cache.rs",
          check: { kind: "reaches", to: "$DATABASE_URL" },
        },
        {
          fact: "it streams from the endpoint and fetches from the gateway",
          source: "hermes-relay/src/sink.rs",
          check: { kind: "reaches", to: "$SUBSTREAMS_ENDPOINT,$IPFS_GATEWAY" },
        },
        {
          fact: "it has no handler for SIGTERM",
          source: "hermes-ipfs-cache/src/main.rs",
          check: { kind: "deaf" },
        },
        {
          fact: "two would write to the one row of its cursor",
          source: "hermes-ipfs-cache/src/cache.rs",
          check: { kind: "single" },
        },
      ],
    },
  ],
};
