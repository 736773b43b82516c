/** Rules about `workloads.<name>`, the settings that every workload has. Each rule returns problems and never throws. */
import { metadataRange, ownRanges } from "../../catalogue/networks.ts";
import { readdirSync, statSync } from "node:fs";
import { basename } from "node:path";
import { hasTag, tagOf, isMovingTag } from "../../catalogue/image.ts";
import { overlap, parseBlock, within } from "../../catalogue/addresses.ts";
import { mebibytes, milliCpu } from "../../catalogue/quantity.ts";
import { shown, type Problem } from "../reading/error.ts";
import { objectLimit } from "../../catalogue/kubernetes.ts";
import { settingPath } from "../reading/paths.ts";
import { settingsName } from "../../catalogue/names.ts";
import type { Shape } from "../slices/shape.ts";
import type { FileSource, WorkloadSetting } from "../slices/workload.ts";

interface Workload {
  /** Path of its settings, `doks-systems:gx.workloads.svc-identity`. */
  readonly path: string;
  /** The workload as the system has it, with the stack's settings applied. */
  readonly shape: Shape;
  /** The stack's settings alone. */
  readonly setting: WorkloadSetting;
}

type Rule = (workload: Workload) => Problem[];

/** All problems with the workloads of one system. */
export function checkWorkloads(
  key: string,
  production: boolean,
  shapes: Readonly<Record<string, Shape>>,
  settings: Readonly<Record<string, WorkloadSetting | undefined>>,
): Problem[] {
  return Object.entries(shapes).flatMap(([name, shape]) => {
    const workload = { path: workloadPath(key, name), shape, setting: settings[settingsName(name)] ?? {} };
    return [...rules, ...(production ? [movingTags] : [])].flatMap((rule) => rule(workload));
  });
}

/** Path of the settings of a workload, `doks-systems:gx.workloads.svc-identity`. */
export function workloadPath(key: string, name: string): string {
  return settingPath(key, ["workloads", settingsName(name)]);
}

const sizes: Rule = ({ path, shape: { resources } }) =>
  (["cpu", "memory"] as const).flatMap((what) => {
    const [asked, limit] = [resources.requests[what], resources.limits[what]];
    const amount = what === "cpu" ? milliCpu : mebibytes;
    if (amount(asked) <= amount(limit)) return [];
    const problem = `is more than the limit of ${limit}`;
    const fix = `use at most ${limit}, or raise resources.limits.${what}`;
    return [{ path: `${path}.resources.requests.${what}`, value: shown(asked), problem, fix }];
  });

const counts: Rule = ({ path, shape, setting }) => {
  const { replicas, autoscaling } = setting;
  const problems: Problem[] = [];
  const at = (field: string, value: unknown, problem: string, fix: string) =>
    problems.push({ path: `${path}.${field}`, value: shown(value), problem, fix });
  const several = typeof autoscaling === "object" || (replicas ?? 1) > 1;
  const field = typeof autoscaling === "object" ? "autoscaling" : "replicas";
  if (replicas !== undefined && typeof autoscaling === "object")
    at("autoscaling", autoscaling, "is set beside replicas", "give a fixed count or a range, not both");
  else if (shape.kind !== "deployment" && (replicas !== undefined || autoscaling !== undefined))
    at(
      autoscaling === undefined ? "replicas" : "autoscaling",
      autoscaling ?? replicas,
      shape.kind === "task" ? "is not for a task, which runs once" : "is not for a data service",
      shape.kind === "task" ? "remove it" : "remove it; the count of a data service's servers is its own setting",
    );
  else if (several && shape.single !== undefined)
    at(field, setting[field], `is more than one pod: ${shape.single}`, "leave it at 1");
  if (typeof shape.replicas === "object" && shape.replicas.min > shape.replicas.max)
    at("autoscaling.min", shape.replicas.min, `is more than max, ${shape.replicas.max}`, "make max at least as large");
  return problems;
};

const stopping: Rule = ({ path, shape: { preStopSeconds, graceSeconds } }) =>
  preStopSeconds < graceSeconds
    ? []
    : [
        {
          path: `${path}.preStopSeconds`,
          value: shown(preStopSeconds),
          problem: `leaves nothing of graceSeconds, ${graceSeconds}, to stop in`,
          fix: "make graceSeconds larger",
        },
      ];

