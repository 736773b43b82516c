/** What runs behind a Gateway: its Envoys, seen from inside. */
import type { ApiObject, Client } from "../../../sandbox/control-plane/client.ts";
import type { Machine } from "../../../sandbox/node/machine.ts";
import { containerProcesses } from "../pods/processes.ts";
import { networksOf } from "../pods/reach.ts";
import type { Loose } from "../stack.ts";

async function proxies(client: Client): Promise<ApiObject[]> {
  const pods = await client.list("v1", "pods", "envoy-gateway-system");
  return pods.filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/component"] === "proxy");
}

/** What a proxy does with requests to a host that lead to pods. */
export interface ConfiguredRoute {
  /** `600s`; `0s` is none. */
  readonly timeout?: string;
  readonly idle_timeout?: string;
}

/** The routes of a host that lead to pods, of each proxy, as it tells them itself. */
export async function configuredRoutes(machine: Machine, client: Client, host: string): Promise<ConfiguredRoute[][]> {
  const networks = networksOf(machine);
  const ask = "fetch('http://127.0.0.1:19000/config_dump').then(async (r) => process.stdout.write(await r.text()))";
  return (await proxies(client)).map(({ status }) => {
    const network = `--net=${networks.get(status.podIP as string) ?? ""}`;
    const { configs }: Loose = JSON.parse(machine.command("nsenter", [network, process.execPath, "-e", ask]));
    const dynamic: Loose[] = configs.flatMap(({ dynamic_route_configs: own = [] }: Loose) => own);
    const virtualHosts: Loose[] = dynamic.flatMap(({ route_config }) => route_config.virtual_hosts ?? []);
    const routes: Loose[] = virtualHosts.flatMap(({ domains, routes: own }) => (domains.includes(host) ? own : []));
    return routes.flatMap(({ route }) => (route === undefined ? [] : [route as ConfiguredRoute]));
  });
}

/** Memory of all proxies, in MiB. */
export async function memoryOf(machine: Machine, client: Client): Promise<number> {
  const own = new Set((await proxies(client)).map(({ metadata }) => metadata.uid));
  const ids = containerProcesses(machine).filter(({ pod }) => own.has(pod));
  const lines = machine.command("bash", [
    "-c",
    `cat ${ids.map(({ pid }) => `/proc/${pid}/status`).join(" ")} | grep VmRSS`,
  ]);
  return [...lines.matchAll(/(\d+) kB/g)].reduce((sum, [, size]) => sum + Number(size) / 1024, 0);
}
