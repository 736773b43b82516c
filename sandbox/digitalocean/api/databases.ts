/** Routes for managed PostgreSQL, Valkey and Kafka: clusters, databases, users, firewalls, connection pools. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { databaseNodes, databaseSizes, databaseVersions } from "../../../catalogue/databases.ts";
import { regionsWith } from "../../../catalogue/regions.ts";
import { secret, timestamp, type Account } from "../account.ts";
import type { Connection, Database } from "../resources.ts";
import type { Routes } from "../router.ts";
import { accepted, created, done, fields, found, notFound, ok, page, Refusal, refuse, type Call } from "../answers.ts";
import {
  connectionPoolRefusal,
  databaseRefusal,
  firewallRefusal,
  namedDatabaseRefusal,
  resizeRefusal,
  versionChangeRefusal,
} from "../rules/databases.ts";

const engines = ["pg", "valkey", "kafka"] as const;
const create = {
  name: z.string(),
  // Only the engines that the program uses are simulated.
  engine: z.enum(engines),
  version: z.string().optional(),
  size: z.string().min(1),
  region: z.string().min(1),
  num_nodes: z.number().int(),
  tags: z.array(z.string()).nullish(),
  private_network_uuid: z.string().optional(),
  storage_size_mib: z.number().nullish(),
};
const rules = {
  rules: z.array(z.looseObject({ type: z.enum(["droplet", "k8s", "ip_addr", "tag", "app"]), value: z.string() })),
};

const policies = [
  ...["noeviction", "allkeys_lru", "allkeys_random", "volatile_lru", "volatile_random", "volatile_ttl"],
] as const;

/** For each engine the connection that clients get, and the version of a cluster whose request names none. */
const connectionDefaults = {
  pg: { protocol: "postgresql", port: 25060, user: "doadmin", database: "defaultdb", version: "16" },
  valkey: { protocol: "rediss", port: 25061, user: "default", database: "", version: "8" },
  kafka: { protocol: "kafka", port: 25073, user: "doadmin", database: "", version: "3.8" },
} as const;

export const databases: Routes = {
  "GET /v2/databases/options": () =>
    ok({ options: Object.fromEntries(engines.map((engine) => [engine, offer(engine)])), version_availability: {} }),
  "GET /v2/databases": ({ query }, account) => page("databases", [...account.databases.values()].map(answerOf), query),
  "POST /v2/databases": ({ body }, account) => {
    const made = createDatabase(fields(create, body), account);
    account.databases.set(made.id, made);
    return created({ database: answerOf(made) });
  },
  "GET /v2/databases/:id": (call, account) => {
    const one = databaseOf(call, account);
    if (Date.now() - Date.parse(one.created_at) >= account.settleMs) one.status = "online";
    return ok({ database: answerOf(one) });
  },
  "DELETE /v2/databases/:id": (call, account) => {
    account.databases.delete(databaseOf(call, account).id);
    return done;
  },
  "GET /v2/databases/:id/ca": (call, account) => {
    databaseOf(call, account);
    const certificate = "-----BEGIN CERTIFICATE-----\nplayed\n-----END CERTIFICATE-----\n";
    return ok({ ca: { certificate: Buffer.from(certificate).toString("base64") } });
  },
  "PUT /v2/databases/:id/resize": (call, account) => {
    const one = databaseOf(call, account);
    const shape = { size: create.size, num_nodes: create.num_nodes, storage_size_mib: create.storage_size_mib };
    const asked = fields(shape, call.body);
    refuse(resizeRefusal(one, asked));
    const { size, num_nodes, storage_size_mib } = asked;
    Object.assign(one, { size, num_nodes, storage_size_mib: storage_size_mib ?? one.storage_size_mib });
    return accepted();
  },
  "PUT /v2/databases/:id/maintenance": (call, account) => {
    const window = fields({ day: z.string(), hour: z.string() }, call.body);
    databaseOf(call, account).maintenance_window = { day: window.day, hour: window.hour, pending: false };
    return done;
  },
  "PUT /v2/databases/:id/upgrade": (call, account) => {
    const one = databaseOf(call, account);
    const { version } = fields({ version: z.string() }, call.body);
    refuse(versionChangeRefusal(one, version));
    one.version = version;
    return done;
  },
  "GET /v2/databases/:id/eviction_policy": (call, account) =>
    ok({ eviction_policy: databaseOf(call, account).eviction_policy }),
  "PUT /v2/databases/:id/eviction_policy": (call, account) => {
    databaseOf(call, account).eviction_policy = fields(
      { eviction_policy: z.enum(policies) },
      call.body,
    ).eviction_policy;
    return done;
  },

  "GET /v2/databases/:id/dbs": (call, account) =>
    page(
      "dbs",
      databaseOf(call, account).db_names.map((name) => ({ name })),
      call.query,
    ),
  "POST /v2/databases/:id/dbs": (call, account) => {
    const { name } = fields({ name: z.string().min(1) }, call.body);
    const one = databaseOf(call, account);
    refuse(namedDatabaseRefusal(one, name));
    one.db_names.push(name);
    return created({ db: { name } });
  },
  "GET /v2/databases/:id/dbs/:name": (call, account) => ok({ db: { name: databaseName(call, account) } }),
  "DELETE /v2/databases/:id/dbs/:name": (call, account) => {
    const gone = databaseName(call, account);
    const one = databaseOf(call, account);
    one.db_names = one.db_names.filter((name) => name !== gone);
    return done;
  },

  "GET /v2/databases/:id/users": (call, account) => page("users", databaseOf(call, account).users, call.query),
  "POST /v2/databases/:id/users": (call, account) => {
    const { name } = fields({ name: z.string().min(1) }, call.body);
    const one = databaseOf(call, account);
    if (one.users.some((user) => user.name === name)) throw new Refusal(409, "conflict", "user name is not available");
    const user = { name, role: "normal", password: secret() };
    one.users.push(user);
    return created({ user });
  },
  "GET /v2/databases/:id/users/:name": (call, account) => ok({ user: userOf(call, account) }),
  "DELETE /v2/databases/:id/users/:name": (call, account) => {
    const gone = userOf(call, account);
    const one = databaseOf(call, account);
    one.users = one.users.filter((user) => user !== gone);
    return done;
  },

  "GET /v2/databases/:id/firewall": (call, account) => ok({ rules: databaseOf(call, account).rules }),
  "PUT /v2/databases/:id/firewall": (call, account) => {
    const one = databaseOf(call, account);
    const asked = fields(rules, call.body).rules;
    refuse(firewallRefusal(asked));
    const kept = new Map(one.rules.map((rule) => [`${rule.type} ${rule.value}`, rule]));
    one.rules = asked.map(
      ({ type, value }) =>
        kept.get(`${type} ${value}`) ?? {
          uuid: randomUUID(),
          cluster_uuid: one.id,
          type,
          value,
          created_at: timestamp(),
        },
    );
    return done;
  },

  "GET /v2/databases/:id/pools": (call, account) => {
    const one = databaseOf(call, account);
    return page(
      "pools",
      one.pools.map((pool) => shownPool(one, pool)),
      call.query,
    );
  },
  "POST /v2/databases/:id/pools": (call, account) => {
    const one = databaseOf(call, account);
    const shape = {
      name: z.string(),
      mode: z.enum(["transaction", "session", "statement"]),
      size: z.number(),
      db: z.string(),
      user: z.string().optional(),
    };
    const asked = fields(shape, call.body);
    refuse(connectionPoolRefusal(one, asked));
    const { name, mode, size, db, user } = asked;
    const made = { name, mode, size, db, user: user ?? "" };
    one.pools.push(made);
    return created({ pool: shownPool(one, made) });
  },
  "GET /v2/databases/:id/pools/:name": (call, account) =>
    ok({ pool: shownPool(databaseOf(call, account), poolOf(call, account)) }),
  "DELETE /v2/databases/:id/pools/:name": (call, account) => {
    const gone = poolOf(call, account);
    const one = databaseOf(call, account);
    one.pools = one.pools.filter((pool) => pool !== gone);
    return done;
  },
};