const probes: Rule = ({ path, shape }) =>
  Object.entries(shape.probes).flatMap(([kind, { http, tcp, exec, successThreshold = 1 }]) => {
    const at = `${path}.probes.${kind}`;
    if (kind !== "readiness" && successThreshold > 1) {
      const problem = "is more than Kubernetes takes of this probe";
      return [{ path: `${at}.successThreshold`, value: shown(successThreshold), problem, fix: "leave it at 1" }];
    }
    if (http === undefined && tcp === undefined && exec === undefined) {
      return [{ path: at, value: "timings", problem: "has no handler", fix: "add http, tcp or exec" }];
    }
    if (exec !== undefined) return [];
    const port = http === undefined ? tcp : http.port;
    const known = Object.entries(shape.ports);
    if (known.some(([name, number]) => port === name || port === number)) return [];
    const fix =
      known.length === 0 ? "" : `use ${known.map(([name, number]) => `${name} (${number})`).join(" or ")}, or `;
    return [
      {
        path: `${at}.${http === undefined ? "tcp" : "http.port"}`,
        value: shown(port),
        problem: "is not a port of this workload",
        fix: `${fix}add it to ports`,
      },
    ];
  });

const paths: Rule = ({ path, shape, setting }) => {
  const taken: [string, string][] = [
    ...shape.mounts.map((mount): [string, string] => [mount, "what is mounted"]),
    ...Object.keys(shape.files).map((file): [string, string] => [file, "its files"]),
  ];
  const inside = (a: string, b: string) => a === b || a.startsWith(`${b}/`);
  const clash = (field: "writable" | "files", one: string): Problem[] => {
    const others = taken.filter(([other, what]) => !(field === "files" && what === "its files" && other === one));
    const found = others.find(([other]) => inside(one, other) || inside(other, one));
    if (found === undefined) return [];
    const fix = "use another path";
    return [
      { path: `${path}.${field}["${one}"]`, value: shown(one), problem: `covers ${found[1]} at ${found[0]}`, fix },
    ];
  };
  const writable = Object.entries(setting.writable ?? {}).filter(([, size]) => size !== false);
  return [
    ...writable.flatMap(([one]) => clash("writable", one)),
    ...Object.keys(setting.files ?? {}).flatMap((one) => [...clash("files", one), ...nested(one, shape, path)]),
  ];
};

/** A writable folder cannot lie below mounted files, because those are read-only. */
function nested(file: string, { writable }: Shape, path: string): Problem[] {
  const found = Object.keys(writable).find((one) => one === file || one.startsWith(`${file}/`));
  if (found === undefined) return [];
  const problem = found === file ? "is a folder that may be written, too" : `covers ${found}, which may be written`;
  return [{ path: `${path}.files["${file}"]`, value: shown(file), problem, fix: "use another path" }];
}

const fileContents: Rule = ({ path, setting }) =>
  Object.entries(setting.files ?? {}).flatMap(([target, source]) =>
    filesOf(source).flatMap(([name, size]): Problem[] => {
      const at = { path: `${path}.files["${target}"]`, value: shown(name) };
      if (!/^[-._A-Za-z0-9]{1,253}$/.test(basename(name))) {
        const fix = "use letters, digits, dots, dashes and underscores";
        return [{ ...at, problem: "has a name that no object of Kubernetes takes", fix }];
      }
      if (size === undefined)
        return [{ ...at, problem: "cannot be read", fix: "name a file or folder of the project" }];
      if (size <= objectLimit) return [];
      const problem = `has ${size} bytes, and Kubernetes keeps at most ${objectLimit} in one object`;
      return [{ ...at, problem, fix: "bring it in the image, or fetch it at start into a writable folder" }];
    }),
  );

