/**
 * Charts that stacks install, from copies that somebody provides: `CHARTS` names a folder with a folder or an archive of each,
 * as `helm pull` leaves them. Those that are in a Go module come from there.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import type { ApiObject } from "../../../sandbox/control-plane/client.ts";
import { isInModule, publishedChart } from "../../../sandbox/edge/charts.ts";
import { hasGo, tool } from "../../../sandbox/tools.ts";
import { folder as newFolder } from "../servers/servers.ts";
import type { Loose, RenderedStack } from "../stack.ts";

/** A chart with the values that a stack gives it. */
export interface Installed {
  readonly chart: string;
  readonly version: string;
  readonly release: string;
  readonly namespace: string;
  readonly values: Values;
}

export type Values = Readonly<Record<string, unknown>>;

/** All charts of a stack. */
export function chartsOf(stack: RenderedStack): Installed[] {
  const releases = stack.rendering.resources.filter(({ type }) => type.startsWith("kubernetes:helm.sh/"));
  return releases.map(({ inputs, name }: Loose) => ({
    chart: inputs.chart.split("/").at(-1),
    version: inputs.version,
    release: inputs.name ?? name,
    namespace: inputs.namespace ?? "default",
    values: inputs.values,
  }));
}

/** Folder of a chart; undefined where nobody provides one, or where there is no Go to build Helm with. */
export function chartFolder(chart: string, version: string): string | undefined {
  if (!hasGo()) return undefined;
  if (isInModule(chart)) return publishedChart(chart, newFolder("chart"));
  const { CHARTS: folder } = process.env;
  if (folder === undefined) return undefined;
  const archive = join(folder, `${chart}-${version}.tgz`);
  if (!existsSync(archive)) return existsSync(join(folder, chart)) ? join(folder, chart) : undefined;
  const place = newFolder("chart");
  execFileSync("tar", ["-xzf", archive, "-C", place]);
  return join(place, chart);
}

/** Objects that Helm renders of a chart, those of its hooks too. */
export function rendered({ release, namespace, values }: Installed, folder: string): ApiObject[] {
  const place = ["--namespace", namespace, "--kube-version", "v1.36.0", "--values", "-"];
  // Kinds by which charts decide what to make.
  const kinds = ["monitoring.coreos.com/v1", "gateway.networking.k8s.io/v1"].flatMap((one) => ["--api-versions", one]);
  const input = JSON.stringify(values);
  const text = execFileSync(tool("helm"), ["template", release, folder, ...place, ...kinds], {
    ...{ input, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["pipe", "pipe", "pipe"] },
  });
  return parseAllDocuments(text).flatMap((document) => (document.toJS() as ApiObject | null) ?? []);
}

/** Version that a chart says of itself. */
export function versionOf(folder: string): string {
  return (parse(readFileSync(join(folder, "Chart.yaml"), "utf8")) as { version: string }).version;
}

/** The values of a chart and of those in it: those that it has by default, and those that only its templates name. */
export function defaultsOf(folder: string): Values {
  const file = join(folder, "values.yaml");
  const own = existsSync(file) ? ((parse(readFileSync(file, "utf8")) ?? {}) as Values) : {};
  const templates = join(folder, "templates");
  const texts = existsSync(templates) ? readdirSync(templates, { recursive: true, withFileTypes: true }) : [];
  const named = texts
    .filter((entry) => entry.isFile())
    .flatMap(
      (entry) => readFileSync(join(entry.parentPath, entry.name), "utf8").match(/(?<=\.Values\.)[\w.]+\w/g) ?? [],
    )
    .map((path) => path.split(".").reduceRight<unknown>((below, key) => ({ [key]: below }), null) as Values);
  const inner = join(folder, "charts");
  const names = existsSync(inner) ? readdirSync(inner) : [];
  const others = names.map((name) => ({ [name]: defaultsOf(join(inner, name)) }));
  return [...others, ...named].reduce((sum, one) => merged(one, sum), own);
}

function merged(below: Values, above: Values): Values {
  const both = Object.entries(above).map(([key, value]): [string, unknown] => {
    const other = below[key];
    return [key, isMap(value) && isMap(other) ? merged(other, value) : value];
  });
  return { ...below, ...Object.fromEntries(both) };
}

export function isMap(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
