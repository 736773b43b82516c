/** Rules on secret values, which must be in Secrets and nowhere else, and on objects that nothing reads. */
import { mask } from "../../graph/masking.ts";
import { each, type Rule } from "../rule.ts";
import { containersOf } from "../../graph/pods.ts";
import { inCluster, kindOf, metadataOf, type Resource } from "../../graph/resource.ts";

const secretName = /(PASS|PASSWORD|PASSWD|TOKEN|SECRET|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY)$/i;
/**
 * A private key, or a URL with a password in it. A password of the form `$(NAME)` is a reference that the kubelet
 * resolves.
 */
const secretText = /-----BEGIN [A-Z ]*PRIVATE KEY-----|[a-z+]+:\/\/[^\s:/@]+:(?!\$\()[^\s@/]{4,}@/;
const reference = /^\$\([A-Za-z_]\w*\)$/;

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
      ...stack.pods.flatMap((pods) =>
        containersOf(pods).flatMap(({ name, env = [] }) =>
          env.filter(isPlainSecret).map((variable) => ({
            resource: pods.owner,
            message: `container ${name} has ${variable.name} as a plain value`,
          })),
        ),
      ),
      ...each(stack.resources.filter(inCluster), (resource) => {
        const readable = {
          data: kindOf(resource) === "ConfigMap" ? resource.inputs["data"] : {},
          ...annotationsOf(resource),
        };
        const path = pathOf(readable, (text) => secretText.test(text));
        return path !== undefined && `holds a key or a password at ${path}`;
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
      const readers = stack.resources.filter((one) => inCluster(one) || kindOf(one) === "Release");
      const read = new Set(
        readers.flatMap((one) => referencesOf(one.inputs).map((name) => `${namespaceOf(one)}/${name}`)),
      );
      return each(stack.of("ConfigMap", "Secret"), (resource) => {
        const { name, labels = {} } = metadataOf(resource) ?? { name: "" };
        // Grafana's sidecar finds dashboards by this label, so nothing refers to them by name.
        if ("grafana_dashboard" in labels) return false;
        return !read.has(`${namespaceOf(resource)}/${name}`) && "is read by nothing";
      });
    },
  },
];

/** Path of the first text in a value that fits: `spec.template.spec.containers.0.env.2.value`. */
function pathOf(value: unknown, fits: (text: string) => boolean): string | undefined {
  if (typeof value === "string") return fits(value) ? "" : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const path = pathOf(inner, fits);
    if (path !== undefined) return path === "" ? key : `${key}.${path}`;
  }
  return undefined;
}

function isPlainSecret({ name, value = "" }: { readonly name: string; readonly value?: string }): boolean {
  return (value !== "" && secretName.test(name) && !reference.test(value)) || secretText.test(value);
}

function annotationsOf(resource: Resource): object {
  return { annotations: metadataOf(resource)?.annotations ?? {} };
}

function namespaceOf(resource: Resource): string {
  return metadataOf(resource)?.namespace ?? (resource.inputs["namespace"] as string | undefined) ?? "default";
}

/** Keys with an object, or a list of objects, whose `name` is that of a ConfigMap or a Secret. */
const namesIn = /^(configMap|secret|secrets|imagePullSecrets|\w*(configMap|secret|certificate)(Key)?Refs?)$/i;
/** Keys whose value is itself the name of a Secret. */
const isName = /^(secretName|existingSecret)$/;

/** Names of the ConfigMaps and Secrets that a value refers to anywhere inside it. */
function referencesOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const named = namesIn.test(key) ? [inner].flat().map((one) => (one as { name?: unknown } | null)?.name) : [];
    const own = isName.test(key) ? [inner] : [];
    return [...[...named, ...own].filter((one) => typeof one === "string"), ...referencesOf(inner)];
  });
}
