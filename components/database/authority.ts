/** How clients of PostgreSQL verify the certificate of a server. */
import { rootCertificates } from "node:tls";
import type * as pulumi from "@pulumi/pulumi";
import { ConfigObject } from "../workload/config-objects.ts";
import type { Place } from "../site/namespace.ts";
import type { Env } from "../workload/pod.ts";
import type { Mount } from "../workload/volumes.ts";

/** What a client's container needs to verify a server, beside the server's address and password. */
export interface Trust {
  /**
   * `PGSSLROOTCERT` with the path of the certificate file, which libpq and the drivers of Go and Rust read. Where it is set,
   * `sslmode=require` verifies the authority as well.
   */
  readonly env: Env;
  /** Mounts that bring the certificate file into the container. */
  readonly mounts: readonly Mount[];
  /** Path of the certificate file (PEM), for clients that do not read `PGSSLROOTCERT`; undefined if there is none. */
  readonly path: string | undefined;
}

/** For clients that verify no certificate, because the server has none or `tls` does not ask for it. */
export const noAuthority: Trust = { env: {}, mounts: [], path: undefined };

const folder = "/etc/postgres-client";

/**
 * Makes a ConfigMap with the certificates of the authority that clients verify the server by.
 *
 * @param args.serverName begins the name of the ConfigMap, `<serverName>-authority`
 * @param args.certificate PEM; undefined means the public authorities that Node.js knows, since the images of PostgreSQL
 *   contain none
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