/** Name and size in bytes of each file; undefined as the size of one that cannot be read. */
function filesOf(source: FileSource): [string, number | undefined][] {
  try {
    if ("file" in source) {
      const stats = statSync(source.file);
      return [[source.file, stats.isFile() ? stats.size : undefined]];
    }
    if (!("folder" in source)) return [];
    const names = readdirSync(source.folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    if (names.length === 0) return [[source.folder, undefined]];
    return names.map(({ name }) => [`${source.folder}/${name}`, statSync(`${source.folder}/${name}`).size]);
  } catch {
    return [["file" in source ? source.file : "folder" in source ? source.folder : "", undefined]];
  }
}

const environment: Rule = ({ path, shape, setting }) =>
  Object.entries(setting.env ?? {}).flatMap(([name, value]) => {
    if (typeof value !== "string" || !shape.secretEnv.includes(name)) return [];
    return [
      {
        path: `${path}.env.${name}`,
        value: "text",
        problem: "is given twice: this workload takes it from a Secret",
        fix: "remove it, or name a key of an existing Secret: {secret: …, key: …}",
      },
    ];
  });

const image: Rule = ({ path, setting }) =>
  setting.image !== undefined && setting.tag !== undefined && hasTag(setting.image)
    ? [
        {
          path: `${path}.tag`,
          value: shown(setting.tag),
          problem: `is given twice: the image ${setting.image} has one`,
          fix: "remove one of the two",
        },
      ]
    : [];

const movingTags: Rule = ({ path, setting }) => {
  // With a digest, an image stays the same even if its tag moves.
  const inImage = setting.image?.includes("@") === false ? tagOf(setting.image) : undefined;
  return (["tag", "image"] as const).flatMap((field) => {
    const tag = field === "tag" ? setting.tag : inImage;
    if (tag === undefined || !isMovingTag(tag)) return [];
    const problem = "is a tag that moves, so production could not be rolled back to it";
    return [{ path: `${path}.${field}`, value: shown(tag), problem, fix: "use a commit id or a version" }];
  });
};

const metadata = parseBlock(metadataRange);
const privateBlocks = ownRanges.map(parseBlock);

const reaching: Rule = ({ path, shape: { reaches } }) =>
  Object.entries(reaches).flatMap(([name, to]) => {
    if (to.kind === "pods") return [];
    return (to.addresses ?? []).flatMap((address): Problem[] => {
      const at = { path: `${path}.reaches.${name}.addresses`, value: shown(address) };
      const block = parseBlock(address);
      if (overlap(block, metadata)) {
        const problem = "is where cloud metadata is, with its credentials, or has that in it";
        return [{ ...at, problem, fix: "remove it; without addresses, kind internet is all but private ranges" }];
      }
      const inside = privateBlocks.some((one) => within(block, one));
      if (to.kind === "private") {
        return inside
          ? []
          : [{ ...at, problem: "is not a private range", fix: "use kind: internet, or a smaller range" }];
      }
      return privateBlocks.some((one) => overlap(block, one))
        ? [{ ...at, problem: "is a private range, or has one in it", fix: "say so: kind: private" }]
        : [];
    });
  });

/** Two ports of a workload cannot have the same number. */
const ports: Rule = ({ path, shape, setting }) =>
  Object.entries(setting.ports ?? {}).flatMap(([name, number]) => {
    const other = Object.entries(shape.ports).find(([known, taken]) => known !== name && taken === number);
    if (other === undefined) return [];
    const problem = `is the port ${other[0]}, too`;
    return [{ path: `${path}.ports.${name}`, value: shown(number), problem, fix: "use another port" }];
  });

const visitors: Rule = ({ path, shape, setting }) =>
  Object.keys(setting.reachedBy ?? {}).length === 0 || Object.keys(shape.ports).length > 0
    ? []
    : [
        {
          path: `${path}.reachedBy`,
          value: shown(Object.keys(setting.reachedBy ?? {})),
          problem: "cannot be: this workload listens on no port",
          fix: "remove it, or add the port to ports",
        },
      ];

const runningBefore: Rule = ({ path, shape: { kind, running }, setting }) => {
  if (running === undefined) return [];
  const at = (field: string, value: unknown, problem: string, fix: string): Problem[] => [
    { path: `${path}.running${field}`, value: shown(value), problem, fix },
  ];
  if (kind === "task") return at("", setting.running, "is not for a task: each run is a new object", "remove it");
  const [field] = (["serviceName", "headless", "podManagement", "claims"] as const).filter(
    (one) => running[one] !== undefined,
  );
  if (kind === "deployment" && field !== undefined)
    return at(`.${field}`, running[field], "is not for a Deployment", "give its selector alone");
  return [];
};

const rules: readonly Rule[] = [
  runningBefore,
  sizes,
  counts,
  stopping,
  probes,
  paths,
  fileContents,
  environment,
  image,
  reaching,
  visitors,
  ports,
];
