import type * as pulumi from "@pulumi/pulumi";
import { bytes } from "../../catalogue/quantity.ts";
import type { RedisSetting } from "../../settings/slices/data-services.ts";
import { readScripts } from "../workload/file-objects.ts";
import { RotatingPassword } from "../secrets/rotating-password.ts";
import { ConfigObject, SecretObject } from "../workload/config-objects.ts";
import type { OwnedContainer } from "../workload/shaped-pod.ts";
import { samePort } from "../workload/service.ts";
import { StatefulWorkload } from "../workload/stateful-workload.ts";
import { redisUsers } from "./acl.ts";
import type { RedisServer, ServerArgs } from "./server.ts";

type Args = ServerArgs & { readonly setting: Extract<RedisSetting, { kind: "in-cluster" }> };

const port = 6379;

/**
 * Redis as a StatefulSet of one pod; its claim is kept when the StatefulSet is deleted. The server reads its user from a file
 * with the password's hash, so a new password restarts it. Every write is on disk within a second.
 */
export function inClusterRedis(name: string, args: Args, parent: pulumi.Resource): RedisServer {
  const { site, namespace, serverName, setting, user } = args;
  const given = { version: setting.passwordVersion, taken: args.existingPassword };
  const password = new RotatingPassword(`${name}-password`, given, { parent });
  const users = new SecretObject(
    `${name}-users`,
    {
      site,
      namespace,
      objectName: `${serverName}-users`,
      values: {
        "users.acl": password.current.apply((plain) => redisUsers(user, plain)),
        password: password.current,
      },
    },
    { parent },
  );
  const config = new ConfigObject(
    `${name}-config`,
    { site, namespace, objectName: `${serverName}-config`, data: { "redis.conf": redisConfig(setting) } },
    { parent },
  );
  const probes = new ConfigObject(
    `${name}-probes`,
    {
      site,
      namespace,
      objectName: `${serverName}-probes`,
      data: readScripts(new URL("scripts/", import.meta.url), ["ping.sh"]),
    },
    { parent },
  );
  const set = new StatefulWorkload(
    name,
    {
      site,
      namespace,
      workloadName: serverName,
      labels: args.labels,
      replicas: 1,
      ports: [samePort("redis", port)],
      clientService: args.serviceName,
      claim: { name: args.claimName, size: setting.storage, storageClass: site.storageClass() },
      pod: { containers: [container(args, users, config, probes)] },
    },
    { parent },
  );
  return {
    connection: {
      host: args.fullHostName ? namespace.hostName(args.serviceName) : args.serviceName,
      port,
      user,
      password: password.current,
      tls: false,
    },
    endpoint: set.endpoint,
    authority: undefined,
  };
}

function redisConfig(setting: Args["setting"]): string {
  const lines = [
    // Protected mode refuses connections from other pods as long as the user `default` has no password; here the ACL file
    // decides.
    "protected-mode no",
    "aclfile /etc/redis/users/users.acl",
    "dir /data",
    "appendonly yes",
    "appendfsync everysec",
    "save 900 1 300 10 60 10000",
    // In bytes, because Redis does not understand every unit of a Kubernetes quantity.
    `maxmemory ${bytes(setting.maxMemory)}`,
    `maxmemory-policy ${setting.eviction}`,
    ...Object.entries(setting.parameters).map(([parameter, value]) => `${parameter} ${value}`),
  ];
  return `${lines.join("\n")}\n`;
}

function container(args: Args, users: SecretObject, config: ConfigObject, probes: ConfigObject): OwnedContainer {
  return {
    name: "redis",
    image: args.site.images.redis,
    command: ["redis-server", "/etc/redis/redis.conf"],
    env: { REDIS_USER: args.user, REDISCLI_AUTH: users.key("password") },
    mounts: [
      { path: "/data", volume: { kind: "claim", name: args.claimName } },
      { path: "/etc/redis/redis.conf", subPath: "redis.conf", volume: { kind: "files", name: "config", from: config } },
      { path: "/etc/redis/users", volume: { kind: "files", name: "users", from: users } },
      { path: "/probes", volume: { kind: "files", name: "probes", from: probes, executable: true } },
    ],
  };
}
