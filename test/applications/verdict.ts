/** Whether a fact holds of a rendered workload: what the stand-in said, what probes and Prometheus get, what policies allow. */
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Loose } from "../support/stack.ts";
import { preStopSeconds, portNumber, scrapes, type Container } from "./container.ts";
import type { Check, Fact, Serves } from "../../sandbox/applications/facts/fact.ts";
import { probe, probeKinds, probeOf, scrape, type Failure, type Target } from "./kubelet.ts";
import { blocked } from "./network.ts";
import type { StandIn } from "./process.ts";

/** A workload whose application runs. */
export interface Scene extends Target {
  readonly container: Container;
  readonly defaults: Readonly<Record<string, string>>;
  readonly standIn: StandIn;
  readonly broker: Broker | undefined;
}

/** What is wrong; empty when the fact holds. */
export async function verdict({ fact, check }: Fact, scene: Scene): Promise<string[]> {
  switch (check.kind) {
    case "listens":
      return listening(scene);
    case "serves":
      return serving(check, scene);
    case "holds":
      return holding(check, scene);
    case "reaches":
      return blocked(scene.container, filled(check.to, scene));
    case "ends":
      return ending(check, scene.container);
    case "deaf":
      return scene.container.pod.shareProcessNamespace === true
        ? []
        : [`as process 1 it is only killed, after ${scene.container.pod.terminationGracePeriodSeconds} s`];
    case "single":
      return alone(scene.container);
    default: {
      const line = scene.standIn.report.refusals[fact];
      return line === undefined ? [] : [line];
    }
  }
}

function filled(text: string, { defaults, container }: Scene): string {
  const env: Record<string, string> = { ...defaults, ...container.env };
  return text.replaceAll(/\$(\w+)/g, (_, name: string) => env[name] ?? "");
}

/** Every probe, and Prometheus, finds somebody, who speaks as expected. */
async function listening(scene: Scene): Promise<string[]> {
  const failures = await Promise.all([
    ...probeKinds.map(async (kind) => {
      const probed = probeOf(scene.container, kind);
      if (probed === undefined || probed.exec !== undefined) return undefined;
      const failure = await probe(probed, scene.container, scene);
      return failure && { ...failure, text: `${kind}: ${failure.text}` };
    }),
    ...scrapes(scene.container).map(async ({ port, path }) => scrape(port, path, scene)),
  ]);
  return failures.filter((one) => one?.at === "connection").map((one) => one?.text ?? "");
}

/** Who asks the path gets a good answer; startup and liveness also while something else is away. */
async function serving({ path }: Serves, scene: Scene): Promise<string[]> {
  const { container, standIn } = scene;
  const wrong: string[] = [];
  for (const kind of probeKinds) {
    const probed = probeOf(container, kind);
    if (probed?.httpGet?.path !== path) continue;
    await standIn.setAway(kind !== "readiness");
    wrong.push(...said(kind, await probe(probed, container, scene)));
    if (!(await standIn.setAway(false))) return [...wrong, `${kind} ended it`];
  }
  for (const { port } of scrapes(container).filter((one) => one.path === path)) {
    wrong.push(...said("Prometheus", await scrape(port, path, scene)));
  }
  return wrong;
}

function said(who: string, failure: Failure | undefined): string[] {
  return failure === undefined ? [] : [`${who}: ${failure.text}`];
}

/** The liveness tells whether it still has its connection, and has patience for a restart. */
async function holding(check: Check & { kind: "holds" }, scene: Scene): Promise<string[]> {
  const { container, broker } = scene;
  const liveness = probeOf(container, "liveness");
  if (liveness?.exec === undefined) return ["no liveness would ever tell"];
  const patience = (liveness.periodSeconds ?? 10) * (liveness.failureThreshold ?? 3);
  if (patience < check.restartSeconds) return [`restarted after ${patience} s, before its broker is back`];
  const before = await probe(liveness, container, scene);
  await broker?.restart();
  const after = await probe(liveness, container, scene);
  return [
    ...said("liveness, connected", before),
    ...(after === undefined ? ["liveness passes without a connection"] : []),
    ...(scene.standIn.alive ? [] : ["it ended"]),
  ];
}

