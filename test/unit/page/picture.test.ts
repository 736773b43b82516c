/** The picture: what is drawn is what the policies allow, and what is public is drawn as public. */
import { beforeAll, describe, expect, it } from "vitest";
import { drawings } from "../../../preview/picture/drawings.ts";
import { markedPicture, type MarkedPicture } from "../../../preview/picture/marked.ts";
import { picture, type Picture } from "../../../preview/picture/picture.ts";
import { svg } from "../../../preview/picture/svg.ts";
import { review } from "../../../preview/review/review.ts";
import { maskedResources } from "../../../graph/masking.ts";
import type { Resource } from "../../../graph/resource.ts";
import type { Patch } from "../../../graph/render/configuration.ts";
import { stack, type RenderedStack } from "../../support/stack.ts";

describe.each(["prod", "staging", "local"])("the picture of %s", (name) => {
  let resources: Resource[];
  let drawn: Picture;
  beforeAll(async () => {
    resources = maskedResources((await stack(name)).rendering);
    drawn = picture(resources);
  });
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
      // Whatever the callers of Caracal's gateway ask it for.
      "targets",
    ];
    // On a laptop the object store is somebody else's; the production profile of dotdo reaches a PostgreSQL of somebody's.
    const elsewhere = { local: ["Spaces", "r2"], prod: ["postgres"], staging: [] }[name] ?? [];
    expect(outside.filter((title) => ![...expected, ...elsewhere].includes(title))).toEqual([]);
    const theirs = drawn.nodes.find(({ kind, title }) => kind === "outside" && title === "postgres");
    const callers = drawn.edges.filter(({ to }) => to === theirs?.id).map(({ from }) => from);
    expect(drawn.nodes.filter(({ id }) => callers.includes(id)).map(({ title }) => title)).toEqual(
      name === "prod" ? ["dotdo"] : [],
    );
  });

  it("is the same twice", () => {
    expect(picture(resources)).toEqual(drawn);
  });

  it("draws every box whatever the names are, and nothing breaks out of it", async () => {
    const title = 'a"];}\n<b>&</svg>';
    const evil = { ...drawn, nodes: drawn.nodes.map((node) => ({ ...node, title })) };
    const addresses = { object: () => "#x", system: () => "#y" };
    for (const drawing of drawings(evil, addresses)) {
      const { text } = await svg(drawing);
      expect(text.match(/class="box/g), drawing.id).toHaveLength(drawing.boxes.length);
      expect(text.match(/class="arrow/g), drawing.id).toHaveLength(drawing.arrows.length);
      expect(text).toContain("&lt;b&gt;&amp;&lt;/svg&gt;");
      expect(text.match(/<\/svg>/g)).toHaveLength(1);
    }
  });

  it("has each box in the picture of its system, and the systems together in one", () => {
    const addresses = { object: (urn: string) => urn, system: (system: string) => system };
    const [overview, ...systems] = drawings(drawn, addresses);
    const all = drawn.nodes.filter(({ system, kind }) => system !== undefined && kind !== "entrance");
    expect(systems.map(({ title }) => title)).toEqual([...new Set(all.map(({ system }) => system))].toSorted());
    for (const { title, boxes } of systems) {
      const own = all.filter(({ system }) => system === title).map(({ id }) => id);
      expect(boxes.filter(({ inside }) => inside).map(({ id }) => id)).toEqual(own);
    }
    const leads = overview?.boxes.filter(({ kind }) => kind === "system").map(({ href }) => href);
    expect(leads).toEqual(systems.map(({ title }) => title));
  });
});

describe("the picture of prod", () => {
  let drawn: Picture;
  beforeAll(async () => {
    drawn = picture(maskedResources((await stack("prod")).rendering));
  });
  const edges = ({ nodes, edges: all } = drawn) => {
    const titled = (id: string) => nodes.find((node) => node.id === id)?.title ?? "?";
    return all.map(({ from, to, label }) => `${titled(from)} → ${titled(to)}${label && `:${label}`}`);
  };

  it("leads from the internet only to what a route or a load balancer names", () => {
    const open = new Set(drawn.edges.filter(({ isPublic }) => isPublic).map(({ to }) => to));
    const workloads = drawn.nodes
      .filter(({ id, kind }) => open.has(id) && kind === "workload")
      .map(({ title }) => title);
    expect(new Set(workloads)).toEqual(
      new Set([
        ...["server-deployment", "server-concrete-deployment", "client-deployment", "client-concrete-deployment"],
        ...["dotdo", "svc-identity", "caracal-gateway"],
      ]),
    );
    expect(edges()).toContain("internet → edge:80,443");
  });

  it("marks what holds data, and nothing else", () => {
    const data = drawn.nodes.filter(({ holdsData }) => holdsData).map(({ title }) => title);
    expect(data).toEqual(expect.arrayContaining(["postgres", "rabbitmq", "caracal-kafka", "caracal-zookeeper"]));
    expect(data).toEqual(expect.arrayContaining(["gx-postgres-prod", "ipfs-cache-postgres", "bow-mark-files"]));
    expect(data).not.toContain("server-deployment");
  });

  it("tells a backup's bucket from the application's, and a managed server from its neighbour", async () => {
    const gx = { redis: { kind: "managed", size: "db-s-1vcpu-1gb" }, imageSupports: { redisTls: true } };
    const managed = picture(maskedResources((await stack("prod", { "doks-systems:gx": gx })).rendering));
    expect(edges(managed)).toEqual(
      expect.arrayContaining([
        "pg-backup → bow-mark-backups:443",
        "server-deployment → bow-mark-files:443",
        "svc-identity → gx-redis-prod:25061",
        "svc-identity → gx-postgres-prod:25060",
      ]),
    );
    expect(edges(managed)).not.toContain("server-deployment → bow-mark-backups:443");
  });

  it("with a classic ingress draws a controller, not a load balancer that nobody pays for", async () => {
    const classic = await stack("prod", {
      "doks-systems:platform": { edge: { kind: "ingress" }, addons: { envoyGateway: "none" } },
    });
    const { nodes } = picture(maskedResources(classic.rendering));
    expect(nodes.find(({ kind }) => kind === "entrance")?.note).toBe("ingress controller");
  });
});

describe("the picture of a change", () => {
  const without: Patch = { "doks-systems:hermes": null };
  // Each is rendered once.
  const known = new Map<Patch | undefined, Promise<RenderedStack>>();
  const rendered = (patch?: Patch) => {
    const found = known.get(patch) ?? stack("prod", patch);
    known.set(patch, found);
    return found;
  };
  const changed = async (before?: Patch, after?: Patch) => {
    const [was, now] = await Promise.all([rendered(before), rendered(after)]);
    const base = { reference: "main", resources: maskedResources(was.rendering) };
    return markedPicture(review(now.rendering, [], base));
  };
  const marks = ({ nodes }: Pick<MarkedPicture, "nodes">) =>
    Object.fromEntries(nodes.flatMap(({ title, mark }) => (mark === undefined ? [] : [[title, mark]])));

  it("marks nothing if nothing changes", async () => {
    const { nodes, edges } = await changed();
    expect([...nodes, ...edges].filter(({ mark }) => mark !== undefined)).toEqual([]);
  });

  it("shows what goes beside what stays, with the arrows to it, and the other way round what comes", async () => {
    const names = ["hermes-ipfs-cache", "ipfs-cache-postgres", "hermes-backups", "substreams", "ipfs-gateway"];
    const gone = await changed(undefined, without);
    expect(marks(gone)).toMatchObject(Object.fromEntries(names.map((name) => [name, "delete"])));
    const come = await changed(without);
    expect(marks(come)).toMatchObject(Object.fromEntries(names.slice(0, 3).map((name) => [name, "create"])));
    for (const [{ nodes, edges }, mark] of [
      [gone, "delete"],
      [come, "create"],
    ] as const) {
      const own = new Set(nodes.filter(({ system }) => system === "hermes").map(({ id }) => id));
      expect(own.size).toBeGreaterThan(5);
      for (const { from, mark: found } of edges) expect(found).toBe(own.has(from) ? mark : undefined);
    }
  });

  it("marks a workload by what happens to its parts, and a task that runs again as updated", async () => {
    const found = marks(await changed(undefined, { "doks-systems:caracal": { imageTag: "v0.4" } }));
    expect(found).toMatchObject({ "caracal-gateway": "update", "caracal-db-migrate": "update" });
    expect(found).not.toHaveProperty("caracal-postgres");
    const size = marks(await changed(undefined, { "doks-systems:gx": { database: { size: "db-s-2vcpu-4gb" } } }));
    expect(size).toEqual({ "gx-postgres-prod": "update" });
  });
});
