import { describe, expect, it } from "vitest";
import { problems, type Loose } from "../../support/stack.ts";
import { prod, bowmark, loadBalancer, admittedCallers } from "./support.ts";

const nginx = await bowmark("prod", { "doks-systems:platform": { edge: { kind: "ingress" } } });

describe("edge", () => {
  const route = (app: string): Loose => prod.object("HTTPRoute", `ingress-service-${app}`).spec;
  const backendOf = (app: string, path: string): Loose =>
    route(app).rules.find((rule: Loose) => rule.matches[0].path.value === path && rule.matches[0].headers === undefined)
      .backendRefs[0];

  const hosts = ["app.bowmark.ca", "paving.bowmark.ca", "concrete.bowmark.ca"];
  const certificateOf = (one: typeof prod) =>
    Object.fromEntries(
      one
        .object("ListenerSet", "ingress-service")
        .spec.listeners.map((listener: Loose) => [listener.hostname, listener.tls.certificateRefs[0].name]),
    );

  it("bow-mark 21: the three hosts have TLS and issuer letsencrypt-prod, a certificate each, so that HTTP/2 stays", () => {
    const secrets = {
      "app.bowmark.ca": "bow-mark-tls",
      "paving.bowmark.ca": "bow-mark-tls-paving-bowmark-ca",
      "concrete.bowmark.ca": "bow-mark-tls-concrete-bowmark-ca",
    };
    expect(certificateOf(prod)).toEqual(secrets);
    for (const [host, secretName] of Object.entries(secrets)) {
      expect(prod.object("Certificate", secretName).spec).toEqual({
        secretName,
        dnsNames: [host],
        issuerRef: { name: "letsencrypt-prod", kind: "ClusterIssuer" },
      });
    }
    const redirect = prod.object("HTTPRoute", "ingress-service-redirect").spec;
    expect(redirect).toMatchObject({ hostnames: hosts, rules: [{ filters: [{ type: "RequestRedirect" }] }] });
  });

  it("bow-mark 21: where a stack wants it, one certificate in Secret bow-mark-tls serves all three", async () => {
    const together = await bowmark("prod", { "doks-systems:platform": { edge: { certificates: "system" } } });
    expect(together.names("Certificate")).toEqual(["bow-mark-tls"]);
    expect(together.object("Certificate", "bow-mark-tls").spec.dnsNames).toEqual(hosts);
    expect(new Set(Object.values(certificateOf(together)))).toEqual(new Set(["bow-mark-tls"]));
  });

  it("bow-mark 22: bodies up to 100 MB pass and requests may take 600 s, WebSockets longer", () => {
    for (const app of ["paving", "concrete"]) {
      const policy = prod.object("BackendTrafficPolicy", `ingress-service-${app}`).spec;
      expect(policy.requestBuffer).toEqual({ limit: "100Mi" });
      for (const rule of route(app).rules) {
        expect(rule.timeouts.request).toBe(rule.name.endsWith("websocket") ? "0s" : "600s");
      }
      const sockets = prod.object("BackendTrafficPolicy", `ingress-service-${app}-graphql-websocket`).spec;
      expect(sockets.targetRefs[0].sectionName).toBe(`${app}-graphql-websocket`);
      // Envoy Gateway refuses both in one policy.
      expect(sockets).not.toHaveProperty("requestBuffer");
      expect(sockets.httpUpgrade).toEqual([{ type: "websocket" }]);
    }
  });

  it("bow-mark 23: concrete.bowmark.ca serves pages through 3001, API and files through 8081", () => {
    expect(route("concrete").hostnames).toEqual(["concrete.bowmark.ca"]);
    expect(backendOf("concrete", "/")).toEqual({ name: "client-concrete-cluster-ip-service", port: 3001 });
    for (const path of ["/graphql", "/file"]) {
      expect(backendOf("concrete", path)).toEqual({ name: "server-concrete-cluster-ip-service", port: 8081 });
    }
  });

  it("bow-mark 24: app and paving.bowmark.ca serve pages through 3000, API and files through 8080", () => {
    expect(route("paving").hostnames).toEqual(["app.bowmark.ca", "paving.bowmark.ca"]);
    expect(backendOf("paving", "/")).toEqual({ name: "client-cluster-ip-service", port: 3000 });
    for (const path of ["/graphql", "/file"]) {
      expect(backendOf("paving", path)).toEqual({ name: "server-cluster-ip-service", port: 8080 });
    }
  });

  it("bow-mark 24: as many paths lead to the server as an HTTPRoute has rules for, and more are refused", async () => {
    const paths = (count: number) => Array.from({ length: count }, (_, i) => `/path-${i}`);
    const routed = (count: number) => ({
      "doks-systems:bowmark": { serverPaths: paths(count), webSocketPaths: paths(count) },
    });
    const { rules } = (await bowmark("prod", routed(6))).object("HTTPRoute", "ingress-service-paving").spec;
    expect(rules).toHaveLength(16);
    expect(problems("prod", routed(7))[0]).toMatchObject({ path: "doks-systems:bowmark.serverPaths" });
  });

  it("bow-mark 21 to 24: the classic rendering is an Ingress that does the same", () => {
    const { metadata, spec } = nginx.object("Ingress", "ingress-service");
    expect(spec.ingressClassName).toBe("nginx");
    expect(metadata.annotations).toEqual({
      "cert-manager.io/cluster-issuer": "letsencrypt-prod",
      "nginx.ingress.kubernetes.io/proxy-body-size": "100m",
      "nginx.ingress.kubernetes.io/proxy-connect-timeout": "600",
      "nginx.ingress.kubernetes.io/proxy-read-timeout": "600",
      "nginx.ingress.kubernetes.io/proxy-send-timeout": "600",
    });
    expect(spec.tls).toEqual([
      { hosts: ["app.bowmark.ca", "paving.bowmark.ca", "concrete.bowmark.ca"], secretName: "bow-mark-tls" },
    ]);
    const paths = (host: string) =>
      Object.fromEntries(
        spec.rules
          .find((rule: Loose) => rule.host === host)
          .http.paths.map((path: Loose) => [path.path, path.backend.service.port.number]),
      );
    expect(paths("app.bowmark.ca")).toEqual({ "/graphql": 8080, "/file": 8080, "/": 3000 });
    expect(paths("concrete.bowmark.ca")).toEqual({ "/graphql": 8081, "/file": 8081, "/": 3001 });
    expect(nginx.all("Gateway")).toEqual([]);
  });

  it("bow-mark 25: every Service points at a port that its pods listen on", () => {
    const services = prod.all("Service").map(({ inputs }) => inputs as Loose);
    expect(services).toHaveLength(6);
    for (const { metadata, spec } of services) {
      const pods = prod
        .podTemplates()
        .filter(({ template }) =>
          Object.entries(spec.selector).every(([label, value]) => template.metadata.labels[label] === value),
        );
      expect(pods, metadata.name).toHaveLength(1);
      const listening = pods[0]?.template.spec.containers[0].ports.map((port: Loose) => port.containerPort);
      for (const port of spec.ports) expect(listening, metadata.name).toContain(port.targetPort);
    }
  });

  it("bow-mark 26: RabbitMQ's management port is not reachable from outside the cluster", () => {
    expect(prod.object("Service", "rabbitmq").spec.type).toBe("ClusterIP");
    const backends = prod
      .all("HTTPRoute")
      .flatMap(({ inputs }) => JSON.stringify(inputs).match(/rabbitmq|15672/g) ?? []);
    expect(backends).toEqual([]);
    expect(admittedCallers("rabbitmq", 15672)).toEqual([]);
  });

  it("bow-mark 41: A records of the three hosts point to the load balancer", () => {
    const records = prod.all("DnsRecord").map(({ inputs }) => inputs);
    expect(records.map(({ name }) => name).toSorted()).toEqual(["app", "concrete", "paving"]);
    for (const record of records) {
      expect(record).toMatchObject({ domain: "bowmark.ca", type: "A", value: loadBalancer() });
    }
  });
});
