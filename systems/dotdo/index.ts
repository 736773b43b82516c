import type * as pulumi from "@pulumi/pulumi";
import type { RedisDatabase } from "../../components/cache/redis-database.ts";
import { portOf } from "../../catalogue/addresses.ts";
import { outside } from "../../components/connections/destinations.ts";
import { System } from "../../components/platform/system.ts";
import type { Site } from "../../components/site/site.ts";
import { Bucket } from "../../components/storage/bucket.ts";
import type { ConfigSource } from "../../components/site/config-source.ts";
import { samePort } from "../../components/workload/service.ts";
import type { Secrets, SystemOn } from "../../settings/secrets.ts";
import { dotdoMonitoring } from "./monitoring.ts";
import { configValues, container, scalingBehavior, type Storage } from "./pod.ts";
import { ports, shapeOf } from "./profiles.ts";
import type { DotdoSecrets, DotdoSetting } from "./settings.ts";

/** Labels of every object. They also select the pods, so they cannot be changed. */
const labels = { "app.kubernetes.io/name": "dotdo", "app.kubernetes.io/instance": "dotdo" };

/**
 * dotdo: Durable Objects in ordinary pods without volumes. As long as the pods stay the same, the edge sends all requests for an
 * object to the same pod; pods call each other by RPC. State is kept by Turso, large objects in a bucket.
 *
 * While pods are added or removed, two of them may run the same object, so the application must protect its state itself.
 * Source: the README of the Helm chart `deploy/helm/dotdo`.
 */
export class Dotdo extends System {
  readonly outputs;
  readonly operatorSecrets;

  constructor(
    name: string,
    on: SystemOn<DotdoSetting, DotdoSecrets>,
    site: Site,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { settings, secrets } = on;
    const shape = shapeOf(settings);
    const meshed = shape.linkerd && site.linkerd;
    super("doks-systems:dotdo:Dotdo", name, { ...on, site, holdsData: settings.redis !== false, meshed, labels }, opts);
    const { place } = this;

    const storage = this.storage(name, settings, secrets);
    const redis =
      settings.redis === false
        ? undefined
        : this.redis({ setting: settings.redis, serverName: "dotdo-redis" }, "dotdo-secrets");
    const apiKey = settings.apiKey === "generated" ? this.generated("api-key", secrets.apiKey) : secrets.apiKey;
    const credentials = this.credentials(name, secrets, storage, redis, apiKey);
    const config = this.configObject("dotdo-config", configValues(settings, storage, redis));
    const both = Object.entries(ports).map(([port, number]) => samePort(port, number));
    const annotations = shape.serviceAnnotations;
    const { tag } = settings.image;
    const workload = this.workload("pods", {
      workloadName: "dotdo",
      labels,
      scaling: { behavior: scalingBehavior },
      update: { maxSurge: "25%", maxUnavailable: 0 },
      budget: shape.budget,
      services: [
        { serviceName: "dotdo", ports: both, annotations },
        { serviceName: "dotdo-headless", ports: both, headless: true, annotations },
      ],
      peerPorts: Object.values(ports),
      meshed,
      connectsTo: [outside("turso", 443), storage.destination, ...(redis === undefined ? [] : [redis.endpoint])],
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
        containers: [container(settings, config, credentials, redis)],
      },
    });
    dotdoMonitoring(name, settings, place, workload, this);
    const { route } = shape;
    if (route !== undefined) {
      this.route({
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
      });
    }

    this.outputs = {
      url: route === undefined ? undefined : `https://${route.host}`,
      namespace: place.namespace.namespaceName,
      services: workload.services.map(({ serviceName }) => serviceName),
      bucket: storage.bucket,
    };
    this.operatorSecrets = { "api-key": settings.apiKey === "generated" ? apiKey : undefined };
    this.registerOutputs({ namespace: place.namespace.namespaceName });
  }

  private storage(name: string, { storage }: DotdoSetting, secrets: Secrets<DotdoSecrets>): Storage {
    if (storage.kind === "r2") {
      const { endpoint, bucket } = storage;
      const destination = outside("r2", portOf(endpoint));
      return { endpoint, bucket, accessKey: secrets.r2?.key, secretKey: secrets.r2?.secret, destination };
    }
    const existingKey = secrets.r2 ?? this.keyElsewhere("dotdo-secrets");
    const args = { site: this.place.site, setting: storage.bucket, existingKey };
    const bucket = new Bucket(`${name}-bucket`, args, { parent: this });
    const { endpoint, bucketName, accessKey, secretKey: secret, destination } = bucket;
    return { endpoint, bucket: bucketName, accessKey, secretKey: secret, destination };
  }

  private credentials(
    name: string,
    secrets: Secrets<DotdoSecrets>,
    storage: Storage,
    redis: RedisDatabase | undefined,
    apiKey: pulumi.Output<string> | undefined,
  ): ConfigSource {
    return this.secretObject("secrets", "dotdo-secrets", () => {
      const { tursoToken } = secrets;
      if (tursoToken === undefined || storage.accessKey === undefined || storage.secretKey === undefined) {
        throw new Error(`${name}: Turso's token or the bucket's key is missing`);
      }
      return {
        "turso-token": tursoToken,
        "r2-access-key": storage.accessKey,
        "r2-secret-key": storage.secretKey,
        "redis-password": redis?.connection.password,
        "api-key": apiKey,
      };
    });
  }
}
