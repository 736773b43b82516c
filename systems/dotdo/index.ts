import * as pulumi from "@pulumi/pulumi";
import { RedisDatabase } from "../../components/cache/redis-database.ts";
import { outside, type Destination } from "../../components/network/connections.ts";
import { linkerdControlPlane, linkerdPort } from "../../components/network/linkerd.ts";
import { Route } from "../../components/network/route.ts";
import type { Site } from "../../components/platform/site.ts";
import { RotatingPassword } from "../../components/secrets/rotating-password.ts";
import { Bucket } from "../../components/storage/bucket.ts";
import { pullSecret } from "../../components/storage/pull-secret.ts";
import {
  ConfigObject,
  existingSecret,
  secretKey,
  SecretObject,
  type ConfigSource,
} from "../../components/workload/config-objects.ts";
import { Namespace } from "../../components/workload/namespace.ts";
import type { Container } from "../../components/workload/pod.ts";
import { samePort } from "../../components/workload/service.ts";
import { Workload, type Replicas } from "../../components/workload/workload.ts";
import type { Secrets } from "../../settings/secrets.ts";
import { dotdoMonitoring } from "./monitoring.ts";
import { shapeOf } from "./profiles.ts";
import type { DotdoSecrets, DotdoSetting } from "./settings.ts";

const ports = { http: 8787, rpc: 8788 };

/** What pods keep their objects in. */
interface Storage {
  readonly endpoint: string;
  readonly bucket: pulumi.Input<string>;
  readonly accessKey: pulumi.Output<string> | undefined;
  readonly secretKey: pulumi.Output<string> | undefined;
  readonly destination: Destination;
}

/**
 * dotdo: Durable Objects as ordinary pods without local state. The edge sends requests of one object to one pod while the
 * pods stay the same; pods call each other by RPC. State is at Turso, larger objects in a bucket.
 *
 * While pods come and go two of them may run one object: the application must guard its state. Source: the README of the
 * Helm chart `deploy/helm/dotdo`.
 */
export class Dotdo extends pulumi.ComponentResource {
  readonly outputs;
  readonly operatorSecrets: Record<string, pulumi.Output<string>> = {};

  constructor(
    name: string,
    settings: DotdoSetting,
    secrets: Secrets<DotdoSecrets>,
    site: Site,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("doks-systems:dotdo:Dotdo", name, { profile: settings.profile }, opts);
    const own = { parent: this };
    const shape = shapeOf(settings);
    const meshed = shape.linkerd && site.linkerd;
    const namespace = new Namespace(
      `${name}-namespace`,
      { setting: settings.namespace, holdsData: site.production && settings.redis !== false, meshed },
      own,
    );
    const place = { site, namespace };

    const storage = this.storage(name, settings, secrets, site);
    const redis = this.redis(name, settings, secrets, place);
    const apiKey =
      settings.apiKey === "generated"
        ? new RotatingPassword(`${name}-api-key`, { version: 1 }, own).current
        : secrets.apiKey;
    const credentials = this.credentials(name, settings, secrets, place, storage, redis, apiKey);
    const config = new ConfigObject(
      `${name}-config`,
      { ...place, objectName: "dotdo-config", data: configValues(settings, storage, redis) },
      own,
    );
    const pullSecrets = pullSecret(
      `${name}-regcred`,
      { ...place, objectName: "regcred", setting: settings.image.pullSecret, password: secrets.registryPassword },
      this,
    );

    const both = Object.entries(ports).map(([port, number]) => samePort(port, number));
    const annotations = shape.serviceAnnotations;
    const { tag } = settings.image;
    const workload = new Workload(
      `${name}-pods`,
      {
        ...place,
        workloadName: "dotdo",
        labels: { "app.kubernetes.io/name": "dotdo", "app.kubernetes.io/instance": "dotdo" },
        replicas: replicasOf(settings),
        update: { maxSurge: "25%", maxUnavailable: 0 },
        budget: shape.budget,
        services: [
          { serviceName: "dotdo", ports: both, annotations },
          { serviceName: "dotdo-headless", ports: both, headless: true, annotations },
        ],
        peerPorts: meshed ? [...Object.values(ports), linkerdPort] : Object.values(ports),
        connectsTo: [
          outside("turso", 443),
          storage.destination,
          ...(redis === undefined ? [] : [redis.endpoint]),
          ...(meshed ? [linkerdControlPlane] : []),
        ],
        pod: {
          extraLabels: {
            ...(tag.startsWith("sha256:") ? {} : { "app.kubernetes.io/version": tag.slice(0, 63) }),
            "app.kubernetes.io/managed-by": "pulumi",
          },
          annotations: {
            ...(shape.linkerd ? { "linkerd.io/inject": "enabled" } : {}),
            ...(shape.scrapeSeconds === undefined
              ? {}
              : {
                  "prometheus.io/scrape": "true",
                  "prometheus.io/port": String(ports.http),
                  "prometheus.io/path": "/metrics",
                }),
            ...shape.podAnnotations,
          },
          user: { uid: 1000, gid: 1000 },
          graceSeconds: 60,
          imagePullSecrets: pullSecrets,
          nodeSelector: site.nodeSelector(settings.pool),
          containers: [container(settings, config, credentials)],
        },
      },
      own,
    );
    dotdoMonitoring(name, settings, place, workload, this);
    const { route } = shape;
    if (route !== undefined && site.edge !== undefined) {
      new Route(
        `${name}-route`,
        {
          ...place,
          edge: site.edge,
          routeName: "dotdo",
          tlsSecretName: "dotdo-tls",
          maxBodyMiB: shape.maxBodyMiB,
          timeoutSeconds: route.timeoutSeconds,
          groups: [
            {
              name: "dotdo",
              hosts: [route.host],
              rules: [{ path: "/", to: workload, webSockets: route.webSockets, hashHeader: "X-DO-ID" }],
            },
          ],
          hiddenPaths: ["/metrics"],
        },
        own,
      );
    }

    this.outputs = {
      url: route === undefined ? undefined : `https://${route.host}`,
      namespace: namespace.namespaceName,
      services: workload.services.map(({ serviceName }) => serviceName),
      bucket: storage.bucket,
    };
    if (settings.apiKey === "generated" && apiKey !== undefined) this.operatorSecrets = { "api-key": apiKey };
    this.registerOutputs({ namespace: namespace.namespaceName });
  }

