/**
 * The charts of all stacks: the values that the program gives them are values that they have, by a list of their keys that is
 * kept here, and where somebody provides the charts (`CHARTS`) real Helm renders them. With `CHARTS` and `-u` the lists are
 * made again, as after another version was pinned.
 */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { selects, type PodSpec } from "../../graph/pods.ts";
import { restrictedViolations } from "../../policy/pod-security.ts";
import type { ApiObject } from "../../sandbox/control-plane/client.ts";
import { addonKinds } from "../../sandbox/control-plane/kinds.ts";
import { chartFolder, chartsOf, defaultsOf, rendered, versionOf, type Installed } from "../support/charts/charts.ts";
import { keysOf, parsed, unknown, written } from "../support/charts/keys.ts";
import { cleanUp } from "../support/servers/servers.ts";
import { stack, type Loose } from "../support/stack.ts";

const adapted = { "doks-systems:platform": { addons: { prometheusAdapter: "install" } } };
const stacks = [await stack("prod"), await stack("staging"), await stack("prod", adapted)];
const [prod] = stacks;
const all = stacks.flatMap(chartsOf);
const charts = [...Map.groupBy(all, ({ chart }) => chart)].map(([chart, uses]) => ({ chart, uses }));
const folders = new Map(charts.map(({ chart, uses }) => [chart, chartFolder(chart, uses[0]?.version ?? "")]));
const without = charts.filter(({ chart }) => folders.get(chart) === undefined);
if (without.length > 0)
  console.warn(
    `skipped: real Helm on ${without.map(({ chart }) => chart).join(", ")}, which CHARTS=folder may provide`,
  );

afterAll(cleanUp);

const list = (chart: string) => new URL(`keys/${chart}.txt`, import.meta.url).pathname;

/** Namespaces whose pods Pod Security holds to `restricted`. */
const restricted = new Set(
  prod
    ?.all("Namespace")
    .flatMap(({ inputs: { metadata } }: Loose) =>
      metadata?.labels?.["pod-security.kubernetes.io/enforce"] === "restricted" ? [metadata.name as string] : [],
    ),
);

describe.each(charts)("$chart", ({ chart, uses }) => {
  const [first] = uses;
  const version = first?.version ?? "";
  const folder = folders.get(chart);
  let made: { use: Installed; objects: ApiObject[] }[] | undefined;
  const objects = () => (made ??= uses.map((use) => ({ use, objects: rendered(use, folder ?? "") })));

  it("knows every value that it is given", () => {
    expect(existsSync(list(chart)), "its keys are listed; if not, run this with CHARTS and -u").toBe(true);
    const [title = "", ...lines] = readFileSync(list(chart), "utf8").split("\n");
    expect(title, "the list is of the version that is installed").toBe(`${chart} ${version}`);
    const keys = parsed(lines.join("\n"));
    for (const { values } of uses) expect(unknown(values, keys)).toEqual([]);
  });

  describe.skipIf(folder === undefined)("rendered by Helm", () => {
    it("has the keys that are listed", async () => {
      expect(versionOf(folder ?? "")).toBe(version);
      const text = `${chart} ${version}\n${written(keysOf(defaultsOf(folder ?? "")))}`;
      await expect(text).toMatchFileSnapshot(list(chart));
    });

    it("makes objects of kinds that the cluster has", () => {
      const known = new Set(
        addonKinds().map((kind) => `${kind["spec"].group as string}/${kind["spec"].names.kind as string}`),
      );
      for (const { objects: all } of objects()) {
        expect(all).not.toEqual([]);
        const foreign = all.filter(({ apiVersion, kind }) => {
          const group = apiVersion.split("/").slice(0, -1).join("/");
          const isOwn = group === "" || !group.includes(".") || group.endsWith(".k8s.io");
          return !(isOwn && !group.startsWith("gateway.")) && !known.has(`${group}/${kind}`);
        });
        expect(foreign.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
      }
    });

    it("makes pods that their namespace admits", () => {
      for (const { use, objects: all } of objects()) {
        const refused = pods(all).flatMap(({ owner, namespace = use.namespace, spec }) =>
          restricted.has(namespace) ? restrictedViolations(spec).map((why) => `${owner}: ${why}`) : [],
        );
        expect(refused).toEqual([]);
      }
    });

    it("selects pods that it makes", () => {
      for (const { use, objects: all } of objects()) {
        const own = pods(all).map(({ namespace = use.namespace, labels }) => ({ namespace, labels }));
        const none = all.flatMap(({ kind, metadata, spec }) => {
          const { namespace = use.namespace } = metadata;
          const selector = kind === "Service" ? { matchLabels: spec.selector } : spec?.selector;
          const isSelecting = ["Service", "PodDisruptionBudget", "Deployment"].includes(kind);
          if (!isSelecting || (kind === "Service" && spec.selector === undefined)) return [];
          // Pods of Prometheus and Alertmanager are made by the operator, those of `kube-system` by the cluster.
          const isTheirs =
            "operator.prometheus.io/name" in (selector.matchLabels ?? {}) || isOperators(selector.matchLabels);
          if (isTheirs || namespace === "kube-system") return [];
          const found = own.some((pod) => pod.namespace === namespace && selects(selector, pod.labels));
          return found ? [] : [`${kind} ${metadata.name}`];
        });
        expect(none).toEqual([]);
      }
    });
  });
});

function isOperators(labels: Record<string, string> = {}): boolean {
  return ["prometheus", "alertmanager"].some((name) => labels["app.kubernetes.io/name"] === name || name in labels);
}

/** Pod templates among objects. */
function pods(objects: readonly ApiObject[]) {
  return objects.flatMap(({ kind, metadata, spec }) => {
    const template: Loose = kind === "CronJob" ? spec.jobTemplate.spec.template : spec?.template;
    if (!["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"].includes(kind)) return [];
    const labels = (template.metadata?.labels ?? {}) as Record<string, string>;
    return [
      { owner: `${kind} ${metadata.name}`, namespace: metadata.namespace, labels, spec: template.spec as PodSpec },
    ];
  });
}
