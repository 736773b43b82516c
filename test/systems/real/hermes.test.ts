/** Hermes' IPFS cache as its published image needs it: the values come from starting the application with what is rendered. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Patch } from "../../../graph/render/configuration.ts";
import type { Loose } from "../../support/stack.ts";
import { instead, published, stacks, volumeAt } from "./support.ts";

const { key, render, refused } = published("hermes");

const cache = "hermes-ipfs-cache";
const own = (settings: object) => ({ workloads: { [cache]: settings } });
const managed = instead({ kind: "managed", size: "db-s-1vcpu-1gb" });
const imageSupports = { databaseTls: true };
const spkg = "/app/hermes-substream.spkg";

describe.each(stacks)("in %s", (name) => {
  it("real hermes 1: the database is in the cluster, where the image's driver needs no TLS", async () => {
    const one = await render(name);
    expect(one.names("StatefulSet")).toEqual(["ipfs-cache-postgres"]);
    const url = new URL(one.variable(one.main(cache), "DATABASE_URL") ?? "");
    expect([url.protocol, url.searchParams.get("sslmode")]).toEqual(["postgresql:", "disable"]);
  });

  it("real hermes 1: a managed database is refused with the reason, and the setting that takes it", () => {
    const problem = refused(name, { database: managed }).find(({ fix }) => fix.includes("databaseTls"));
    expect(problem?.path).toBe(`${key}.database.kind`);
    expect(problem?.problem).toContain("TLS");
  });

  it("real hermes 1: an existing server is taken without TLS, and with it only by an image that has it", () => {
    const database = (tls: string) => ({
      database: instead({ kind: "existing", host: "db.example.com", user: "c", tls }),
    });
    expect(refused(name, database("disable"))).toEqual([]);
    expect(String(refused(name, database("require"))[0]?.path)).toContain(`${key}.database`);
    expect(refused(name, { ...database("require"), imageSupports })).toEqual([]);
  });

  it("real hermes 2: a notice says that the image needs hermes-substream.spkg beside it", async () => {
    expect((await render(name)).notices(key).filter((text) => text.includes("hermes-substream.spkg"))).not.toEqual([]);
  });

  it.each([
    ["a Secret of the namespace", { secret: "substream", key: "hermes-substream.spkg" }],
    ["a ConfigMap of the namespace", { configMap: "substream", key: "hermes-substream.spkg" }],
    ["a file of the project", { file: "systems/hermes/migrations/0001_tables.sql" }],
  ])("real hermes 2: the package comes from %s, and then nobody is told of it", async (_, source) => {
    const one = await render(name, own({ files: { [spkg]: source } }));
    const spec = one.pod(cache);
    const volume = volumeAt(spec, spkg);
    expect(volume.secret ?? volume.configMap).toBeDefined();
    const { subPath } = spec.containers[0].volumeMounts.find(({ mountPath }: Loose) => mountPath === spkg);
    expect(subPath).toEqual(expect.any(String));
    expect(one.notices(key).filter((text) => text.includes("hermes-substream.spkg"))).toEqual([]);
  });

  it("real hermes 3: a notice recommends a private gateway, while it is the public one", async () => {
    const told = async (settings: Patch) =>
      (await render(name, settings)).notices(key).filter((text) => /gateway/i.test(text));
    expect(await told({})).toEqual([expect.stringMatching(/private/)]);
    expect(await told({ ipfsGateway: "https://ipfs.example.com/ipfs/" })).toEqual([]);
  });

  it("real hermes 4: the process is not number 1 of its pod, so that SIGTERM ends it", async () => {
    const one = await render(name);
    expect(one.pod(cache).shareProcessNamespace).toBe(true);
    expect(one.object("Deployment", cache).spec.strategy).toEqual({ type: "Recreate" });
  });
});

describe.each(["prod", "staging"])("with a managed database in %s", (name) => {
  const settings = { database: managed, imageSupports };

  it("real hermes 1: an image that has TLS may use it", async () => {
    expect(refused(name, settings)).toEqual([]);
    const one = await render(name, settings);
    const url = new URL(one.variable(one.main(cache), "DATABASE_URL") ?? "");
    expect([url.protocol, url.searchParams.get("sslmode")]).toEqual(["postgresql:", "require"]);
  });

  it("real hermes 1: every client has the server's authority mounted", async () => {
    const one = await render(name, settings);
    const clients = one
      .podTemplates()
      .filter(({ namespace }) => namespace === "kafka")
      .flatMap(({ owner, template: { spec } }) =>
        [...(spec.initContainers ?? []), ...spec.containers].map((container: Loose) => ({ owner, spec, container })),
      )
      .filter(({ container }) =>
        ["PGHOST", "DATABASE_URL"].some((each) => JSON.stringify(container.env ?? []).includes(`"${each}"`)),
      );
    const owners = clients.map(({ owner }) => owner.replace(/-[0-9a-f]{8}$/, ""));
    expect(owners).toEqual(
      expect.arrayContaining([`Deployment/${cache}`, "Job/ipfs-cache-migrate", "Job/ipfs-cache-postgres-grant"]),
    );
    for (const { owner, spec, container } of clients) {
      const path = one.variable(container, "PGSSLROOTCERT") ?? "";
      expect(path, owner).toMatch(/\/ca\.crt$/);
      const mounted = { ...spec, containers: [container] };
      const volume = volumeAt(mounted, path) ?? volumeAt(mounted, path.replace(/\/ca\.crt$/, ""));
      const { secretName = "" } = volume?.secret ?? {};
      const files = {
        ...one.content("Secret", secretName),
        ...one.content("ConfigMap", volume?.configMap?.name ?? ""),
      };
      expect(Object.keys(files), owner).toContain("ca.crt");
    }
  });

  it("real hermes 1: clients check the server against it where the stack asks them to", async () => {
    const one = await render(name, { database: { ...managed, tls: "verify-ca" }, imageSupports });
    const url = new URL(one.variable(one.main(cache), "DATABASE_URL") ?? "");
    expect(url.searchParams.get("sslmode")).toBe("verify-ca");
    expect(one.variable(one.main(one.jobOf("ipfs-cache-migrate"), "Job"), "PGSSLMODE")).toBe("verify-ca");
  });
});

describe("what a stack may say instead", () => {
  it("real hermes 4: a process that handles signals itself is number 1 again", async () => {
    expect((await render("prod", own({ shareProcesses: false }))).pod(cache)).not.toMatchObject({
      shareProcessNamespace: true,
    });
  });

  it("real hermes 5: the token is sent as it is given, and the reference says that it may need Bearer before it", async () => {
    expect(readFileSync("docs/reference/settings.md", "utf8")).toContain("Bearer ");
    const substreamsApiToken = "Bearer abc";
    const one = await render("prod", {}, { "doks-systems:secrets": { hermes: { substreamsApiToken } } });
    expect(one.variable(one.main(cache), "SUBSTREAMS_API_TOKEN")).toBe(substreamsApiToken);
  });
});
