/** Small resources that rules are tried on, and how. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../policy/evaluate.ts";
import type { Rule } from "../../policy/rule.ts";
import { resourceOf, type Resource } from "../../graph/resource.ts";

type Inputs = Record<string, unknown>;

export function resource(type: string, name: string, inputs: Inputs, options: Partial<Resource> = {}): Resource {
  const urn = `urn:pulumi:test::doks-systems::${type}::${name}`;
  return resourceOf({ urn, type, name, inputs, ...options });
}
export function object(kind: string, name: string, rest: Inputs, options: Partial<Resource> = {}): Resource {
  const inputs = { kind, metadata: { name, namespace: "shop" }, ...rest };
  return resource(`kubernetes:any/v1:${kind}`, name, inputs, options);
}
export const cloud = (kind: string, inputs: Inputs, options?: Partial<Resource>) =>
  resource(`digitalocean:index/x:${kind}`, (inputs["name"] as string | undefined) ?? kind, inputs, options);
export const platform = (environment: string) =>
  resource("doks-systems:platform:Platform", "platform", { environment });
export const production = platform("production");

export const hardened = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};
const resources = { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "256Mi" } };
export const container = { name: "web", image: "example.com/web:1.2.3", resources, securityContext: hardened };
const labels = { app: "web" };
export const workload = (kind: string, spec: Inputs = {}, pod: Inputs = {}) =>
  object(kind, "web", {
    spec: { template: { metadata: { labels }, spec: { containers: [container], ...pod } }, ...spec },
  });
export const denied = object("NetworkPolicy", "web", {
  spec: { podSelector: { matchLabels: labels }, policyTypes: ["Ingress", "Egress"] },
});
export const web = (pod: Inputs) => [workload("Deployment", {}, pod), denied];
export const claim = (storageClassName?: string) => ({ volumeClaimTemplates: [{ spec: { storageClassName } }] });
export const cluster = {
  ...{ name: "prod", version: "1.36.3-do.0", autoUpgrade: true, surgeUpgrade: true, ha: true },
  maintenancePolicy: { day: "sunday" },
};
export const kept = { protect: true, retainOnDelete: true };
export const budget = (spec: Inputs) =>
  object("PodDisruptionBudget", "web", { spec: { selector: { matchLabels: labels }, ...spec } });
export const database = cloud("DatabaseCluster", { name: "pg", privateNetworkUuid: "vpc" }, kept);
export const firewall = (value: string) =>
  cloud("DatabaseFirewall", { rules: [{ type: "k8s", value }] }, { dependsOn: [database.urn] });

/** Of each rule: what breaks it, what it says, and what does not break it. */
export type Cases = Readonly<Record<string, readonly { breaks: Resource[]; says: string; holds: Resource[] }[]>>;

/** Every rule refuses what it is there to refuse, accepts what is right beside it, and has a case at all. */
export function checkRules(rules: readonly Rule[], cases: Cases): void {
  describe.each(rules)("$name", (rule) => {
    const found = (given: Resource[]) =>
      evaluate("test", given, [], [rule]).findings.map(({ resource: name, message }) => `${name} ${message}`);

    it("refuses what breaks it, and nothing else", () => {
      expect(cases[rule.name] ?? []).not.toEqual([]);
      for (const { breaks, says, holds } of cases[rule.name] ?? []) {
        expect(
          found(breaks).filter((line) => line.includes(says)),
          says,
        ).toHaveLength(1);
        expect(found(holds)).toEqual([]);
      }
    });

    it("says why it is there, and how to satisfy it", () => {
      for (const text of [rule.description, rule.why, rule.example]) expect(text.length).toBeGreaterThan(10);
    });
  });
}