  private storage(name: string, { storage }: DotdoSetting, secrets: Secrets<DotdoSecrets>, site: Site): Storage {
    if (storage.kind === "r2") {
      const { endpoint, bucket } = storage;
      const { port, protocol } = new URL(endpoint);
      const destination = outside("r2", Number(port) || (protocol === "http:" ? 80 : 443));
      return { endpoint, bucket, accessKey: secrets.r2?.key, secretKey: secrets.r2?.secret, destination };
    }
    const args = { site, setting: storage.bucket, existingKey: secrets.r2 };
    const bucket = new Bucket(`${name}-bucket`, args, { parent: this });
    const { endpoint, bucketName, accessKey, secretKey: secret, destination } = bucket;
    return { endpoint, bucket: bucketName, accessKey, secretKey: secret, destination };
  }

  private redis(
    name: string,
    { redis, pool }: DotdoSetting,
    secrets: Secrets<DotdoSecrets>,
    place: { site: Site; namespace: Namespace },
  ): RedisDatabase | undefined {
    if (redis === false) return undefined;
    return new RedisDatabase(
      `${name}-redis`,
      {
        ...place,
        setting: redis,
        serverName: "dotdo-redis",
        serviceName: "dotdo-redis",
        claimName: "data",
        // Its password comes apart from its URL, which names no user.
        user: "default",
        pool,
        // Where somebody else keeps the Secret, the password is in it.
        existingPassword: secrets.redisPassword ?? pulumi.secret(""),
      },
      { parent: this },
    );
  }

  private credentials(
    name: string,
    settings: DotdoSetting,
    secrets: Secrets<DotdoSecrets>,
    place: { site: Site; namespace: Namespace },
    storage: Storage,
    redis: RedisDatabase | undefined,
    apiKey: pulumi.Output<string> | undefined,
  ): ConfigSource {
    if (settings.secrets.kind === "existing") return existingSecret(settings.secrets.secretName);
    const { tursoToken } = secrets;
    if (tursoToken === undefined || storage.accessKey === undefined || storage.secretKey === undefined) {
      throw new Error(`${name}: Turso's token or the bucket's key is missing`);
    }
    const values = {
      "turso-token": tursoToken,
      "r2-access-key": storage.accessKey,
      "r2-secret-key": storage.secretKey,
      ...(redis === undefined ? {} : { "redis-password": redis.connection.password }),
      ...(apiKey === undefined ? {} : { "api-key": apiKey }),
    };
    return new SecretObject(`${name}-secrets`, { ...place, objectName: "dotdo-secrets", values }, { parent: this });
  }
}

