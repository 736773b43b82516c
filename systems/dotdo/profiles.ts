/** The document's three values files, and what a stack's settings make of them. Pure. */
import type { Resources } from "../../settings/fields.ts";
import type { DotdoSetting } from "./settings.ts";

interface Profile {
  readonly repository: string;
  readonly replicas: number;
  readonly scaling: { min: number; max: number; cpuPercent: number; memoryPercent: number };
  readonly targets: { activeInstances: string };
  readonly budget: { minAvailable: number };
  readonly resources: Resources;
  readonly linkerd: boolean;
  readonly scrapeSeconds: number | undefined;
  readonly maxBodyMiB: number;
  readonly maxConcurrent: number;
  readonly idleTimeout: number;
  readonly rpcTimeout: number;
  readonly logLevel: string;
  readonly slowStart: boolean;
  readonly env: Record<string, string>;
  readonly podAnnotations: Record<string, string>;
  readonly serviceAnnotations: Record<string, string>;
}

const standard: Profile = {
  repository: "ghcr.io/dot-do/dotdo",
  replicas: 3,
  scaling: { min: 2, max: 100, cpuPercent: 70, memoryPercent: 80 },
  targets: { activeInstances: "1000" },
  budget: { minAvailable: 1 },
  resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1000m", memory: "512Mi" } },
  linkerd: true,
  scrapeSeconds: 30,
  maxBodyMiB: 50,
  maxConcurrent: 1000,
  idleTimeout: 60_000,
  rpcTimeout: 30_000,
  logLevel: "info",
  slowStart: false,
  env: {},
  podAnnotations: {},
  serviceAnnotations: {},
};

const profiles: Record<DotdoSetting["profile"], Profile> = {
  default: standard,
  production: {
    ...standard,
    replicas: 5,
    scaling: { min: 5, max: 200, cpuPercent: 60, memoryPercent: 70 },
    targets: { activeInstances: "2000" },
    budget: { minAvailable: 3 },
    resources: { requests: { cpu: "500m", memory: "256Mi" }, limits: { cpu: "2000m", memory: "1Gi" } },
    scrapeSeconds: 15,
    maxBodyMiB: 100,
    maxConcurrent: 5000,
    idleTimeout: 120_000,
    rpcTimeout: 60_000,
    logLevel: "warn",
    slowStart: true,
  },
  fly: {
    ...standard,
    repository: "registry.fly.io/dotdo",
    scaling: { ...standard.scaling, max: 50 },
    resources: { requests: { cpu: "256m", memory: "256Mi" }, limits: { cpu: "2000m", memory: "1Gi" } },
    linkerd: false,
    scrapeSeconds: undefined,
    env: { FLY_REGION: "iad", FLY_APP_NAME: "dotdo" },
    podAnnotations: { "fly.io/regions": "iad,lax,fra,sin", "fly.io/machines": "true" },
    serviceAnnotations: { "fly.io/internal": "true" },
  },
};

/** The profile with the stack's own words over it. */
export function shapeOf(settings: DotdoSetting) {
  const profile = profiles[settings.profile];
  const { autoscaling, prometheus, ingress, podDisruptionBudget } = settings;
  const scaling = autoscaling === false ? undefined : { ...profile.scaling, ...given(autoscaling) };
  const route = ingress === false || ingress === undefined ? undefined : { ...ingress };
  return {
    ...profile,
    repository: settings.image.repository ?? profile.repository,
    replicas: settings.replicaCount ?? profile.replicas,
    scaling,
    podMetrics: autoscaling === false ? {} : podMetrics(autoscaling.customMetrics, profile),
    budget: podDisruptionBudget === false ? ("none" as const) : (podDisruptionBudget ?? profile.budget),
    resources: settings.resources ?? profile.resources,
    linkerd: settings.linkerd ?? profile.linkerd,
    scrapeSeconds:
      prometheus === false
        ? undefined
        : (prometheus?.intervalSeconds ?? profile.scrapeSeconds ?? defaultScrape(prometheus)),
    route,
    maxBodyMiB: route?.maxBodyMiB ?? profile.maxBodyMiB,
    maxConcurrent: settings.maxConcurrent ?? profile.maxConcurrent,
    idleTimeout: settings.idleTimeout ?? profile.idleTimeout,
    rpcTimeout: settings.rpcTimeout ?? profile.rpcTimeout,
    logLevel: settings.logLevel ?? profile.logLevel,
  };
}

function given({ min, max, cpuPercent, memoryPercent }: Exclude<DotdoSetting["autoscaling"], false>) {
  return {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(cpuPercent === undefined ? {} : { cpuPercent }),
    ...(memoryPercent === undefined ? {} : { memoryPercent }),
  };
}

function podMetrics(
  custom: Exclude<DotdoSetting["autoscaling"], false>["customMetrics"],
  profile: Profile,
): Record<string, string> {
  if (custom === false) return {};
  return {
    dotdo_active_instances: custom.activeInstances ?? profile.targets.activeInstances,
    ...(custom.requestsPerSecond === false ? {} : { dotdo_requests_per_second: custom.requestsPerSecond }),
  };
}

/** A stack that asks for Prometheus gets it even where its profile has none. */
function defaultScrape(prometheus: DotdoSetting["prometheus"]): number | undefined {
  return prometheus === undefined ? undefined : standard.scrapeSeconds;
}
