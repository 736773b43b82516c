/** The document's three values files, and what a stack's settings make of them. Pure. */
import type { Resources } from "../../settings/slices/fields.ts";
import type { AutoscalingRange } from "../../settings/slices/shape.ts";
import type { DotdoSetting } from "./settings.ts";

/** Seconds of a profile's probes. */
export interface ProbeTimes {
  /** A startup probe of five minutes before the others. */
  readonly slowStart: boolean;
  readonly livenessDelay: number;
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
  readonly maxConcurrent: number;
  readonly idleTimeout: number;
  readonly rpcTimeout: number;
  readonly logLevel: string;
  readonly probeTimes: ProbeTimes;
  /** Asks the registry at each start. */
  readonly alwaysPull: boolean;
  readonly reachesPostgres: boolean;
  readonly env: Record<string, string>;
  readonly podAnnotations: Record<string, string>;
  readonly serviceAnnotations: Record<string, string>;
}

export const ports = { http: 8787, rpc: 8788 };

/** Of every profile: with less the published image is killed while it starts, and is ready only with this much. */
const memory = { request: "1536Mi", limit: "2Gi" };

function resources(cpuRequest: string, cpuLimit: string): Resources {
  return { requests: { cpu: cpuRequest, memory: memory.request }, limits: { cpu: cpuLimit, memory: memory.limit } };
}

const standard: Profile = {
  repository: "ghcr.io/dot-do/dotdo",
  // The document scales by memory, too, of which the published image uses as much at rest.
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
    env: { FLY_REGION: "iad", FLY_APP_NAME: "dotdo" },
    podAnnotations: { "fly.io/regions": "iad,lax,fra,sin", "fly.io/machines": "true" },
    serviceAnnotations: { "fly.io/internal": "true" },
  },
};

/** The profile with the stack's own words over it. */
export function shapeOf(settings: DotdoSetting) {
  const profile = profiles[settings.profile];
  const { prometheus, ingress, podDisruptionBudget } = settings;
  const route = ingress === false || ingress === undefined ? undefined : { ...ingress };
  return {
    ...profile,
    repository: settings.image.repository ?? profile.repository,
    budget: podDisruptionBudget === false ? ("none" as const) : (podDisruptionBudget ?? profile.budget),
    linkerd: settings.linkerd ?? profile.linkerd,
    // The published image has no metrics: only a stack that says so is scraped.
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
