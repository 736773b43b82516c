/**
 * Rules about the parameters of servers in the cluster: they must fit into the container's memory, and must not be those that
 * the program sets itself.
 */
import { parseRabbitMqSize } from "../../catalogue/quantity.ts";
import { bytes, parsePostgresSize } from "../../catalogue/quantity.ts";
import type { Problem } from "../reading/error.ts";
import type { SystemFacts } from "../slices/facts.ts";
import { settingPath } from "../reading/paths.ts";
import { settingsName } from "../../catalogue/names.ts";
import { postgresImageProblem } from "./platform.ts";
import { forEachSystem, wrong, type Rule } from "./rule.ts";
import { workloadPath } from "./workloads.ts";

/** PostgreSQL's memory parameters must leave a quarter of the container's limit to everything else. */
const serverMemory = forEachSystem((key, { parameters = {}, shapes }) =>
  Object.entries(parameters).flatMap(([path, { service, values }]): Problem[] => {
    if (service !== "database") return [];
    const [name, limit] = serverOf(shapes, 5432) ?? [];
    if (name === undefined || limit === undefined) return [];
    return (["shared_buffers", "work_mem", "maintenance_work_mem"] as const).flatMap((parameter) => {
      const given = values[parameter];
      if (given === undefined) return [];
      const at = `${key}.${path}.${parameter}`;
      const size = parsePostgresSize(given, parameter === "shared_buffers" ? 8192 : 1024);
      if (size === undefined) {
        return [wrong(at, given, "is not a size that PostgreSQL reads", "use kB, MB or GB, such as 128MB")];
      }
      if (size <= bytes(limit.memory) * 0.75) return [];
      const limitPath = `${workloadPath(key, name)}.resources.limits.memory`;
      const problem = `is more than three quarters of the container's limit of ${limit.memory}: the kernel would kill it`;
      return [wrong(at, given, problem, `make it smaller, or raise ${limitPath}`, limitPath)];
    });
  }),
);

/** Name and limits of the data service that listens on a port. */
function serverOf(shapes: SystemFacts["shapes"], port: number): [name: string, limits: { memory: string }] | undefined {
  const found = Object.entries(shapes).find(
    ([, one]) => one.kind === "data" && Object.values(one.ports).includes(port),
  );
  return found === undefined ? undefined : [found[0], found[1].resources.limits];
}

/** An image from the settings must be able to read a volume that the pinned image wrote. */
const serverImages = forEachSystem((key, { services, workloads, shapes }) => {
  const [name] = serverOf(shapes, 5432) ?? [];
  if (name === undefined) return [];
  const { image, tag } = workloads[settingsName(name)] ?? {};
  const given = image ?? (tag === undefined ? undefined : `postgres:${tag}`);
  // While data moves there may be two servers in the cluster, which share these settings.
  return ["database", "database.beside"].flatMap((at): Problem[] => {
    const database = services[at];
    if (given === undefined || database?.kind !== "in-cluster" || !("version" in database)) return [];
    const problem = postgresImageProblem(given, database.version);
    if (problem === undefined) return [];
    const path = `${workloadPath(key, name)}.${image === undefined ? "tag" : "image"}`;
    const fix = `use a Debian image of ${database.version}, such as postgres:${database.version}`;
    return [wrong(path, image ?? tag, problem, fix, `${key}.${at}.version`)];
  });
});

/** Parameters that the program sets itself, by service, with what to do instead. */
const programParameters: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  database: {
    ...Object.fromEntries(
      [
        "port",
        "listen_addresses",
        "unix_socket_directories",
        "data_directory",
        "config_file",
        "hba_file",
        "ident_file",
      ].map((name) => [name, "remove it; probes, clients and backups go by the program's"]),
    ),
  },
  redis: {
    maxmemory: "use redis.maxMemory",
    "maxmemory-policy": "use redis.eviction",
    appendonly: "remove it; without the log a restart loses what came since the last snapshot",
    ...Object.fromEntries(
      ["protected-mode", "aclfile", "dir", "port", "bind", "requirepass", "user"].map((name) => [
        name,
        "remove it; the program's server and its clients go by its own",
      ]),
    ),
  },
  rabbitmq: {
    ...Object.fromEntries(
      ["listeners.tcp.default", "load_definitions", "management.tcp.port", "default_user", "default_pass"].map(
        (name) => [name, "remove it; probes, clients and definitions go by the program's"],
      ),
    ),
  },
};

