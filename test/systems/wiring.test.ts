/** Everything that the objects of a stack name exists, and is let through; and the check finds what once was broken. */
import { beforeAll, describe, expect, it } from "vitest";
import { restrictedViolations } from "../../policy/pod-security.ts";
import type { Patch } from "../../graph/render/configuration.ts";
import type { Resource } from "../../graph/resource.ts";
import { stack, type Loose, type RenderedStack } from "../support/stack.ts";
import { wiringFaults } from "../support/wiring.ts";

const nginx = { "doks-systems:platform": { edge: { kind: "ingress", replicas: null } } };
const watched = { "doks-systems:platform": { addons: { prometheus: "install" } } };
const stacks: [string, string, Patch][] = [
  ["prod", "prod", {}],
  ["prod with a classic Ingress", "prod", nginx],
  ["staging", "staging", {}],
  ["staging with a classic Ingress", "staging", nginx],
  ["staging with Prometheus", "staging", watched],
  ["local", "local", {}],
];

it.each(stacks)("%s: what an object names exists, and whoever is to reach pods is admitted", async (_, name, patch) => {
  expect(wiringFaults((await stack(name, patch)).rendering.resources)).toEqual([]);
});

describe("the check", () => {
  let prod: RenderedStack;
  beforeAll(async () => {
    prod = await stack("prod");
  });
  /** Faults of production's stack with some objects gone or changed. */
  const faults = (change: (inputs: Loose) => Loose) =>
    wiringFaults(
      prod.rendering.resources.flatMap((resource): Resource[] => {
        const inputs = change(structuredClone(resource.inputs));
        return inputs === undefined ? [] : [{ ...resource, inputs }];
      }),
    );
  const without = (kind: string, name: string) =>
    faults((one) => (one.kind === kind && one.metadata.name === name ? undefined : one));

  it("finds hosts whose certificate could never come, because nobody may ask the pods that answer for it", () => {
    expect(without("NetworkPolicy", "edge-to-ingress-service-challenges")).toEqual(
      ["-concrete-bowmark-ca", "-paving-bowmark-ca", ""].map(
        (host) => `Certificate bow-mark/bow-mark-tls${host}: bow-mark does not admit envoy-gateway-system on 8089`,
      ),
    );
  });

  it("finds an alert on certificates that nothing measures", () => {
    const deaf = faults((one) => (one.name === "cert-manager" ? { ...one, values: {} } : one));
    expect(deaf).toHaveLength(3);
    for (const fault of deaf) expect(fault).toMatch(/: CertificateExpiring: nobody reads cert-manager's metrics$/);
  });

  it("finds alerts that would reach no receiver of their namespace", () => {
    const nameless = faults((one) => {
      if (one.kind !== "PrometheusRule") return one;
      for (const { rules } of one.spec.groups) for (const { labels } of rules) delete labels.namespace;
      return one;
    });
    const alerts = prod.all("PrometheusRule").flatMap(({ inputs }: Loose) => inputs.spec.groups[0].rules);
    expect(nameless).toHaveLength(alerts.length);
    expect(nameless).toContainEqual(expect.stringMatching(/: BackupStale is of no namespace$/));
  });

  it("finds a port, a policy, a rule, a listener, a certificate and a class that are not there", () => {
    expect(without("Service", "svc-identity")).toContain(
      "HTTPRoute backend-mainnet/svc-identity-ingress: no Service svc-identity with port 80",
    );
    expect(without("NetworkPolicy", "edge-to-svc-identity")).toContain(
      "HTTPRoute backend-mainnet/svc-identity-ingress: Deployment/svc-identity does not admit envoy-gateway-system on 3001",
    );
    expect(without("Certificate", "dotdo-tls")).toEqual([
      "ListenerSet dotdo/dotdo: no certificate of do.example.com in Secret dotdo-tls",
    ]);
    expect(without("ListenerSet", "dotdo")).toContain("HTTPRoute dotdo/dotdo: no ListenerSet dotdo");
    expect(without("HTTPRouteFilter", "dotdo-not-found")).toContain(
      "HTTPRoute dotdo/dotdo: no HTTPRouteFilter dotdo-not-found",
    );
    expect(without("Deployment", "dotdo")).toContain("Service dotdo/dotdo: selects no pods");
    expect(without("PriorityClass", "doks-systems-task")).toContain(
      "CronJob/pg-backup: no PriorityClass doks-systems-task",
    );
    expect(without("NetworkPolicy", "prometheus-to-caracal-metrics-aggregator")).toContain(
      "ServiceMonitor caracal/caracal-metrics-aggregator: Deployment/caracal-metrics-aggregator does not admit monitoring on 9091",
    );
    const renamed = faults((one) =>
      one.kind === "HTTPRoute" && one.metadata.name === "dotdo"
        ? { ...one, spec: { ...one.spec, rules: one.spec.rules.slice(1) } }
        : one,
    );
    expect(renamed).toEqual([]);
    const cut = faults((one) =>
      one.kind === "HTTPRoute" && one.metadata.name === "dotdo"
        ? { ...one, spec: { ...one.spec, rules: one.spec.rules.slice(0, 2) } }
        : one,
    );
    expect(cut).toContain("BackendTrafficPolicy dotdo/dotdo-keyed: dotdo has no rule dotdo-keyed");
  });
});

it("the pods that answer for a host are admitted under Pod Security restricted", () => {
  // cert-manager v1.21.1, pkg/issuer/acme/http/pod.go, with the defaults of internal/apis/config/controller/v1alpha1.
  const pod = {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "acmesolver",
        securityContext: {
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
        },
      },
    ],
  };
  expect(restrictedViolations(pod)).toEqual([]);
});
