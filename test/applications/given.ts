/** Pods made up for a test, and strict stand-ins that run in them. */
import { existsSync } from "node:fs";
import type { Rendering } from "../../graph/render/render.ts";
import { RenderedStack, type Loose } from "../support/stack.ts";
import type { Container } from "./container.ts";
import type { Check } from "../../sandbox/applications/facts/fact.ts";
import { makeIdentity, start } from "./process.ts";
import { makeRoot, removeRoot } from "./root.ts";
import type { Orders } from "./stand-in.ts";
import { verdict, type Broker, type Scene } from "./verdict.ts";

export interface Given {
  env?: Record<string, string>;
  deployment?: Loose;
  /** Of the container. */
  spec?: Loose;
  pod?: Loose;
  /** What is in its namespace. */
  objects?: Loose[];
  orders?: Partial<Orders>;
  broker?: Broker | undefined;
}

export const identity = makeIdentity();

/** An object of the only namespace. */
export function object(kind: string, name: string, rest: Loose): Loose {
  return { kind, metadata: { name, namespace: "here" }, ...rest };
}

/** A Deployment's pod with one container, among other objects. */
export function containerWith({ deployment = {}, spec = {}, pod = {}, objects = [], env = {} }: Given): Container {
  const template = { metadata: { labels: { app: "app" } }, spec: { containers: [spec] } };
  const app = object("Deployment", "app", { spec: { ...deployment, template } });
  const resources = [app, ...objects].map((inputs) => ({ type: `kubernetes:v1:${inputs.kind}`, inputs }));
  return {
    stack: new RenderedStack({ resources, notices: [] } as unknown as Rendering),
    ...{ kind: "Deployment", owner: "app", namespace: "here", labels: { app: "app" }, annotations: {}, env, spec },
    ...{ user: { uid: 1234, gid: 1234, fsGroup: 1234 }, pod: { terminationGracePeriodSeconds: 30, ...pod } },
  };
}

const ends: (() => unknown)[] = [];
const roots: string[] = [];

/** Takes down what the test has started. */
export async function takeDown(): Promise<void> {
  for (const end of ends.splice(0).toReversed()) await end();
}

/** For what the test starts itself. */
export function later(end: () => unknown): void {
  ends.push(end);
}

/** Folders of stand-ins that are still there. */
export function leftRoots(): string[] {
  return roots.filter((root) => existsSync(root));
}

/** Runs a stand-in of these facts. @throws with its line, when it refuses */
export async function run(checks: readonly Check[], given: Given): Promise<Scene> {
  const container = containerWith(given);
  const root = makeRoot(container);
  roots.push(root);
  later(() => {
    removeRoot(root);
  });
  const facts = checks.map((check, i) => ({ fact: String(i), source: "", check }));
  const rest = { command: [], mebibytes: undefined, first: true, lenient: false, identity, defaults: {} };
  const standIn = await start({ root, facts, ...rest, ...given.orders }, container.env, container.user);
  later(() => {
    standIn.kill();
  });
  return { root, container, defaults: {}, standIn, broker: given.broker, ports: standIn.report.ports };
}

/** What is wrong with a fact, beside others that hold. */
export async function judged(check: Check, others: readonly Check[], given: Given): Promise<string[]> {
  return verdict({ fact: "", source: "", check }, await run([check, ...others], given));
}

/** A pod with a Secret's file at `/keys/a.pem`. */
export function withKeys(mode: number): Given {
  return {
    spec: { volumeMounts: [{ name: "keys", mountPath: "/keys", readOnly: true }] },
    pod: { volumes: [{ name: "keys", secret: { secretName: "keys", defaultMode: mode } }] },
    objects: [object("Secret", "keys", { stringData: { "a.pem": "-----BEGIN X-----" } })],
  };
}
