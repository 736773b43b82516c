/** The files of a takeover: the stack file with other settings, the import, and the steps in their order. */
import { describe, expect, it } from "vitest";
import { importFiles } from "../../../adopt/import-file.ts";
import { patchOf } from "../../../adopt/agree/suggestion.ts";
import { withSettings } from "../../../adopt/report/stack-file.ts";
import { steps } from "../../../adopt/report/steps.ts";
import { maskedResources } from "../../../graph/masking.ts";
import { kindOf, type Resource } from "../../../graph/resource.ts";
import { stack } from "../../support/stack.ts";

describe("the stack file with the settings that agree", () => {
  const text = `config:
  doks-systems:gx:
    # Why this tag.
    imageTag: 2.0.0
    database: {kind: in-cluster, storage: 10Gi}
  doks-systems:platform:
    cluster: {source: create, version: "1.36", ha: true}
`;

  it("keeps comments and everything that is not suggested, and takes away what a suggestion rules out", () => {
    const suggestions = [
      { path: "gx.namespace", value: { name: "backend", create: false }, why: "" },
      { path: "gx.database.version", value: "15", why: "" },
      { path: "gx.workloads.postgres.env.PGDATA", value: "/data", why: "" },
      { path: "platform.cluster", value: { source: "existing", name: "old", version: null, ha: null }, why: "" },
    ];
    expect(withSettings(text, patchOf(suggestions))).toBe(`config:
  doks-systems:gx:
    # Why this tag.
    imageTag: 2.0.0
    database: {kind: in-cluster, storage: 10Gi, version: "15"}
    namespace:
      name: backend
      create: false
    workloads:
      postgres:
        env:
          PGDATA: /data
  doks-systems:platform:
    cluster: {source: existing, name: old}
`);
  });
});

describe("the import", async () => {
  const { rendering } = await stack("prod");
  const resources = maskedResources(rendering);
  const there = (one: Resource) => ["StatefulSet", "Service", "Secret", "DatabaseCluster"].includes(kindOf(one));
  const found = new Map(
    resources.filter(there).map((resource) => {
      const { metadata = {} } = resource.inputs as { metadata?: object };
      const object = { apiVersion: "v1", kind: kindOf(resource), metadata: { name: "x", uid: "uid", ...metadata } };
      const isObject = resource.type.startsWith("kubernetes:");
      return [resource.urn, { resource, id: "id", inputs: resource.inputs, ...(isObject && { object }) }] as const;
    }),
  );
  const imports = importFiles({
    resources,
    found,
    clusterId: "cluster-id",
    versions: { kubernetes: "4.34.2", digitalocean: "4.80.1" },
  });
  const all = [...imports.components.resources, ...imports.data.resources, ...imports.others.resources];

  it("names each parent and provider before what belongs to it", () => {
    for (const file of [imports.components, imports.data, imports.others]) {
      const known = new Set<string>();
      for (const { name, parent, provider } of file.resources) {
        for (const other of [parent, provider]) if (other !== undefined) expect(known, name).toContain(other);
        known.add(name);
      }
    }
    expect(imports.components.resources.every(({ component }) => component)).toBe(true);
  });

  it("takes over each resource once, with what holds data by itself", () => {
    const taken = [...imports.data.resources, ...imports.others.resources].filter(({ id }) => id !== undefined);
    expect(taken.map(({ name }) => name).toSorted()).toEqual([...found.keys()].toSorted());
    const kinds = new Set(imports.data.resources.filter(({ id }) => id !== undefined).map(kindOf));
    expect([...kinds].toSorted()).toEqual(["DatabaseCluster", "StatefulSet"]);
  });

  it("holds no credential, no mask and no value of a Secret", () => {
    const text = JSON.stringify(all);
    expect(text).not.toContain("[secret]");
    expect(text).not.toContain("kubeconfig");
    expect(all.filter((one) => kindOf(one) === "Secret").every(({ inputs }) => !("stringData" in (inputs ?? {})))).toBe(
      true,
    );
    const providers = all.filter((one) => one.type === "pulumi:providers:kubernetes");
    expect(providers.every(({ inputs }) => inputs?.["clusterIdentifier"] === "cluster-id")).toBe(true);
  });

  it("comes after settings, passwords and preparation, and before the first update", () => {
    const secrets = [{ setting: "gx.databasePassword", from: "", command: "true" }];
    const preparation = { handOvers: [], commands: ["true"] };
    const all = steps({ stack: "prod", folder: "out", hasSettings: true, secrets, preparation, imports });
    const commands = all.flatMap((one) => one.commands);
    expect(commands).toEqual([
      "cp out/Pulumi.prod.yaml Pulumi.prod.yaml",
      "sh out/secrets.sh",
      "sh out/prepare.sh",
      "npx pulumi import --stack prod --file out/import-components.json --protect=false --generate-code=false --yes",
      "npx pulumi import --stack prod --file out/import-data.json --protect=true --generate-code=false --yes",
      "npx pulumi import --stack prod --file out/import-others.json --protect=false --generate-code=false --yes",
      "PULUMI_K8S_ENABLE_PATCH_FORCE=true npm run preview:engine -- prod",
      "PULUMI_K8S_ENABLE_PATCH_FORCE=true npm run up -- prod",
    ]);
  });
});