function ending({ afterMs, drains }: Check & { kind: "ends" }, container: Container): string[] {
  const [grace, pause] = [container.pod.terminationGracePeriodSeconds * 1000, preStopSeconds(container) * 1000];
  return [
    ...(pause + afterMs < grace ? [] : [`killed after ${grace} ms, of which it waits ${pause}`]),
    // Endpoints take their time to forget a pod.
    ...(drains || pause >= 5000 ? [] : ["it ends while requests still come: preStop is shorter than 5 s"]),
  ];
}

function alone({ stack, kind, owner, namespace }: Container): string[] {
  const { spec } = stack.object(kind, owner);
  const { rollingUpdate, type = "RollingUpdate" } = spec.strategy ?? {};
  const scaled = stack.all("HorizontalPodAutoscaler").some(({ inputs }) => {
    const scaler = inputs as Loose;
    return scaler.metadata.namespace === namespace && scaler.spec.scaleTargetRef.name === owner;
  });
  return [
    ...((spec.replicas ?? 1) > 1 || scaled ? [`replicas: ${scaled ? "scaled" : spec.replicas}`] : []),
    ...(type === "Recreate" || rollingUpdate?.maxSurge === 0 ? [] : ["an update runs two at a time"]),
  ];
}

/** A broker's port on loopback: it takes connections and says nothing. */
export class Broker {
  restarted = false;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.#connections.add(socket);
      socket.on("error", () => undefined).resume();
    });
  }

  /** Undefined where the port is taken. */
  static open(port: number): Promise<Broker | undefined> {
    const server = createServer();
    return new Promise((resolve) => {
      server.once("error", () => {
        resolve(undefined);
      });
      server.listen(port, "127.0.0.1", () => {
        resolve(new Broker(server));
      });
    });
  }

  /** Drops everybody. */
  async restart(): Promise<void> {
    this.restarted = true;
    for (const socket of this.#connections) socket.resetAndDestroy();
    this.#connections.clear();
    await sleep(100);
  }

  async close(): Promise<void> {
    await this.restart();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** What becomes of the pod as a whole: probes pass, also what else is away does not restart it, and it ends in time. */
export async function life(scene: Scene): Promise<string[]> {
  const { container, standIn } = scene;
  const rounds: [away: boolean, kinds: (typeof probeKinds)[number][]][] = [
    [false, [...probeKinds]],
    [true, ["startup", "liveness"]],
  ];
  const wrong: string[] = [];
  for (const [away, kinds] of rounds) {
    await standIn.setAway(away);
    for (const kind of kinds) {
      const probed = probeOf(container, kind);
      const failure = probed === undefined ? undefined : await probe(probed, container, scene);
      wrong.push(...said(away ? `${kind}, while something else is away` : kind, failure));
    }
  }
  // A readiness may fail then, and must do no more than that.
  const readiness = probeOf(container, "readiness");
  if (readiness !== undefined) await probe(readiness, container, scene);
  if (!(await standIn.setAway(false))) return [...wrong, "a probe ended it"];
  for (const { port, path } of scrapes(container)) wrong.push(...said("Prometheus", await scrape(port, path, scene)));
  if (container.kind !== "Job" && !(await standIn.terminate())) wrong.push("it does not end on SIGTERM");
  return wrong;
}

/** The broker's port as a consumer is given it; undefined for what holds no connection. */
export function brokerPort(facts: readonly Fact[], container: Container): number | undefined {
  const holds = facts.map(({ check }) => check).find((check) => check.kind === "holds");
  return holds === undefined ? undefined : portNumber({}, container.env[holds.port] ?? "");
}
