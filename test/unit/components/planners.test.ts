/** The pure parts: what they promise for every input, and known vectors. */
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { execKubeconfig, tokenKubeconfig } from "../../../components/cluster/kubeconfig.ts";
import { scramVerifier } from "../../../components/database/scram.ts";
import { brokerDefinitions, passwordHash } from "../../../components/messaging/definitions.ts";
import { outside, type Destination } from "../../../components/connections/destinations.ts";
import { notInternet } from "../../../catalogue/networks.ts";
import { planPolicies } from "../../../components/connections/policies.ts";
import { addressRecord, zoneRecord } from "../../../components/edge/dns.ts";
import { digest } from "../../../components/secrets/checksum.ts";
import type { Namespace } from "../../../components/site/namespace.ts";
import { restrictedViolations } from "../../../policy/pod-security.ts";
import type { PodSpec } from "../../../graph/pods.ts";
import type { Loose } from "../../support/stack.ts";

/** What policies ask of a namespace; an adopted one tells our pods from others by one more label. */
function namespaceOf(namespaceName: string, adopted: boolean): Namespace {
  const ownLabels: Record<string, string> = adopted ? { "doks-systems/system": "ours" } : {};
  return { namespaceName, selecting: (labels: object) => ({ ...labels, ...ownLabels }) } as unknown as Namespace;
}

describe("connections", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
  const namespace = fc.record({ name, adopted: fc.boolean() }).map((one) => namespaceOf(one.name, one.adopted));
  const port = fc.integer({ min: 1, max: 65535 });
  const pods = fc.record({ name, namespace, port }).map(({ port: one, ...rest }): Destination => ({
    kind: "pods",
    ...rest,
    labels: { app: rest.name },
    ports: [one],
    ready: [],
  }));
  const internet = fc.tuple(name, port).map(([to, one]) => outside(to, one));
  const caller = fc.record({ name, namespace }).map((from) => ({ ...from, labels: { app: from.name } }));

  it("every edge is allowed on both sides, and nothing else is", () => {
    fc.assert(
      fc.property(caller, fc.array(fc.oneof(pods, internet), { maxLength: 6 }), (from, connectsTo) => {
        const [own, ...peers]: Loose[] = planPolicies(from, connectsTo);
        expect(own.spec.policyTypes).toEqual(["Ingress", "Egress"]);
        expect(own.spec).not.toHaveProperty("ingress");
        // One rule an edge, and one for DNS where there is any edge.
        expect(own.spec.egress ?? []).toHaveLength(connectsTo.length === 0 ? 0 : connectsTo.length + 1);
        const inside = connectsTo.filter((to) => to.kind === "pods");
        expect(peers).toHaveLength(inside.length);
        inside.forEach((to, i) => {
          const { namespace: where, spec } = peers[i];
          expect(where).toBe(to.namespace);
          expect(spec.podSelector).toEqual({ matchLabels: to.namespace.selecting(to.labels) });
          expect(spec.ingress).toHaveLength(1);
          expect(spec.ingress[0].ports).toEqual(to.ports.map((one) => ({ protocol: "TCP", port: one })));
          const crosses = to.namespace.namespaceName !== from.namespace.namespaceName;
          expect("namespaceSelector" in spec.ingress[0].from[0]).toBe(crosses);
        });
      }),
    );
  });

  it("outside is the internet without private ranges and the metadata address", () => {
    const [own]: Loose[] = planPolicies({ name: "a", namespace: namespaceOf("a", false), labels: {} }, [
      outside("smtp", 587),
    ]);
    expect(own.spec.egress[1]).toEqual({
      to: [{ ipBlock: { cidr: "0.0.0.0/0", except: notInternet } }],
      ports: [{ protocol: "TCP", port: 587 }],
    });
    expect(notInternet).toEqual(expect.arrayContaining(["10.0.0.0/8", "169.254.0.0/16"]));
  });
});

describe("records", () => {
  it("are written in the most specific zone", () => {
    expect(zoneRecord("app.bowmark.ca", ["bowmark.ca"])).toEqual({ zone: "bowmark.ca", name: "app" });
    expect(zoneRecord("bowmark.ca", ["bowmark.ca"])).toEqual({ zone: "bowmark.ca", name: "@" });
    expect(zoneRecord("a.b.c.ca", ["c.ca", "b.c.ca"])).toEqual({ zone: "b.c.ca", name: "a" });
    expect(zoneRecord("notbowmark.ca", ["bowmark.ca"])).toBeUndefined();
  });

  it("points a host at an IP address, or makes it an alias of a hostname", () => {
    expect(addressRecord("app.bowmark.ca", "app", "192.0.2.10")).toEqual({ type: "A", value: "192.0.2.10" });
    expect(addressRecord("app.bowmark.ca", "app", "2001:db8::1")).toEqual({ type: "AAAA", value: "2001:db8::1" });
    for (const hostname of ["lb.example.com", "lb.example.com."])
      expect(addressRecord("app.bowmark.ca", "app", hostname)).toEqual({ type: "CNAME", value: "lb.example.com." });
  });

  it("refuses an alias for a zone itself, and a record of an address that is not there", () => {
    expect(() => addressRecord("bowmark.ca", "@", "lb.example.com")).toThrow(
      /bowmark\.ca is a zone itself and cannot be an alias of .* lb\.example\.com; use a host below it/,
    );
    expect(addressRecord("bowmark.ca", "@", "192.0.2.10").type).toBe("A");
    expect(() => addressRecord("app.bowmark.ca", "app", "")).toThrow(/no address yet/);
  });
});

