/** How GX Protocol is reached, watched, and stands on its data services. */
import { describe, expect, it } from "vitest";
import { hides } from "../../support/servers/routes.ts";
import { env, problems, type Loose } from "../../support/stack.ts";
import { gx, key, platform, prod, staging, workers, all, secrets } from "./support.ts";

describe("exposure", () => {
  it("gx 21: api.gxcoin.com has TLS from api-gxcoin-tls and letsencrypt-prod, as a route", () => {
    const route = prod.object("HTTPRoute", "svc-identity-ingress").spec;
    expect(route.hostnames).toEqual(["api.gxcoin.com"]);
    const rule = route.rules.find((one: Loose) => one.matches[0].path.value === "/");
    expect(rule.backendRefs).toEqual([{ name: "svc-identity", port: 80 }]);
    expect(prod.object("Certificate", "api-gxcoin-tls").spec).toMatchObject({
      secretName: "api-gxcoin-tls",
      dnsNames: ["api.gxcoin.com"],
      issuerRef: { name: "letsencrypt-prod" },
    });
  });

  it("gx 21 and 22: the same as a classic Ingress", async () => {
    const nginx = await gx("prod", { [platform]: { edge: { kind: "ingress" } } });
    const { metadata, spec } = nginx.object("Ingress", "svc-identity-ingress");
    expect(metadata.annotations["cert-manager.io/cluster-issuer"]).toBe("letsencrypt-prod");
    expect(spec).toMatchObject({
      ingressClassName: "nginx",
      tls: [{ hosts: ["api.gxcoin.com"], secretName: "api-gxcoin-tls" }],
    });
    expect(spec.rules[0].http.paths).toEqual([
      { path: "/", pathType: "Prefix", backend: { service: { name: "svc-identity", port: { number: 80 } } } },
    ]);
    const hidden = nginx.object("Ingress", "svc-identity-ingress-hidden");
    expect(hidden.metadata.annotations).toMatchObject({
      "nginx.ingress.kubernetes.io/denylist-source-range": "0.0.0.0/0,::/0",
      "nginx.ingress.kubernetes.io/use-regex": "true",
    });
    const [{ path, pathType }] = hidden.spec.rules[0].http.paths;
    expect(pathType).toBe("ImplementationSpecific");
    // As the controller writes it: a location that begins with the path, in any case.
    const location = new RegExp(`^${path}`, "i");
    for (const closed of ["/metrics", "/METRICS", "//metrics", "/metrics/x"]) expect(closed).toMatch(location);
    for (const open of ["/metricsx", "/v1/metrics", "/"]) expect(open).not.toMatch(location);
  });

  it("gx 22: /metrics is answered with not found before it reaches a pod", () => {
    const { rules } = prod.object("HTTPRoute", "svc-identity-ingress").spec;
    const hidden = rules.find((rule: Loose) => rule.name === "hidden-metrics");
    for (const path of ["/metrics", "/METRICS", "//metrics", "/metrics/x"]) {
      expect(hides({ spec: { rules } }, path), path).toBe(true);
    }
    for (const path of ["/metricsx", "/v1/metrics"]) expect(hides({ spec: { rules } }, path), path).toBe(false);
    expect(hidden).not.toHaveProperty("backendRefs");
    expect(hidden.filters).toEqual([
      {
        type: "ExtensionRef",
        extensionRef: {
          group: "gateway.envoyproxy.io",
          kind: "HTTPRouteFilter",
          name: "svc-identity-ingress-not-found",
        },
      },
    ]);
    const { directResponse } = prod.object("HTTPRouteFilter", "svc-identity-ingress-not-found").spec;
    expect(directResponse.statusCode).toBe(404);
  });

  it("gx 23: an A record points api.gxcoin.com at the load balancer", () => {
    const { loadBalancer } = prod.rendering.outputs["platform"] as Loose;
    expect(prod.all("DnsRecord").map(({ inputs }) => inputs)).toEqual([
      expect.objectContaining({ domain: "gxcoin.com", type: "A", name: "api", value: loadBalancer }),
    ]);
  });

  it("gx 24: node port 30301 is for development: refused in production, kept out of the firewall", async () => {
    const exposure = { kind: "node-port", host: null };
    const [problem] = problems("prod", { [key]: { exposure } });
    expect(problem).toMatchObject({ path: `${key}.exposure.kind`, fix: 'use "route"' });
    const open = await gx("staging", { [key]: { exposure } });
    const { metadata, spec } = open.object("Service", "svc-identity");
    expect(spec).toMatchObject({ type: "NodePort", ports: [{ port: 80, targetPort: 3001, nodePort: 30301 }] });
    expect(metadata.annotations["kubernetes.digitalocean.com/firewall-managed"]).toBe("false");
    expect(JSON.stringify(prod.all("Service"))).not.toContain("nodePort");
  });

  it("gx 25: a load balancer without a certificate is refused in production", async () => {
    const exposure = { kind: "load-balancer", host: "api.gxcoin.com" };
    expect(problems("prod", { [key]: { exposure } })[0]).toMatchObject({ path: `${key}.exposure.certificateName` });
    const balanced = await gx("prod", {
      [key]: { exposure: { ...exposure, certificateName: "gx", sourceRanges: ["203.0.113.0/24"] } },
    });
    const { metadata, spec } = balanced.object("Service", "svc-identity-public");
    const prefix = "service.beta.kubernetes.io/do-loadbalancer";
    expect(metadata.annotations).toMatchObject({
      [`${prefix}-type`]: "REGIONAL",
      [`${prefix}-tls-ports`]: "443",
      [`${prefix}-certificate-name`]: "gx",
      [`${prefix}-redirect-http-to-https`]: "true",
    });
    expect(spec).toMatchObject({ type: "LoadBalancer", loadBalancerSourceRanges: ["203.0.113.0/24"] });
    expect(spec.ports.map(({ port, targetPort }: Loose) => [port, targetPort])).toEqual([
      [80, 3001],
      [443, 3001],
    ]);
    expect(balanced.object("Service", "svc-identity").spec.type).toBe("ClusterIP");
  });
});

