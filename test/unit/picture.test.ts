/** The picture: what is drawn is what the policies allow, and what is public is drawn as public. */
import { beforeAll, describe, expect, it } from "vitest";
import { dot } from "../../preview/picture/layout.ts";
import { picture, type Picture } from "../../preview/picture/picture.ts";
import { publicResources, type PublicResource } from "../../preview/render/public-resource.ts";
import { stack } from "../support/stack.ts";

describe.each(["prod", "staging", "local"])("the picture of %s", (name) => {
  let resources: PublicResource[];
  let drawn: Picture;
  beforeAll(async () => {
    resources = publicResources((await stack(name)).rendering);
    drawn = picture(resources);
  });
  const titled = (id: string) => drawn.nodes.find((node) => node.id === id)?.title ?? "?";
  const edges = () =>
    drawn.edges.map(({ from, to, label }) => `${titled(from)} → ${titled(to)}${label && `:${label}`}`);

  it("has every component that connects, and nothing that connects to nowhere", () => {
    const callers = resources.filter(({ connectsTo }) => connectsTo.length > 0);
    expect(callers.length).toBeGreaterThan(15);
    for (const { urn } of callers) expect(drawn.nodes.map(({ id }) => id)).toContain(urn);
    const ids = new Set(drawn.nodes.map(({ id }) => id));
    for (const { from, to } of drawn.edges) expect([ids.has(from), ids.has(to)]).toEqual([true, true]);
  });

  it("finds the other end of every connection to something of the stack itself", () => {
    const outside = drawn.nodes.filter(({ kind }) => kind === "outside").map(({ title }) => title);
    const expected = [
      "internet",
      "Kubernetes API",
      "mongodb",
      "meilisearch",
      "smtp",
      "turso",
      "substreams",
      "ipfs-gateway",
      "fabric/peer0-org1",
    ];
    // On a laptop the object store is somebody else's.
    const elsewhere = name === "local" ? ["Spaces", "r2"] : [];
    expect(outside.filter((title) => ![...expected, ...elsewhere].includes(title))).toEqual([]);
  });

  it("is the same twice", () => {
    expect(picture(resources)).toEqual(drawn);
  });

  it("leads from the internet only to what a route or a load balancer names", () => {
    const open = drawn.edges.filter(({ isPublic }) => isPublic).map(({ to }) => titled(to));
    const workloads = open.filter((title) =>
      drawn.nodes.some((node) => node.title === title && node.kind === "workload"),
    );
    if (name === "prod") {
      expect(new Set(workloads)).toEqual(
        new Set([
          ...["server-deployment", "server-concrete-deployment", "client-deployment", "client-concrete-deployment"],
          ...["dotdo", "svc-identity", "caracal-gateway"],
        ]),
      );
    }
    expect(workloads).not.toContain("projector");
  });

  it("marks what holds data", () => {
    const data = drawn.nodes.filter(({ holdsData }) => holdsData).map(({ title }) => title);
    expect(data).toEqual(expect.arrayContaining(["postgres", "rabbitmq", "caracal-kafka", "caracal-zookeeper"]));
    if (name === "prod")
      expect(data).toEqual(expect.arrayContaining(["gx-postgres-prod", "ipfs-cache", "bow-mark-files"]));
    expect(data).not.toContain("server-deployment");
  });

  it("tells a backup's bucket from the application's, and a managed server from its neighbour", () => {
    if (name !== "prod") return;
    expect(edges()).toEqual(
      expect.arrayContaining([
        "pg-backup → bow-mark-backups:443",
        "server-deployment → bow-mark-files:443",
        "svc-identity → gx-redis-prod:25061",
        "svc-identity → gx-postgres-prod:25060",
      ]),
    );
    expect(edges()).not.toContain("server-deployment → bow-mark-backups:443");
  });

  it("is text for Graphviz in which a name cannot break out", () => {
    const evil = { ...drawn, nodes: drawn.nodes.map((node) => ({ ...node, title: 'a"];}\n<b>' })) };
    const text = dot(
      evil,
      () => [],
      () => undefined,
    );
    expect(text).toContain('label="a\\"];}\\n<b>');
    expect(text.match(/^digraph \{$/gm)).toHaveLength(1);
  });
});