describe("passwords", () => {
  it("RabbitMQ's hash is the documented one", () => {
    // RabbitMQ documentation, "Access Control: Password Hashing": salt 908DC60A, password test12.
    const salt = Buffer.from("908DC60A", "hex");
    expect(passwordHash("test12", salt)).toBe("kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR");
  });

  it("the broker's one user may do everything on each virtual host", () => {
    const { users, vhosts, permissions }: Loose = brokerDefinitions("app", "hash", ["a", "b"]);
    expect(users.map((user: Loose) => user.name)).toEqual(["app"]);
    expect(permissions.map((permission: Loose) => permission.vhost)).toEqual(vhosts.map((vhost: Loose) => vhost.name));
  });

  it("PostgreSQL's verifier lets in whoever knows the password (RFC 5803)", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.uint8Array({ minLength: 16, maxLength: 16 }), (password, bytes) => {
        const [, iterations = "", salt = "", stored = ""] =
          /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):.+$/.exec(scramVerifier(password, Buffer.from(bytes))) ?? [];
        const salted = pbkdf2Sync(
          password.normalize("NFKC"),
          Buffer.from(salt, "base64"),
          Number(iterations),
          32,
          "sha256",
        );
        const clientKey = createHmac("sha256", salted).update("Client Key").digest();
        expect(createHash("sha256").update(clientKey).digest("base64")).toBe(stored);
      }),
      { numRuns: 20 },
    );
  });
});

describe("checksums", () => {
  it("do not depend on the order of keys, and do on every value and on the key", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string(), { minKeys: 1 }), (content) => {
        const reversed = Object.fromEntries(Object.entries(content).toReversed());
        expect(digest("k", reversed)).toBe(digest("k", content));
        expect(digest("other", content)).not.toBe(digest("k", content));
        const [first = ""] = Object.keys(content);
        expect(digest("k", { ...content, [first]: `${content[first] ?? ""}!` })).not.toBe(digest("k", content));
        expect(digest("k", content)).toMatch(/^[0-9a-f]{16}$/);
      }),
    );
  });
});

describe("kubeconfigs", () => {
  const cluster = { name: "doks-prod", endpoint: "https://x.k8s.ondigitalocean.com", caCertificate: "Y2E=" };

  it("the program's holds the API token, which does not expire after a week", () => {
    const config: Loose = parse(tokenKubeconfig(cluster, "token"));
    expect(config.users[0].user).toEqual({ token: "token" });
    expect(config.clusters[0].cluster).toEqual({ server: cluster.endpoint, "certificate-authority-data": "Y2E=" });
    expect(config["current-context"]).toBe("doks-prod");
  });

  it("people's holds no credential", () => {
    const config: Loose = parse(execKubeconfig(cluster, "id"));
    expect(config.users[0].user.exec).toMatchObject({ command: "doctl", args: expect.arrayContaining(["id"]) });
    expect(JSON.stringify(config)).not.toContain("token");
  });
});

describe("Pod Security restricted", () => {
  const hardened = {
    name: "a",
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  };
  const good = {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [hardened],
    volumes: [{ name: "v", emptyDir: {} }],
  } satisfies PodSpec;
  const container = (securityContext: object): PodSpec => ({
    ...good,
    containers: [{ name: "a", securityContext: { ...hardened.securityContext, ...securityContext } }],
  });

  it("admits what is hardened", () => {
    expect(restrictedViolations(good)).toEqual([]);
    expect(restrictedViolations(container({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } }))).toEqual([]);
  });

  it.each<[string, PodSpec]>([
    ["a host namespace", { ...good, hostNetwork: true }],
    ["a host path", { ...good, volumes: [{ name: "v", hostPath: { path: "/" } }] }],
    ["a root user of the pod", { ...good, securityContext: { ...good.securityContext, runAsUser: 0 } }],
    ["a root user of a container", container({ runAsUser: 0 })],
    ["a container that turns non-root off", container({ runAsNonRoot: false })],
    ["no seccomp profile", { ...good, securityContext: { runAsNonRoot: true } }],
    ["a privileged container", container({ privileged: true })],
    ["privilege escalation", container({ allowPrivilegeEscalation: undefined })],
    ["capabilities kept", container({ capabilities: { drop: ["NET_RAW"] } })],
    ["a capability added", container({ capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } })],
    [
      "an unsafe sysctl",
      { ...good, securityContext: { ...good.securityContext, sysctls: [{ name: "kernel.msgmax" }] } },
    ],
    ["an SELinux user", container({ seLinuxOptions: { user: "system_u" } })],
    ["an unmasked /proc", container({ procMount: "Unmasked" })],
    ["a host port", { ...good, containers: [{ ...hardened, ports: [{ hostPort: 80 }] }] }],
    ["an init container that is not hardened", { ...good, initContainers: [{ name: "i" }] }],
  ])("refuses %s", (_what, pod) => {
    expect(restrictedViolations(pod)).not.toEqual([]);
  });
});
