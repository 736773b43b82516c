/** What holds in every stack, whatever is on in it. */
import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { manifests } from "../../preview/report/files.ts";
import { maskedResources } from "../../graph/masking.ts";
import { reportPage } from "../../preview/page/page.ts";
import { review } from "../../preview/review/review.ts";
import { differenceReport } from "../../preview/report/terminal/difference.ts";
import { sectionsOf } from "../../preview/report/sections/index.ts";
import { sectionLines } from "../../preview/report/terminal/sections.ts";
import type { Patch } from "../../graph/render/configuration.ts";
import { summary } from "../../preview/report/summary.ts";
import { terminalTree } from "../../preview/report/terminal/tree.ts";
import { restrictedViolations } from "../../policy/pod-security.ts";
import { stack, type Loose, type RenderedStack } from "../support/stack.ts";

const canary = "canary-6f1d";
/** Of any character that a person or a generator could have chosen. */
const password = (of: string) => `${canary}-${of}/+=@:%?#"'$(HOME) é`;
const merkleKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "sec1", format: "pem" });
const given = {
  "digitalocean:token": `${canary}-token`,
  "doks-systems:secrets": {
    platform: { grafanaPassword: password("grafana") },
    hermes: {
      substreamsApiToken: `${canary}-hermes`,
      registryPassword: `${canary}-hermes-registry`,
      databasePassword: password("hermes-database"),
    },
    gx: {
      fabric: { certificate: `${canary}-cert`, key: `${canary}-key`, caCertificate: `${canary}-ca` },
      jwtSecret: `${canary}-jwt-that-is-long-enough`,
      databasePassword: password("gx-database"),
      redisPassword: password("gx-redis"),
    },
    dotdo: {
      tursoToken: `${canary}-turso`,
      r2: { key: `${canary}-r2-key`, secret: `${canary}-r2-secret` },
      apiKey: `${canary}-api`,
    },
    bowmark: {
      paving: { mongoUri: `mongodb+srv://u:${canary}-a@h/p` },
      concrete: { mongoUri: `mongodb+srv://u:${canary}-b@h/c` },
      email: { password: `${canary}-c` },
      search: { apiKey: `${canary}-d` },
      jwtSecret: `${canary}-e`,
      databasePassword: password("bowmark-database"),
      rabbitmqPassword: password("rabbitmq"),
      registryPassword: `${canary}-f`,
      bucket: { key: `${canary}-g`, secret: `${canary}-h` },
    },
    caracal: {
      merkleSigningKey: merkleKey,
      kafkaPassword: `${canary}-kafka`,
      databasePassword: password("caracal-database"),
      redisPassword: password("caracal-redis"),
    },
  },
};
const withCredentials = { pullSecret: { kind: "credentials", server: "docker.io", username: "someone" } };
/** Settings that make every secret used. */
const everySecret = {
  "doks-systems:hermes": { images: withCredentials },
  "doks-systems:dotdo": { apiKey: "given" },
  "doks-systems:bowmark": { images: withCredentials },
  "doks-systems:caracal": {
    kafka: {
      kind: "existing",
      bootstrapServers: ["kafka.example.com:9093"],
      security: { protocol: "SASL_SSL", mechanism: "SCRAM-SHA-512", username: "caracal" },
      // What only brokers in the cluster have.
      ...{ brokers: null, storage: null, zookeeper: null },
    },
  },
};
describe.each(["prod", "staging", "local"])("%s", (name) => {
  let rendered: RenderedStack;
  let secretive: RenderedStack;
  beforeAll(async () => {
    rendered = await stack(name, given);
    secretive = await stack(name, { ...given, ...everySecret });
  });

  it("every pod is admitted under Pod Security restricted", () => {
    const templates = rendered.podTemplates();
    expect(templates.length).toBeGreaterThan(8);
    for (const { owner, template } of templates) expect(restrictedViolations(template.spec), owner).toEqual([]);
  });

  it("every pod has a read-only root, numeric ids, no service links, and requests and limits", () => {
    for (const { owner, template } of rendered.podTemplates()) {
      const { spec } = template;
      expect(spec.enableServiceLinks, owner).toBe(false);
      expect(spec.securityContext.runAsUser, owner).toBeGreaterThan(0);
      expect(spec.terminationGracePeriodSeconds, owner).toBeGreaterThan(0);
      for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
        expect(container.securityContext.readOnlyRootFilesystem, owner).toBe(true);
        for (const kind of ["requests", "limits"]) {
          const said = Object.keys(container.resources[kind]).filter((one) => one !== "ephemeral-storage");
          expect(said.toSorted(), owner).toEqual(["cpu", "memory"]);
        }
        expect(container.image, owner).toMatch(/:[^:/]+$/);
      }
    }
  });

  it("no server is killed while it recovers what it keeps", () => {
    const sets = rendered.objects().filter(({ kind }) => kind === "StatefulSet") as Loose[];
    const servers: Loose[] = sets.flatMap(({ spec }) => spec.template.spec.containers);
    expect(servers.length).toBeGreaterThan(3);
    for (const { name, image, livenessProbe, startupProbe } of servers) {
      // Redis answers while it loads, which its liveness probe takes for life.
      if (livenessProbe === undefined || image.includes("redis")) continue;
      expect(startupProbe?.periodSeconds * startupProbe?.failureThreshold, name).toBeGreaterThanOrEqual(1800);
    }
  });

  it("every created namespace enforces restricted and denies what nobody declared", () => {
    const deny = rendered.all("NetworkPolicy").map(({ inputs }) => (inputs as Loose).metadata);
    for (const { inputs } of rendered.all("Namespace").filter((one) => one.custom) as Loose[]) {
      const { name: namespace, labels } = inputs.metadata;
      // Prometheus' node exporter reads the node itself.
      const level = namespace === "monitoring-nodes" ? "privileged" : "restricted";
      expect(labels["pod-security.kubernetes.io/enforce"], namespace).toBe(level);
      const ours = rendered.podTemplates().some((owner) => owner.namespace === namespace);
      if (ours) expect(deny).toContainEqual(expect.objectContaining({ name: "deny-all", namespace }));
    }
    const all = rendered.all("NetworkPolicy").filter(({ inputs }) => (inputs as Loose).metadata.name === "deny-all");
    for (const { inputs } of all) {
      expect((inputs as Loose).spec).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    }
  });

  it("every object has an explicit name, and no two the same", () => {
    const objects = rendered
      .objects()
      .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`);
    expect(new Set(objects).size).toBe(objects.length);
    for (const { metadata } of rendered.objects())
      expect(metadata.name).toMatch(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/);
  });

  it("every resource is named after its component", () => {
    const byUrn = new Map(rendered.rendering.resources.map((resource) => [resource.urn, resource]));
    for (const resource of rendered.rendering.resources) {
      const parent = byUrn.get(resource.parent ?? "");
      if (parent === undefined || parent.type === "pulumi:pulumi:Stack") continue;
      expect(resource.name.startsWith(parent.name), `${parent.name} → ${resource.name}`).toBe(true);
    }
  });

  it("secrets are in Secrets, and in what the engine marks secret, and nowhere else", async () => {
    const secrets = secretive
      .all("kubernetes:core/v1:Secret")
      .flatMap(({ inputs }) => Object.entries((inputs as Loose).stringData as Record<string, string>))
      .filter(([key]) => /password|secret|key|token|uri|url|verifier|definitions|acl|jaas|properties/i.test(key))
      .map(([, value]) => value.trim());
    expect(secrets.length).toBeGreaterThan(25);
    // Against the same with other secrets, so that every change of one is shown too.
    const other = JSON.parse(JSON.stringify({ ...given, ...everySecret }).replaceAll(canary, "canary-other")) as Patch;
    const before = maskedResources((await stack(name, other)).rendering);
    const reviewed = review(secretive.rendering, [], { reference: "main", resources: before });
    expect(reviewed.change?.changes.length).toBeGreaterThan(5);
    const shown = {
      resources: JSON.stringify(maskedResources(secretive.rendering)),
      manifests: JSON.stringify(manifests(reviewed.resources)),
      review: JSON.stringify(reviewed),
      summary: summary(reviewed),
      report: await reportPage(reviewed),
      terminal: terminalTree(reviewed) + sectionLines(sectionsOf(reviewed), false).join("\n"),
      difference: differenceReport(name, "main", reviewed.change?.changes ?? [], reviewed.dangers),
    };
    for (const [where, text] of Object.entries(shown)) {
      expect(text, where).not.toContain("canary");
      for (const secret of secrets) expect(text.includes(secret), `${where} shows ${secret.slice(0, 4)}…`).toBe(false);
    }
    // What goes to the engine: in the clear only where the engine is told that it is secret.
    for (const resource of secretive.rendering.resources) {
      if (!JSON.stringify(resource.inputs).includes(canary)) continue;
      expect(resource.secretPaths.length, resource.urn).toBeGreaterThan(0);
    }
  });

  it("rendering twice gives the same", async () => {
    const again = await stack(name, given);
    expect(JSON.stringify(maskedResources(again.rendering))).toBe(JSON.stringify(maskedResources(rendered.rendering)));
  });
});
