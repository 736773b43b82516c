/** Caracal's keys and certificates. */
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { maskedResources } from "../../../graph/masking.ts";
import { type Loose } from "../../support/stack.ts";
import { caracal, key, prod, container, secret } from "./support.ts";

describe("keys and certificates", () => {
  const resource = (name: string) => prod.rendering.resources.find((one) => one.name === name && one.custom)?.inputs;

  it("caracal 21: caracal-tls has exactly its four files, and only the gateway mounts it", () => {
    expect(Object.keys(secret("caracal-tls")).toSorted()).toEqual([
      "ca.crt",
      "jwt_public.pem",
      "server.crt",
      "server.key",
    ]);
    const mounting = prod.podTemplates().filter(({ template }) => JSON.stringify(template).includes("caracal-tls"));
    expect(mounting.map(({ owner }) => owner)).toEqual(["Deployment/caracal-gateway"]);
  });

  it("caracal 22: the gateway's certificate is signed by the authority for its names, RSA 4096", () => {
    expect(resource("caracal-ca-gateway-request")).toMatchObject({
      dnsNames: [
        "gateway.example.com",
        "caracal-gateway",
        "caracal-gateway.caracal.svc",
        "caracal-gateway.caracal.svc.cluster.local",
      ],
      subject: { commonName: "caracal-gateway" },
    });
    expect(resource("caracal-ca-gateway-key")).toMatchObject({ algorithm: "RSA", rsaBits: 4096 });
    expect(resource("caracal-ca-gateway")).toMatchObject({
      caCertPem: secret("caracal-tls")["ca.crt"],
      allowedUses: expect.arrayContaining(["server_auth"]),
      validityPeriodHours: 365 * 24,
      earlyRenewalHours: 30 * 24,
    });
    expect(resource("caracal-ca")).toMatchObject({ isCaCertificate: true, subject: { commonName: "caracal-ca" } });
  });

  it("caracal 23: a client's certificate is signed by the same authority", () => {
    expect(resource("caracal-ca-client")).toMatchObject({
      caCertPem: secret("caracal-tls")["ca.crt"],
      allowedUses: expect.arrayContaining(["client_auth"]),
    });
  });

  it("caracal 24: the gateway has the public half of the token key, and no object the private", () => {
    const outputs = prod.rendering.outputs as Loose;
    expect(secret("caracal-tls")["jwt_public.pem"]).toBe(outputs.caracal.jwtPublicKey);
    const privateKey: string = outputs.secrets.caracal["jwt-private-key"];
    expect(privateKey).toContain("RSA PRIVATE KEY");
    for (const { urn, inputs } of prod.rendering.resources.filter(({ type }) => type.startsWith("kubernetes:"))) {
      expect(JSON.stringify(inputs).includes(JSON.stringify(privateKey).slice(1, -1)), urn).toBe(false);
    }
  });

  it("caracal 24: or whoever issues tokens brings the public half", async () => {
    const jwtPublicKey = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n";
    const issuer = await caracal("prod", { [key]: { jwtPublicKey } });
    expect(secret("caracal-tls", issuer)["jwt_public.pem"]).toBe(jwtPublicKey);
    expect((issuer.rendering.outputs["secrets"] as Loose).caracal).not.toHaveProperty("jwt-private-key");
  });

  it("caracal 25: the Merkle key is a P-256 key that only the ledger writer mounts", () => {
    expect(resource("caracal-merkle")).toMatchObject({ algorithm: "ECDSA", ecdsaCurve: "P256" });
    expect(Object.keys(secret("caracal-merkle-keys"))).toEqual(["merkle_signing_key.pem"]);
    const mounting = prod
      .podTemplates()
      .filter(({ template }) => JSON.stringify(template).includes("caracal-merkle-keys"));
    expect(mounting.map(({ owner }) => owner)).toEqual(["Deployment/caracal-ledger-writer"]);
    expect(container("caracal-ledger-writer").volumeMounts).toContainEqual({
      name: "keys",
      mountPath: "/etc/caracal/keys",
      readOnly: true,
    });
  });

  it("caracal 26: the Merkle key is protected, kept, and follows no other resource", () => {
    const merkle = prod.one("PrivateKey", "caracal-merkle");
    expect(merkle).toMatchObject({ protect: true, retainOnDelete: true });
    expect(merkle.ignoreChanges).toEqual(["algorithm", "ecdsaCurve", "rsaBits"]);
    expect(merkle.dependsOn).toEqual([]);
  });

  it("caracal: certificates and the Merkle key can come from the settings", async () => {
    const running = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
      type: "sec1",
      format: "pem",
    });
    const files = {
      server: "-----BEGIN CERTIFICATE-----\nserver",
      serverKey: "its key",
      authority: "-----BEGIN CERTIFICATE-----\nauthority",
    };
    const given = await caracal("prod", {
      [key]: { certificates: { kind: "given" } },
      "doks-systems:secrets": { caracal: { certificates: files, merkleSigningKey: running } },
    });
    expect(secret("caracal-tls", given)).toMatchObject({
      "server.crt": files.server,
      "server.key": files.serverKey,
      "ca.crt": files.authority,
    });
    expect(secret("caracal-merkle-keys", given)["merkle_signing_key.pem"]).toBe(running);
    expect(given.rendering.outputs["caracal"]).toMatchObject({
      merklePublicKey: createPublicKey(running).export({ type: "spki", format: "pem" }),
    });
    expect(given.names("PrivateKey")).toEqual(["caracal-jwt"]);
    const missing = await caracal("prod", { [key]: { certificates: { kind: "given" } } });
    const paths = missing.rendering.missing.map(({ path }) => path);
    expect(paths).toContain("doks-systems:secrets.caracal.certificates.serverKey");
  });

  it("caracal 44: outputs give what clients need in the clear, and private keys as secrets", () => {
    const outputs = prod.rendering.outputs as Loose;
    expect(outputs.caracal).toMatchObject({
      url: "https://gateway.example.com:8443",
      gatewayAddress: "192.0.2.40",
      caCertificate: secret("caracal-tls")["ca.crt"],
      jwtPublicKey: expect.stringContaining("PUBLIC KEY"),
      merklePublicKey: expect.stringContaining("PUBLIC KEY"),
    });
    expect(Object.keys(outputs.secrets.caracal).toSorted()).toEqual(["client-key", "jwt-private-key"]);
    expect(prod.rendering.secretOutputs).toEqual(["secrets"]);
    const shown = JSON.stringify(maskedResources(prod.rendering));
    for (const value of Object.values(secret("caracal-secrets"))) expect(shown).not.toContain(value);
  });
});