const ownParameters = forEachSystem((key, { parameters = {} }) =>
  Object.entries(parameters).flatMap(([path, { service, values }]) =>
    Object.entries(values).flatMap(([name, value]) => {
      const fix = programParameters[service]?.[name];
      return fix === undefined
        ? []
        : [wrong(settingPath(`${key}.${path}`, [name]), value, "is the program's own", fix)];
    }),
  ),
);

const connectionCount = forEachSystem((key, { parameters = {} }) =>
  Object.entries(parameters).flatMap(([path, { service, values }]) => {
    const given = values["max_connections"];
    if (service !== "database" || given === undefined) return [];
    if (/^\d+$/.test(given) && Number(given) >= 1 && Number(given) <= 262_143) return [];
    return [wrong(`${key}.${path}.max_connections`, given, "is not a count that PostgreSQL reads", "use 1 to 262143")];
  }),
);

/**
 * The memory that RabbitMQ counts on, and the amount from which on it makes publishers wait, must be below the container's
 * limit.
 */
const brokerMemory = forEachSystem((key, { parameters = {}, shapes }) =>
  Object.entries(parameters).flatMap(([path, { service, values }]) => {
    const [name, limit] = serverOf(shapes, 5672) ?? [];
    if (service !== "rabbitmq" || name === undefined || limit === undefined) return [];
    return ["total_memory_available_override_value", "vm_memory_high_watermark.absolute"].flatMap(
      (setting): Problem[] => {
        const given = values[setting];
        const size = given === undefined ? undefined : parseRabbitMqSize(given);
        if (given === undefined || (size !== undefined && size <= bytes(limit.memory))) return [];
        const at = settingPath(`${key}.${path}`, [setting]);
        const limitPath = `${workloadPath(key, name)}.resources.limits.memory`;
        const problem =
          size === undefined
            ? "is not a size that RabbitMQ reads"
            : `is more than the container's limit of ${limit.memory}`;
        return [
          wrong(at, given, problem, `use less than ${limit.memory}, such as 400MB, or raise ${limitPath}`, limitPath),
        ];
      },
    );
  }),
);

/** RabbitMQ makes publishers wait while its disk has less free than it is told to keep, which must be less than all of it. */
const brokerDisk = forEachSystem((key, { parameters = {}, services, shapes }) =>
  Object.entries(parameters).flatMap(([path, { service, values }]) => {
    const [, limit] = serverOf(shapes, 5672) ?? [];
    const { rabbitmq } = services;
    if (service !== "rabbitmq" || limit === undefined || rabbitmq?.kind !== "in-cluster") return [];
    const memory = parseRabbitMqSize(values["total_memory_available_override_value"] ?? "") ?? bytes(limit.memory);
    const kept = {
      "disk_free_limit.absolute": parseRabbitMqSize,
      "disk_free_limit.relative": (times: string) => (/^\d+(\.\d+)?$/.test(times) ? Number(times) * memory : undefined),
    };
    return Object.entries(kept).flatMap(([setting, parse]): Problem[] => {
      const given = values[setting];
      const size = given === undefined ? undefined : parse(given);
      if (given === undefined || (size !== undefined && size < bytes(rabbitmq.storage))) return [];
      const problem =
        size === undefined
          ? "is not a size that RabbitMQ reads"
          : `is not less than the volume's ${rabbitmq.storage}: publishers would wait for ever`;
      const storage = `${key}.rabbitmq.storage`;
      const at = settingPath(`${key}.${path}`, [setting]);
      return [wrong(at, given, problem, `use less than ${rabbitmq.storage}, or raise ${storage}`, storage)];
    });
  }),
);

export const serverRules: readonly Rule[] = [
  serverMemory,
  serverImages,
  ownParameters,
  connectionCount,
  brokerMemory,
  brokerDisk,
];