describe("monitoring", () => {
  it("gx 26: three monitors every 30 s, and the document's three rules", () => {
    expect(prod.names("ServiceMonitor")).toEqual(["outbox-submitter", "projector", "svc-identity"]);
    for (const name of prod.names("ServiceMonitor")) {
      const { metadata, spec } = prod.object("ServiceMonitor", name);
      expect(metadata.labels).toMatchObject({ release: "prometheus" });
      expect(spec.endpoints).toMatchObject([{ interval: "30s", path: "/metrics" }]);
      const service = spec.selector.matchLabels["doks-systems/service"];
      expect(prod.object("Service", service).spec.selector).toEqual({ app: name });
    }
    const [group] = prod.object("PrometheusRule", "backend-alerts").spec.groups;
    expect(group.name).toBe("backend-alerts");
    const rule = (alert: string) => group.rules.find((one: Loose) => one.alert === alert);
    const own = 'namespace="backend-mainnet"';
    expect(rule("OutboxQueueDepthHigh")).toMatchObject({ expr: `max(outbox_queue_depth{${own}} > 1000)`, for: "5m" });
    expect(rule("ProjectorLagging")).toMatchObject({ expr: `projector_lag_blocks{${own}} > 100`, for: "2m" });
    // The images' own names of the counter and of the statuses beside the document's.
    expect(rule("APIErrorRateHigh")).toMatchObject({
      expr: `rate({__name__=~"(http_)?http_requests_total", ${own}, status=~"5XX|5.."}[5m]) > 0.05`,
      for: "2m",
    });
    for (const alert of ["OutboxQueueDepthHigh", "ProjectorLagging", "APIErrorRateHigh"]) {
      expect(rule(alert).annotations.summary).toContain("{{ $value");
    }
  });

  it("gx 27: without the operator there is none of it, and everything else", () => {
    for (const kind of ["ServiceMonitor", "PrometheusRule"]) expect(staging.all(kind)).toEqual([]);
    expect(staging.names("Deployment")).toEqual(all.toSorted());
  });

  it("gx 28: the autoscaler has a Metrics Server, or is refused", () => {
    expect(prod.names("Release")).toContain("metrics-server");
    const [problem] = problems("prod", { [platform]: { addons: { metricsServer: "none" } } });
    expect(problem?.path).toBe(`${key}.workloads.svc-identity.autoscaling`);
  });
});

