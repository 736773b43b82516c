/**
 * nginx with the rendered Ingresses of a stack, on loopback and without TLS: what their annotations say, as ingress-nginx writes
 * it (its user guide, "Annotations" and "Ingress Path Matching"). Every Service is a server of the test.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { end } from "../../../sandbox/processes.ts";
import type { Loose, RenderedStack } from "../stack.ts";
import { listens } from "./servers.ts";

export const nginxProgram = "/usr/sbin/nginx";

/** Ports of a Service's pods on loopback, by its name. */
export type Upstreams = Readonly<Record<string, readonly number[]>>;

export class Nginx {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  /** @param folder of its files; @param port that it listens at */
  static async start(folder: string, stack: RenderedStack, upstreams: Upstreams, port: number): Promise<Nginx> {
    const file = join(folder, "nginx.conf");
    writeFileSync(file, configuration(stack, upstreams, port, folder));
    const nginx = new Nginx(spawn(nginxProgram, ["-p", folder, "-c", file], { stdio: "ignore" }), port);
    for (let tries = 0; tries < 100; tries += 1) {
      if (await listens(port)) return nginx;
      await sleep(50);
    }
    await nginx.stop();
    throw new Error(`nginx does not listen; \`nginx -t -c ${file}\` says why`);
  }

  stop(): Promise<void> {
    return end(this.#process);
  }
}

/** A path of a host, with the annotations of the Ingress that has it. */
interface Path {
  readonly path: string;
  readonly exact: boolean;
  readonly service: string;
  readonly says: (annotation: string) => string | undefined;
}

/** nginx's configuration. Pure. */
function configuration(stack: RenderedStack, upstreams: Upstreams, port: number, folder: string): string {
  const paths = stack.all("Ingress").flatMap(({ inputs: { metadata, spec } }: Loose) =>
    spec.rules.flatMap(({ host, http }: Loose) =>
      http.paths.map((one: Loose) => {
        const says = (name: string): string | undefined => metadata.annotations[`nginx.ingress.kubernetes.io/${name}`];
        return [host as string, { path: one.path, exact: false, service: one.backend.service.name, says }] as const;
      }),
    ),
  ) as (readonly [string, Path])[];
  const hosts = [...Map.groupBy(paths, ([host]) => host)].map(([host, own]) =>
    server(
      host,
      own.map(([, path]) => path),
    ),
  );
  const balanced = Object.entries(upstreams).map(([name, ports]) => {
    const hash = paths
      .find(([, { service, says }]) => service === name && says("upstream-hash-by"))?.[1]
      .says("upstream-hash-by");
    // Its own balancer hashes consistently, too.
    const by = hash === undefined ? "" : `hash ${hash} consistent;`;
    return `upstream ${name} { ${by} ${ports.map((one) => `server 127.0.0.1:${one};`).join(" ")} }`;
  });
  return `daemon off;
pid ${join(folder, "nginx.pid")};
error_log ${join(folder, "error.log")};
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${join(folder, "bodies")};
  proxy_temp_path ${join(folder, "answers")};
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  ${balanced.join("\n  ")}
  server { listen 127.0.0.1:${port} default_server; return 404; }
  ${hosts.map((text) => text.replace("LISTEN", `127.0.0.1:${port}`)).join("\n  ")}
}
`;
}

/** Where one Ingress of a host asks for expressions, every path of that host is one, longest first, in any case. */
function server(host: string, paths: readonly Path[]): string {
  const byExpression = paths.some(({ says }) => says("use-regex") === "true");
  const locations = paths
    .toSorted((a, b) => b.path.length - a.path.length)
    .map((one) => {
      const body = location(one);
      if (byExpression) return `location ~* "^${one.path}" { ${body} }`;
      if (one.path === "/") return `location / { ${body} }`;
      return `location = ${one.path} { ${body} }\n    location ${one.path}/ { ${body} }`;
    });
  return `server {
    listen LISTEN;
    server_name ${host};
    ${locations.join("\n    ")}
  }`;
}

function location({ service, says }: Path): string {
  const denied = (says("denylist-source-range") ?? "").split(",").filter((range) => range !== "");
  const lines = [
    ...denied.map((range) => `deny ${range};`),
    `client_max_body_size ${says("proxy-body-size") ?? "1m"};`,
    ...["connect", "send", "read"].map((kind) => `proxy_${kind}_timeout ${says(`proxy-${kind}-timeout`) ?? "60"}s;`),
    "proxy_http_version 1.1; proxy_set_header Host $host;",
    "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;",
    `proxy_pass http://${service};`,
  ];
  return lines.join(" ");
}
