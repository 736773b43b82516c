/** What the workloads of data services have in common, and tasks beside them. Pure. */
import type { Resources } from "../fields.ts";
import type { ShapeDefaults } from "../shape.ts";

/** By name. */
export type Shapes = Record<string, ShapeDefaults>;

/** Requests and limits, each as `[request, limit]`. */
export const size = (cpu: [string, string], memory: [string, string]): Resources => ({
  requests: { cpu: cpu[0], memory: memory[0] },
  limits: { cpu: cpu[1], memory: memory[1] },
});

/** Users of the images, by number: a name alone does not satisfy `runAsNonRoot`. */
export const users = {
  /** The Debian image; the Alpine one differs, so the two never share a volume. */
  postgres: { uid: 999, gid: 999 },
  rabbitmq: { uid: 999, gid: 999 },
  /** The Alpine image. */
  redis: { uid: 999, gid: 1000 },
  confluent: { uid: 1000, gid: 1000 },
  nobody: { uid: 65_532, gid: 65_532 },
};

/** A task, small unless it says otherwise. */
export const task = (pool: string, rest: Partial<ShapeDefaults> & Pick<ShapeDefaults, "user">): ShapeDefaults => ({
  kind: "task",
  pool,
  resources: size(["50m", "250m"], ["64Mi", "128Mi"]),
  graceSeconds: 30,
  writable: { "/tmp": "16Mi" },
  ...rest,
});

/** A task that asks the cluster's own API. */
export function apiTaskShape(pool: string, mounts: readonly string[] = []): ShapeDefaults {
  return task(pool, { user: users.nobody, mounts });
}