function offer(engine: (typeof engines)[number]): object {
  const sizes = databaseSizes(engine);
  const counts = [...new Set(sizes.flatMap((size) => databaseNodes(engine, size) ?? []))];
  return {
    regions: regionsWith(engine === "valkey" ? "valkey" : "databases"),
    versions: databaseVersions(engine),
    layouts: counts.map((nodes) => ({
      num_nodes: nodes,
      sizes: sizes.filter((size) => databaseNodes(engine, size)?.includes(nodes)),
    })),
  };
}

function createDatabase(asked: ReturnType<typeof fields<typeof create>>, account: Account): Database {
  refuse(databaseRefusal(asked, account));
  const { name, engine, size, num_nodes, region } = asked;
  const id = randomUUID();
  const { protocol, port, user, database, version } = connectionDefaults[engine];
  const password = secret();
  const connection = (prefix: string): Connection => {
    const host = `${prefix}${name}-do-user-1-0.k.db.ondigitalocean.com`;
    const uri = `${protocol}://${user}:${password}@${host}:${port}${database === "" ? "" : `/${database}?sslmode=require`}`;
    return { protocol, uri, database, host, port, user, password, ssl: true };
  };
  return {
    ...{ id, name, engine, version: asked.version ?? version, size, region, num_nodes },
    ...{ storage_size_mib: asked.storage_size_mib ?? 10_240, tags: asked.tags ?? [], status: "creating" },
    private_network_uuid: asked.private_network_uuid ?? account.defaultVpc(region),
    created_at: timestamp(),
    maintenance_window: { day: "sunday", hour: "04:00:00", pending: false },
    ...{ connection: connection(""), private_connection: connection("private-") },
    ...{ db_names: database === "" ? [] : [database], users: [{ name: user, role: "primary", password }] },
    ...{ rules: [], pools: [], topics: [], eviction_policy: "noeviction" },
  };
}

/** A cluster as the API returns it, without firewall rules, pools and topics, which have requests of their own. */
function answerOf(database: Database): object {
  const { rules: _rules, pools: _pools, topics: _topics, eviction_policy: _policy, ...one } = database;
  return one;
}

function shownPool(one: Database, pool: Database["pools"][number]): object {
  const through = (connection: Connection): Connection => ({ ...connection, port: 25061, database: pool.name });
  return { ...pool, connection: through(one.connection), private_connection: through(one.private_connection) };
}

function databaseOf({ params }: Call, account: Account): Database {
  return found(account.databases, params["id"]);
}
function databaseName(call: Call, account: Account): string {
  const name = databaseOf(call, account).db_names.find((one) => one === call.params["name"]);
  if (name === undefined) throw notFound();
  return name;
}
function userOf(call: Call, account: Account) {
  const user = databaseOf(call, account).users.find(({ name }) => name === call.params["name"]);
  if (user === undefined) throw notFound();
  return user;
}
function poolOf(call: Call, account: Account) {
  const pool = databaseOf(call, account).pools.find(({ name }) => name === call.params["name"]);
  if (pool === undefined) throw notFound();
  return pool;
}