function configValues(
  settings: DotdoSetting,
  storage: Storage,
  redis: RedisDatabase | undefined,
): Record<string, pulumi.Input<string>> {
  const { maxConcurrent, idleTimeout, rpcTimeout, logLevel, env } = shapeOf(settings);
  return {
    TURSO_URL: settings.tursoUrl,
    R2_ENDPOINT: storage.endpoint,
    R2_BUCKET: storage.bucket,
    ...(redis === undefined ? {} : { REDIS_URL: redis.address }),
    DO_MAX_CONCURRENT: String(maxConcurrent),
    DO_IDLE_TIMEOUT: String(idleTimeout),
    DO_RPC_TIMEOUT: String(rpcTimeout),
    NODE_ENV: "production",
    LOG_LEVEL: logLevel,
    SERVICE_NAME: "dotdo",
    HEADLESS_SERVICE: "dotdo-headless",
    SERVICE_PORT: String(ports.http),
    RPC_PORT: String(ports.rpc),
    ...env,
    ...settings.env,
  };
}

function container(settings: DotdoSetting, config: ConfigObject, credentials: ConfigSource): Container {
  const shape = shapeOf(settings);
  const { tag } = settings.image;
  const http = (path: string) => ({ httpGet: { path, port: "http" } });
  // The production profile gives everything twice the time.
  const slow = shape.slowStart;
  return {
    name: "dotdo",
    image: `${shape.repository}${tag.startsWith("sha256:") ? "@" : ":"}${tag}`,
    envFrom: [config],
    env: {
      TURSO_TOKEN: secretKey(credentials, "turso-token"),
      R2_ACCESS_KEY: secretKey(credentials, "r2-access-key"),
      R2_SECRET_KEY: secretKey(credentials, "r2-secret-key"),
      REDIS_PASSWORD: secretKey(credentials, "redis-password", { optional: true }),
      API_KEY: secretKey(credentials, "api-key", { optional: true }),
      POD_NAME: { fieldPath: "metadata.name" },
      POD_IP: { fieldPath: "status.podIP" },
      POD_NAMESPACE: { fieldPath: "metadata.namespace" },
    },
    ports,
    resources: shape.resources,
    ...(slow ? { startup: { ...http("/health"), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 60 } } : {}),
    liveness: {
      ...http("/health"),
      initialDelaySeconds: slow ? 15 : 10,
      periodSeconds: slow ? 15 : 10,
      timeoutSeconds: slow ? 10 : 5,
      failureThreshold: slow ? 5 : 3,
    },
    readiness: {
      ...http("/ready"),
      initialDelaySeconds: slow ? 10 : 5,
      periodSeconds: slow ? 10 : 5,
      timeoutSeconds: slow ? 5 : 3,
      failureThreshold: 3,
    },
    // Until every proxy knows that this pod leaves the ring.
    lifecycle: { preStop: { sleep: { seconds: 15 } } },
    mounts: [
      { path: "/tmp", volume: { kind: "scratch", name: "tmp", sizeLimit: "256Mi" } },
      { path: "/home/node/.cache", volume: { kind: "scratch", name: "cache", sizeLimit: "256Mi" } },
    ],
  };
}

function replicasOf(settings: DotdoSetting): Replicas {
  const { scaling, replicas, podMetrics } = shapeOf(settings);
  if (scaling === undefined) return replicas;
  return {
    ...scaling,
    podMetrics,
    behavior: {
      scaleDown: {
        stabilizationWindowSeconds: 300,
        selectPolicy: "Min",
        policies: [
          { type: "Percent", value: 10, periodSeconds: 60 },
          { type: "Pods", value: 5, periodSeconds: 60 },
        ],
      },
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: "Max",
        policies: [
          { type: "Percent", value: 100, periodSeconds: 15 },
          { type: "Pods", value: 10, periodSeconds: 15 },
        ],
      },
    },
  };
}
