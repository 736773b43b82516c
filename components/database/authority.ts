/** How PostgreSQL's clients know that a server is the one it says it is. */
import { rootCertificates } from "node:tls";
import type * as pulumi from "@pulumi/pulumi";
import { ConfigObject } from "../workload/config-objects.ts";
import type { Place } from "../site/namespace.ts";
import type { Env, Mount } from "../workload/pod.ts";

/** What a client's container needs beside address and password. */
export interface Trust {
  /** Read by libpq and by the drivers of Go and Rust; `sslmode=require` checks the authority, too, once it is set. */
  readonly env: Env;
  readonly mounts: readonly Mount[];
  /** The file, for clients that take it by another name. */
  readonly path: string | undefined;
}

export const noAuthority: Trust = { env: {}, mounts: [], path: undefined };

const folder = "/etc/postgres-client";

/**
 * Mounts an authority for clients.
 *
 * @param certificate PEM; without one those that browsers trust, which the images of PostgreSQL do not have
 */
export function authority(
  name: string,
  args: Place & { serverName: string; certificate: pulumi.Input<string> | undefined },
  parent: pulumi.Resource,
): Trust {
  const { serverName, certificate } = args;
  const pem = certificate ?? `${rootCertificates.join("\n")}\n`;
  const objectName = `${serverName}-authority`;
  const object = new ConfigObject(`${name}-authority`, { ...args, objectName, data: { "ca.crt": pem } }, { parent });
  const path = `${folder}/ca.crt`;
  const volume = { kind: "files", name: "postgres-client", from: object } as const;
  return { env: { PGSSLROOTCERT: path }, mounts: [{ path: folder, volume }], path };
}
