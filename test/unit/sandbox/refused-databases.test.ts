/** What the simulated DigitalOcean refuses of managed databases, with where that is public. */
import { describe, expect, it } from "vitest";
import { apiReference, databaseBody, refusals, Tenant } from "../../support/digitalocean/refusals.ts";

refusals({
  "a database cluster": {
    path: () => "/v2/databases",
    right: { ...databaseBody, name: "other" },
    wrong: [
      [
        "with a name that is taken, in another region too",
        apiReference,
        { name: "data", region: "fra1" },
        /^422 cluster name is not available/,
      ],
      ["with an underscore in its name", "api-v2#194", { name: "my_db" }, /^422 invalid cluster name/],
      [
        "of a version that is not made any more",
        "terraform-provider-digitalocean#1128",
        { version: "11" },
        /^422 invalid cluster engine version/,
      ],
      ["of a size that is not there", apiReference, { size: "db-s-9vcpu-1gb" }, /^422 invalid size/],
      ["of the smallest size with a standby", "do-operator#3", { size: "db-s-1vcpu-1gb" }, /^422 invalid node count/],
      ["of four nodes", "documentation, PostgreSQL Limits", { num_nodes: 4 }, /^422 invalid node count/],
      ["in a region without databases", apiReference, { region: "xxx9" }, /^422 invalid cluster region/],
      ["of an engine that is not there", apiReference, { engine: "db2" }, /engine/],
      ["of PostgreSQL 18 is right", "documentation, PostgreSQL Limits", { version: "18" }, /^201$/],
    ],
  },
  "a resize": {
    method: "PUT",
    path: ({ database }) => `/v2/databases/${database}/resize`,
    right: { size: "db-s-2vcpu-4gb", num_nodes: 2 },
    wrong: [
      ["to a smaller size", "doctl#1076", { size: "db-s-1vcpu-1gb", num_nodes: 1 }, /^422 .* cannot become smaller/],
      [
        "to less storage",
        "documentation, PostgreSQL Limits",
        { storage_size_mib: 5120 },
        /^422 storage size cannot be decreased/,
      ],
      ["to four nodes", apiReference, { num_nodes: 4 }, /^422 invalid node count/],
    ],
  },
  "an upgrade of a database": {
    method: "PUT",
    path: ({ database }) => `/v2/databases/${database}/upgrade`,
    right: { version: "17" },
    wrong: [["to an older version", apiReference, { version: "15" }, /^422 invalid cluster engine version/]],
  },
  "a connection pool": {
    path: ({ database }) => `/v2/databases/${database}/pools`,
    right: { name: "web", mode: "transaction", size: 47, db: "app", user: "doadmin" },
    wrong: [
      [
        "of more connections than the plan has",
        "documentation, PostgreSQL Limits",
        { size: 48 },
        /^422 pool size must be between 1 and 47/,
      ],
      ["with a short name", apiReference, { name: "ab" }, /between 3 and 60/],
      ["to a database that is not there", apiReference, { db: "nope" }, /database nope does not exist/],
      ["of a user who is not there", apiReference, { user: "nobody" }, /user nobody does not exist/],
      ["of a mode that is not there", "terraform-provider-digitalocean", { mode: "pool" }, /mode/],
    ],
  },
  "a firewall": {
    method: "PUT",
    path: ({ database }) => `/v2/databases/${database}/firewall`,
    right: { rules: [{ type: "ip_addr", value: "192.0.2.0/24" }] },
    wrong: [
      [
        "of 101 rules",
        apiReference,
        { rules: Array.from({ length: 101 }, (_, i) => ({ type: "ip_addr", value: `192.0.2.${i}` })) },
        /at most 100 rules/,
      ],
      ["with an IPv6 address", apiReference, { rules: [{ type: "ip_addr", value: "2001:db8::1" }] }, /is not an IPv4/],
    ],
  },
});

describe("a team", () => {
  it("has ten database clusters and no more, until it asks (documentation, PostgreSQL Limits)", () => {
    const tenant = new Tenant();
    const add = (i: number) => tenant.outcome("POST", "/v2/databases", { ...databaseBody, name: `data-${i}` });
    for (let i = 1; i < 10; i += 1) expect(add(i)).toBe("201");
    expect(add(10)).toMatch(/^422 .*at most 10/);
  });

  it("shares the connections of a plan among its pools (API reference)", () => {
    const tenant = new Tenant();
    const add = (name: string, size: number) => {
      const pool = { name, size, mode: "session", db: "app", user: "doadmin" };
      return tenant.outcome("POST", `/v2/databases/${tenant.database}/pools`, pool);
    };
    expect(add("web", 40)).toBe("201");
    expect(add("jobs", 8)).toMatch(/^422 .*between 1 and 7/);
    expect(add("jobs", 7)).toBe("201");
  });

  it("has no connection pools, databases or topics where the engine has none (terraformer#1905)", () => {
    const tenant = new Tenant();
    const valkey = { ...databaseBody, name: "cache", engine: "valkey", version: "8" };
    const { database } = tenant.ask("POST", "/v2/databases", valkey).body as { database: { id: string } };
    const refused = "422 operation is not supported for this cluster type";
    const pool = { name: "web", mode: "session", size: 5, db: "app" };
    const topic = { name: "events", partition_count: 3, replication_factor: 2 };
    expect(tenant.outcome("POST", `/v2/databases/${database.id}/pools`, pool)).toBe(refused);
    expect(tenant.outcome("POST", `/v2/databases/${database.id}/dbs`, { name: "app" })).toBe(refused);
    expect(tenant.outcome("POST", `/v2/databases/${database.id}/topics`, topic)).toBe(refused);
  });

  it("replicates no topic more often than Kafka has nodes (terraform-provider-digitalocean)", () => {
    const tenant = new Tenant();
    const kafka = {
      ...databaseBody,
      name: "events",
      engine: "kafka",
      version: "3.8",
      size: "db-s-2vcpu-4gb",
      num_nodes: 3,
    };
    const { database } = tenant.ask("POST", "/v2/databases", kafka).body as { database: { id: string } };
    const add = (replication_factor: number, partition_count = 3) =>
      tenant.outcome("POST", `/v2/databases/${database.id}/topics`, { name: "t", replication_factor, partition_count });
    expect(add(4)).toMatch(/^422 replication_factor must be between 2 and 3/);
    expect(add(3, 2)).toMatch(/^422 partition_count must be between 3/);
    expect(add(3)).toBe("201");
    const change = (partition_count: number) =>
      tenant.outcome("PUT", `/v2/databases/${database.id}/topics/t`, { partition_count, replication_factor: 3 });
    expect(change(6)).toBe("200");
    expect(change(3)).toBe("422 partition_count can only be increased");
  });
});