describe("data services and order", () => {
  it("gx 29: PostgreSQL in the cluster is one, with a claim and probes, as user 999", async () => {
    const { spec } = staging.object("StatefulSet", "postgres");
    const [postgres] = spec.template.spec.containers;
    expect(spec).toMatchObject({ replicas: 1, serviceName: "postgres-headless" });
    expect(spec.template.metadata.labels).toEqual({ app: "postgres" });
    expect(spec.template.spec.securityContext).toMatchObject({ runAsUser: 999, runAsGroup: 999, fsGroup: 999 });
    expect(env(postgres, "PGDATA")).toBe("/var/lib/postgresql/data/pgdata");
    for (const probe of ["readinessProbe", "livenessProbe"]) expect(postgres[probe].exec.command[0]).toBe("pg_isready");
    expect(staging.object("Service", "postgres-headless").spec.clusterIP).toBe("None");
    expect(staging.object("Service", "postgres").spec).not.toHaveProperty("clusterIP");
    const large = await gx("staging", { [key]: { database: { storage: null } } });
    const [claim] = large.object("StatefulSet", "postgres").spec.volumeClaimTemplates;
    expect(claim.spec.resources.requests.storage).toBe("100Gi");
  });

  it("gx 30: Redis in the cluster is behind redis-master, with a claim, a password and probes that log in", () => {
    expect(staging.object("Service", "redis-master").spec.ports).toMatchObject([{ port: 6379 }]);
    const { spec } = staging.object("StatefulSet", "redis");
    const [redis] = spec.template.spec.containers;
    expect(spec.replicas).toBe(1);
    expect(spec.volumeClaimTemplates).toHaveLength(1);
    expect(spec.template.spec.securityContext).toMatchObject({ runAsUser: 999 });
    expect(env(redis, "REDISCLI_AUTH")).toBe("redis-users/password");
    expect(redis.readinessProbe.exec.command).toEqual(["sh", "/probes/ping.sh", "ready"]);
    expect(redis.livenessProbe.exec.command).toEqual(["sh", "/probes/ping.sh", "live"]);
    expect(staging.object("ConfigMap", "redis-config").data["redis.conf"]).toContain("appendonly yes\n");
  });

  it("gx 31: managed databases admit the cluster alone, and their URLs ask for TLS", async () => {
    const redis = { kind: "managed", size: "db-s-1vcpu-1gb" };
    const managed = await gx("prod", { [key]: { redis, imageSupports: { redisTls: true } } });
    const { clusterId } = managed.rendering.outputs["platform"] as Loose;
    const rules = managed.all("DatabaseFirewall").map(({ inputs }) => inputs["rules"]);
    expect(rules).toEqual([[{ type: "k8s", value: clusterId }], [{ type: "k8s", value: clusterId }]]);
    expect(new URL(secrets(managed)["DATABASE_URL"] ?? "").searchParams.get("sslmode")).toBe("require");
    expect(secrets(managed)["REDIS_URL"]).toMatch(/^rediss:\/\/default:.*@private-/);
    expect(
      managed
        .all("DatabaseCluster")
        .map(({ inputs }) => inputs["engine"])
        .toSorted(),
    ).toEqual(["pg", "valkey"]);
    expect(managed.all("StatefulSet")).toEqual([]);
  });

  it("gx 32 and 33: the migration that the stack names, then workers, then the API", async () => {
    const command = ["npx", "prisma", "migrate", "deploy", "--schema", "db/prisma/schema.prisma"];
    const settings = { [key]: { migration: { image: "gx-migrate", command } } };
    const migrated = await gx("prod", settings);
    for (const one of [migrated, await gx("staging", settings)]) {
      for (const name of all) expect(one.before("Deployment", name)).toContain("gx-migrate");
      expect(one.before("Deployment", "svc-identity")).toEqual(
        expect.arrayContaining(["gx-outbox-submitter", "gx-projector"]),
      );
      for (const name of workers) expect(one.before("Deployment", name)).not.toContain("gx-svc-identity");
    }
    const job = migrated.one("Job", "gx-migrate").inputs;
    expect(job.metadata.name).toMatch(/^gx-migrate-[0-9a-f]{8}$/);
    const [migrate] = job.spec.template.spec.containers;
    expect(migrate.command).toEqual(command);
    expect(env(migrate, "DATABASE_URL")).toBe("backend-secrets/DATABASE_URL");
    // The shipped files name none: the workers still come before the API.
    for (const one of [prod, staging]) {
      expect(one.before("Deployment", "svc-identity")).toEqual(
        expect.arrayContaining(["gx-outbox-submitter", "gx-projector"]),
      );
    }
  });

  it("gx 35: workers may reach Fabric on 7051", () => {
    for (const name of workers) {
      expect(prod.object("NetworkPolicy", name).spec.egress).toContainEqual({
        to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "fabric" } } }],
        ports: [{ protocol: "TCP", port: 7051 }],
      });
    }
    expect(JSON.stringify(prod.object("NetworkPolicy", "svc-identity"))).not.toContain("7051");
  });

  it("gx 38: a daily dump goes to a bucket when backups are on", () => {
    expect(prod.object("CronJob", "postgres-backup").spec.schedule).toBe("0 8 * * *");
    const [dump] = prod.containers("CronJob", "postgres-backup");
    expect(env(dump, "DATABASES")).toBe("gx_protocol");
    expect(env(dump, "PGSSLMODE")).toBe("require");
    expect(prod.names("SpacesBucket")).toEqual(["gx-backups"]);
    expect(staging.all("CronJob")).toEqual([]);
  });
});
