/** What the shapes of data services and tasks have in common. Pure. */
import type { Resources } from "../fields.ts";
import type { ShapeDefaults } from "../shape.ts";
import type { ProbeSetting } from "../workload.ts";

/** Shapes by the name of their workload. */
export type Shapes = Record<string, ShapeDefaults>;

/** Requests and limits, each as `[request, limit]`. */
export const size = (cpu: [string, string], memory: [string, string]): Resources => ({
  requests: { cpu: cpu[0], memory: memory[0] },
  limits: { cpu: cpu[1], memory: memory[1] },
});

/**
 * A startup probe of a server that listens once it has recovered what it kept, for which it has half an hour. Until then the
 * liveness probe does not run, which would kill it before it is done, again and again.
 */
export const starting = (port: number): ProbeSetting => ({ tcp: port, periodSeconds: 10, failureThreshold: 180 });

/** Numeric ids of the images' users. Kubernetes cannot tell from a name that a user is not root (`runAsNonRoot`). */
export const users = {
  /** Of the Debian image. The Alpine image has other ids, so it cannot read a volume of this one. */
  postgres: { uid: 999, gid: 999 },
  rabbitmq: { uid: 999, gid: 999 },
  /** Of the Alpine image. */
  redis: { uid: 999, gid: 1000 },
  confluent: { uid: 1000, gid: 1000 },
  nobody: { uid: 65_532, gid: 65_532 },
};

/** Shape of a task, with small resources unless `rest` has others. */
export const task = (pool: string, rest: Partial<ShapeDefaults> & Pick<ShapeDefaults, "user">): ShapeDefaults => ({
  kind: "task",
  pool,
  resources: size(["50m", "250m"], ["64Mi", "128Mi"]),
  graceSeconds: 30,
  writable: { "/tmp": "16Mi" },
  ...rest,
});

/** Shape of a task that calls the Kubernetes API. */
export function apiTaskShape(pool: string, mounts: readonly string[] = []): ShapeDefaults {
  return task(pool, { user: users.nobody, mounts });
}
