/** dotdo's acceptance lines: secrets and storage. */
import { describe, expect, it } from "vitest";
import { maskedResources } from "../../../graph/masking.ts";
import { changes, env, problems, type Loose } from "../../support/stack.ts";
import { dotdo, key, prod, standard, container, config } from "./support.ts";

describe("secrets and storage", () => {
  it("dotdo 15: dotdo-secrets has the three keys, and two more when they are wanted", async () => {
    const keys = (one: typeof prod) => Object.keys(one.object("Secret", "dotdo-secrets").stringData).toSorted();
    expect(keys(standard)).toEqual(["r2-access-key", "r2-secret-key", "turso-token"]);
    const all = await dotdo("prod", { [key]: { apiKey: "generated", redis: { kind: "in-cluster" } } });
    expect(keys(all)).toEqual(["api-key", "r2-access-key", "r2-secret-key", "redis-password", "turso-token"]);
    expect(all.object("Secret", "dotdo-secrets").stringData["api-key"]).toMatch(/^[0-9a-z]{48,}$/);
    expect(config(all)["REDIS_URL"]).toBe("redis://dotdo-redis:6379");
  });

  it("dotdo 16: an existing Secret is used as it is, and none is made", async () => {
    const storage = { kind: "r2", endpoint: "https://account.r2.cloudflarestorage.com", bucket: "objects" };
    const theirs = await dotdo("prod", {
      [key]: { existingSecrets: { "dotdo-secrets": "theirs" }, storage: { ...storage } },
    });
    expect(theirs.names("Secret")).toEqual(["grafana-admin"]);
    expect(env(container(theirs), "TURSO_TOKEN")).toBe("theirs/turso-token");
    expect(theirs.rendering.missing.map(({ path }) => path).filter((path) => path.includes("dotdo"))).toEqual([]);
  });

  it("dotdo 17: redis-password and api-key are optional, and as in the chart so is every other key", () => {
    const optional = Object.fromEntries(
      container()
        .env.filter((one: Loose) => one.valueFrom?.secretKeyRef !== undefined)
        .map((one: Loose) => [one.name, one.valueFrom.secretKeyRef.optional === true]),
    );
    expect(optional).toEqual({
      TURSO_TOKEN: true,
      R2_ACCESS_KEY: true,
      R2_SECRET_KEY: true,
      REDIS_PASSWORD: true,
      API_KEY: true,
    });
  });

  it("dotdo 18: without TURSO_URL nothing runs", () => {
    expect(problems("prod", { [key]: { tursoUrl: null } })[0]).toMatchObject({
      path: `${key}.tursoUrl`,
      problem: "is required",
    });
    expect(config()["TURSO_URL"]).toBe("libsql://your-db.turso.io");
  });

  it("dotdo 19: with Spaces there is a private bucket, and a key that opens it alone", () => {
    const bucket = standard.one("SpacesBucket", "dotdo-objects").inputs;
    expect(bucket).toMatchObject({ acl: "private", region: "nyc3", versioning: { enabled: true } });
    const spacesKey = standard.one("SpacesKey", "dotdo-objects");
    expect(spacesKey.inputs.grants).toEqual([{ bucket: "dotdo-objects", permission: "readwrite" }]);
    expect(config()).toMatchObject({ R2_ENDPOINT: "https://nyc3.digitaloceanspaces.com", R2_BUCKET: "dotdo-objects" });
    const { "r2-access-key": access, "r2-secret-key": secret } = standard.object("Secret", "dotdo-secrets").stringData;
    expect(access).toMatch(/^DO00/);
    expect(secret).toEqual(expect.any(String));
  });

  it("dotdo 30: a change of ConfigMap or Secret restarts the pods", async () => {
    const idle = await dotdo("prod", { [key]: { idleTimeout: 1000 } });
    expect(changes(prod, idle)).toEqual(["ConfigMap dotdo-config", "Deployment dotdo"]);
    const token = await dotdo("prod", { "doks-systems:secrets": { dotdo: { tursoToken: "another" } } });
    expect(changes(prod, token)).toEqual(["Deployment dotdo", "Secret dotdo-secrets"]);
  });

  it("dotdo 34: outputs give URL, Services, bucket and namespace, and no secret", () => {
    expect(prod.rendering.outputs["dotdo"]).toEqual({
      url: "https://do.example.com",
      namespace: "dotdo",
      services: ["dotdo", "dotdo-headless"],
      bucket: "dotdo-objects",
    });
    const shown = JSON.stringify(maskedResources(prod.rendering));
    for (const value of Object.values(prod.object("Secret", "dotdo-secrets").stringData)) {
      expect(shown).not.toContain(value);
    }
  });
});
