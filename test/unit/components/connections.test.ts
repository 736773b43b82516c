/** PostgreSQL's connections: what a server is told to admit, and what the preview says of those that are told less. */
import { describe, expect, it } from "vitest";
import { planConnections } from "../../../catalogue/databases.ts";
import { serverParameters } from "../../../components/database/in-cluster-postgres.ts";
import { readStackFile } from "../../../graph/render/configuration.ts";
import { parseSettings } from "../../../systems/settings.ts";

describe("a server in the cluster", () => {
  it("admits what the workloads may open and ten more, where that is above PostgreSQL's own 100", () => {
    expect(serverParameters({}, 160)).toEqual(["-c", "max_connections=170"]);
    expect(serverParameters({}, 90)).toEqual([]);
    expect(serverParameters({}, 91)).toEqual(["-c", "max_connections=101"]);
  });

  it("admits what the settings say, whatever the workloads want", () => {
    expect(serverParameters({ max_connections: "120", work_mem: "8MB" }, 160)).toEqual([
      ...["-c", "max_connections=120"],
      ...["-c", "work_mem=8MB"],
    ]);
  });
});

// DigitalOcean, "PostgreSQL limits".
it.each([
  ["db-s-1vcpu-1gb", 22],
  ["db-s-1vcpu-2gb", 47],
  ["db-s-2vcpu-4gb", 97],
  ["gd-8vcpu-32gb", 797],
  ["so1_5-16vcpu-128gb", 997],
  ["db-unknown", undefined],
] as const)("plan %s leaves its clients %s connections", (slug, connections) => {
  expect(planConnections(slug)).toBe(connections);
});

describe("the preview compares", () => {
  const about = (stack: string, system: string, settings: object) =>
    parseSettings(stack, readStackFile(stack, { [`doks-systems:${system}`]: settings }))
      .notices.filter(({ path, text }) => path.includes(".database.") && text.includes("connections"))
      .map(({ path, text }) => `${path.replace("doks-systems:", "")}: ${text}`);

  it("nothing of what is shipped is short", () => {
    for (const stack of ["prod", "staging", "local"]) {
      for (const system of ["hermes", "gx", "bowmark", "caracal"]) expect(about(stack, system, {})).toEqual([]);
    }
  });

  it("a number of the settings', a plan and a pool with what the workloads may open", () => {
    expect(
      about("prod", "bowmark", { database: { kind: "in-cluster", parameters: { max_connections: "100" } } })[0],
    ).toMatch(
      /^bowmark\.database\.parameters\.max_connections: admits 100 connections, and the workloads may open 16\d/,
    );
    const size = "db-s-1vcpu-1gb";
    expect(about("prod", "gx", { database: { size, nodes: 1 } })[0]).toMatch(
      /^gx\.database\.size: admits 22 connections/,
    );
    const api = { workloads: { "svc-identity": { connections: 1 } } };
    expect(about("prod", "gx", { database: { size, nodes: 1 }, ...api })).toEqual([]);
    expect(about("prod", "gx", { database: { connectionPool: { size: 20 } } })[0]).toMatch(
      /^gx\.database\.connectionPool\.size: admits 20 connections/,
    );
  });
});
