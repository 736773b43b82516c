/** The three values files of the Helm chart as profiles, with a stack's settings applied to one of them. Pure. */
import type { Resources } from "../../settings/slices/fields.ts";
import type { AutoscalingRange } from "../../settings/slices/shape.ts";
import type { DotdoSetting } from "./settings.ts";

/** Timings of a profile's probes. */
export interface ProbeTimes {
  /** Whether a startup probe allows five minutes before the others begin, which are then slower as well. */
  readonly slowStart: boolean;
  /** Seconds before the first liveness probe. */
  readonly livenessDelay: number;
  /** Seconds before the first readiness probe. */
  readonly readinessDelay: number;
}

interface Profile {
  readonly repository: string;
  readonly scaling: AutoscalingRange;
  readonly budget: { minAvailable: number };
  readonly resources: Resources;
  readonly linkerd: boolean;
  readonly scrapeSeconds: number;
  readonly maxBodyMiB: number;
  /** Durable Objects that a pod runs at once. */
  readonly maxConcurrent: number;
  /** Milliseconds until an idle object is unloaded. */
  readonly idleTimeout: number;
  /** Milliseconds that a call to another pod may take. */
  readonly rpcTimeout: number;
  readonly logLevel: string;
  readonly probeTimes: ProbeTimes;
  /** Whether nodes ask the registry at each start of a pod. */
  readonly alwaysPull: boolean;
  /** Whether every pod of the cluster may call the HTTP port: the values file has no public host, and no NetworkPolicy. */
  readonly calledInCluster: boolean;
  /** Whether the pods may connect to PostgreSQL servers on the internet. */
  readonly reachesPostgres: boolean;
  readonly env: Record<string, string>;
  readonly podAnnotations: Record<string, string>;
  readonly serviceAnnotations: Record<string, string>;
}

export const ports = { http: 8787, rpc: 8788 };

/** Memory in every profile: with the smaller limits of the chart the published image is killed while it starts. */
const memory = { request: "1536Mi", limit: "2Gi" };

function resources(cpuRequest: string, cpuLimit: string): Resources {
  return { requests: { cpu: cpuRequest, memory: memory.request }, limits: { cpu: cpuLimit, memory: memory.limit } };
}

const standard: Profile = {
  repository: "ghcr.io/dot-do/dotdo",
  // The chart also scales by memory. The published image uses more than that target at rest, so here memory does not count.
  scaling: { min: 2, max: 100, cpuPercent: 70, memoryPercent: false, fixed: 3 },
  budget: { minAvailable: 1 },
  resources: resources("100m", "1000m"),
  linkerd: true,
  scrapeSeconds: 30,
  maxBodyMiB: 50,
  maxConcurrent: 1000,
  idleTimeout: 60_000,
  rpcTimeout: 30_000,
  logLevel: "info",
  probeTimes: { slowStart: false, livenessDelay: 10, readinessDelay: 5 },
  alwaysPull: false,
  calledInCluster: false,
  reachesPostgres: false,
  env: {},
  podAnnotations: {},
  serviceAnnotations: {},
};

const profiles: Record<DotdoSetting["profile"], Profile> = {
  default: standard,
  production: {
    ...standard,
    scaling: { ...standard.scaling, min: 5, max: 200, cpuPercent: 60, fixed: 5 },
    budget: { minAvailable: 3 },
    resources: resources("500m", "2000m"),
    scrapeSeconds: 15,
    maxBodyMiB: 100,
    maxConcurrent: 5000,
    idleTimeout: 120_000,
    rpcTimeout: 60_000,
    logLevel: "warn",
    // Everything takes twice the time.
    probeTimes: { slowStart: true, livenessDelay: 15, readinessDelay: 10 },
    alwaysPull: true,
    reachesPostgres: true,
  },
  fly: {
    ...standard,
    repository: "registry.fly.io/dotdo",
    scaling: { ...standard.scaling, max: 50 },
    resources: resources("256m", "2000m"),
    linkerd: false,
    probeTimes: { slowStart: false, livenessDelay: 5, readinessDelay: 3 },
    alwaysPull: true,
    calledInCluster: true,
    env: { FLY_REGION: "iad", FLY_APP_NAME: "dotdo" },
    podAnnotations: { "fly.io/regions": "iad,lax,fra,sin", "fly.io/machines": "true" },
    serviceAnnotations: { "fly.io/internal": "true" },
  },
};

/** The profile that a stack chose, with the stack's settings in place of the profile's values. */
export function shapeOf(settings: DotdoSetting) {
  const profile = profiles[settings.profile];
  const { prometheus, ingress, podDisruptionBudget } = settings;
  const route = ingress === false || ingress === undefined ? undefined : { ...ingress };
  return {
    ...profile,
    repository: settings.image.repository ?? profile.repository,
    budget: podDisruptionBudget === false ? ("none" as const) : (podDisruptionBudget ?? profile.budget),
    linkerd: settings.linkerd ?? profile.linkerd,
    // The published image has no metrics, so Prometheus scrapes only if the settings ask for it.
    scrapeSeconds:
      prometheus === undefined || prometheus === false
        ? undefined
        : (prometheus.intervalSeconds ?? profile.scrapeSeconds),
    route,
    maxBodyMiB: route?.maxBodyMiB ?? profile.maxBodyMiB,
    maxConcurrent: settings.maxConcurrent ?? profile.maxConcurrent,
    idleTimeout: settings.idleTimeout ?? profile.idleTimeout,
    rpcTimeout: settings.rpcTimeout ?? profile.rpcTimeout,
    logLevel: settings.logLevel ?? profile.logLevel,
  };
}
