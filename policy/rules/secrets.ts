/** Secrets are in Secrets, and nowhere else. */
import { each, type Rule } from "../rule.ts";
import { containersOf, inCluster, kindOf, metadataOf, type PolicyResource } from "../stack.ts";

/** What the offline preview writes in the place of a secret. */
const mask = "[secret]";
const secretName = /(PASSWORD|PASSWD|TOKEN|SECRET|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY)$/;
const secretText = /-----BEGIN [A-Z ]*PRIVATE KEY-----|[a-z+]+:\/\/[^\s:/@]+:[^\s@/]{4,}@/;

export const secretRules: readonly Rule[] = [
  {
    name: "secrets-in-secrets",
    level: "mandatory",
    description: "In the cluster, a secret is in a Secret: not in an environment value, a ConfigMap or an annotation.",
    why: "Everything else is shown by `kubectl describe`, kept in the Deployment's history and readable with the role `view`.",
    example: "envFrom: [{ secretRef: { name: postgres } }]",
    check: (stack) => [
      ...each(
        stack.resources.filter((one) => inCluster(one) && kindOf(one) !== "Secret"),
        ({ inputs }) => {
          const path = pathOf(inputs, (text) => text === mask);
          return path !== undefined && `holds a secret at ${path}`;
        },
      ),
      ...stack.pods().flatMap((pods) =>
        containersOf(pods).flatMap(({ name, env = [] }) =>
          env
            .filter(({ name: variable, value }) => value !== undefined && value !== "" && secretName.test(variable))
            .map((variable) => ({
              resource: pods.owner,
              message: `container ${name} has ${variable.name} as a plain value`,
            })),
        ),
      ),
      ...each(stack.of("ConfigMap"), ({ inputs }) => {
        const path = pathOf(inputs["data"] ?? {}, (text) => secretText.test(text));
        return path !== undefined && `holds a key or a password at data.${path}`;
      }),
    ],
  },
  {
    name: "nothing-unused",
    level: "advisory",
    description: "Every ConfigMap and Secret is read by something.",
    why: "What nothing reads is forgotten, and a forgotten Secret is never changed.",
    example: "remove it, or mount it",
    check: (stack) => {
      const inside = stack.resources.filter((one) => inCluster(one) || kindOf(one) === "Release");
      const texts = new Map(inside.map((one) => [one.urn, leaves(one.inputs)]));
      return each(stack.of("ConfigMap", "Secret"), (resource) => {
        const { name, labels = {} } = metadataOf(resource) ?? { name: "" };
        // Grafana looks for its dashboards by this label.
        if ("grafana_dashboard" in labels) return false;
        return !inside.some((other) => other !== resource && texts.get(other.urn)?.has(name)) && "is read by nothing";
      });
    },
  },
];

/** Path of the first text that fits: `spec.template.spec.containers.0.env.2.value`. */
function pathOf(value: unknown, fits: (text: string) => boolean): string | undefined {
  if (typeof value === "string") return fits(value) ? "" : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const path = pathOf(inner, fits);
    if (path !== undefined) return path === "" ? key : `${key}.${path}`;
  }
  return undefined;
}

/** Every text in a resource's inputs. */
function leaves(inputs: PolicyResource["inputs"]): Set<string> {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value === "string") found.add(value);
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(walk);
  };
  walk(inputs);
  return found;
}
