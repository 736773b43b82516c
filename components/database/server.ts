/** What every kind of PostgreSQL server takes and gives; `PostgresDatabase` chooses the kind. */
import type * as pulumi from "@pulumi/pulumi";
import type { PostgresSetting } from "../../settings/data-services.ts";
import type { Destination } from "../network/connections.ts";
import type { Site } from "../platform/site.ts";
import { SecretObject } from "../workload/config-objects.ts";
import type { Namespace } from "../workload/namespace.ts";

export type Tls = "disable" | "require" | "verify-full";

export interface PostgresDatabaseArgs {
  readonly site: Site;
  readonly namespace: Namespace;
  readonly setting: PostgresSetting;
  /** Name of the Secret, and of the server where it is in the cluster. */
  readonly serverName: string;
  /** Role that owns the databases; an existing server's setting names its own. */
  readonly user: string;
  /** The databases; the first one is made by the server's first start. */
  readonly databases: readonly [string, ...string[]];
  /** Keys of the Secret beside `user`, `password`, `host` and `port`. */
  readonly extraKeys: Record<string, string>;
  readonly pool: string;
  /** Password of a server that exists already. */
  readonly existingPassword: pulumi.Output<string> | undefined;
}

/** A server, as whatever made it describes it. */
export interface Server {
  readonly host: pulumi.Input<string>;
  readonly port: number;
  readonly user: pulumi.Input<string>;
  readonly tls: Tls;
  readonly secret: SecretObject;
  readonly endpoint: Destination;
  /** The password the program generated or was told by DigitalOcean; absent where the settings bring it. Secret. */
  readonly password: pulumi.Output<string> | undefined;
}

/** The Secret that every reader of the database uses. */
export function connectionSecret(
  name: string,
  args: PostgresDatabaseArgs,
  connection: {
    host: pulumi.Input<string>;
    port: number;
    user: pulumi.Input<string>;
    password: pulumi.Output<string>;
  },
  parent: pulumi.Resource,
): SecretObject {
  const values = { ...connection, port: String(connection.port), ...args.extraKeys };
  return new SecretObject(`${name}-connection`, { ...args, objectName: args.serverName, values }, { parent });
}
