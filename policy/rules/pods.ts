/** Rules on pods: their images, resources, rights, owners and disruption budgets. */
import { share } from "../../catalogue/quantity.ts";
import { isMovingTag, tagOf } from "../../catalogue/image.ts";
import { restrictedViolations } from "../pod-security.ts";
import { each, type Rule, type Violation } from "../rule.ts";
import { containersOf, selects, type Container, type Pods, type Selector } from "../../graph/pods.ts";
import { metadataOf, type Resource } from "../../graph/resource.ts";

function containers(pods: readonly Pods[], problem: (container: Container) => string | undefined | false): Violation[] {
  return pods.flatMap((one) =>
    containersOf(one).flatMap((container) => {
      const found = problem(container);
      return typeof found === "string"
        ? [{ resource: one.owner, message: `container ${container.name} ${found}` }]
        : [];
    }),
  );
}

/** Minor version of a Kubernetes version: 36 for `v1.36.3`. */
function minor(version: string): number | undefined {
  const [, found] = /^v?1\.(\d+)/.exec(version) ?? [];
  return found === undefined ? undefined : Number(found);
}

export const podRules: readonly Rule[] = [
  {
    name: "image-pinned",
    level: "mandatory",
    description: "Outside of `local`, images are named by a digest or by a tag that does not move.",
    why: "With a moving tag two pods of one Deployment run two programs, and no rollback leads back.",
    example: "image: postgres:16.11",
    check: (stack) =>
      containers(stack.environment === "local" ? [] : stack.pods, ({ image = "" }) => {
        if (image.includes("@sha256:")) return undefined;
        const tag = tagOf(image);
        if (tag === undefined) return `runs ${image}, which has no tag`;
        return isMovingTag(tag) && `runs ${image}, a tag that moves`;
      }),
  },
  {
    name: "requests-and-limits",
    level: "mandatory",
    description: "Every container says how much CPU and memory it asks for, and how much it may use.",
    why: "Without requests the scheduler fills a node until everything on it is slow; without limits one leak takes its neighbours down.",
    example: "resources: { requests: { cpu: 100m, memory: 128Mi }, limits: { cpu: '1', memory: 256Mi } }",
    check: (stack) =>
      containers(stack.pods, ({ resources }) => {
        const missing = (["requests", "limits"] as const).flatMap((side) =>
          ["cpu", "memory"].filter((what) => resources?.[side]?.[what] === undefined).map((what) => `${side}.${what}`),
        );
        return missing.length > 0 && `has no ${missing.join(", ")}`;
      }),
  },
  {
    name: "pods-restricted",
    level: "mandatory",
    description: "Every pod meets Pod Security `restricted`.",
    why: "Whoever breaks into a pod that is root, or may become it, is one kernel defect away from the node and all that runs there.",
    example: "securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }",
    check: (stack) =>
      stack.pods.flatMap(({ owner, spec }) =>
        restrictedViolations(spec).map((message) => ({ resource: owner, message })),
      ),
  },
  {
    name: "no-bare-pods",
    level: "mandatory",
    description: "Pods have an owner.",
    why: "A bare pod does not come back from a drained node.",
    example: "a Deployment, StatefulSet or Job",
    check: (stack) => each(stack.of("Pod", "ReplicaSet"), () => "nobody makes it again"),
  },
  {
    name: "no-node-names",
    level: "mandatory",
    description: "Pods choose pools, not nodes.",
    why: "DOKS replaces nodes at each upgrade, under new names; a pod that waits for one waits for ever.",
    example: "nodeSelector: { doks.digitalocean.com/node-pool: general }",
    check: (stack) =>
      each(
        stack.pods

          .filter(({ spec }) => spec.nodeSelector?.["kubernetes.io/hostname"] !== undefined || "nodeName" in spec)
          .map(({ owner }) => owner),
        () => "chooses a node by its name",
      ),
  },
  {
    name: "cron-jobs-do-not-pile-up",
    level: "mandatory",
    description: "A CronJob does not start again while its last run still works.",
    why: "A backup that takes longer than its interval would run twice, then thrice, until the database does nothing else.",
    example: "concurrencyPolicy: Forbid",
    check: (stack) =>
      each(stack.of("CronJob"), ({ inputs }) => {
        const { concurrencyPolicy = "Allow" } = inputs["spec"] as { concurrencyPolicy?: string };
        return concurrencyPolicy === "Allow" && "may run twice at once";
      }),
  },
  {
    name: "drains-are-possible",
    level: "mandatory",
    description: "A disruption budget lets at least one pod go.",
    why: "Otherwise no node can be drained: DOKS upgrades hang for an hour, and then kill the pods anyway.",
    example: "maxUnavailable: 1",
    check: (stack) => {
      const pods = Map.groupBy(stack.pods, ({ namespace }) => namespace);
      return each(stack.of("PodDisruptionBudget"), (budget) => {
        const { selector, ...rest } = budget.inputs["spec"] as Budget;
        const chosen = (pods.get(namespaceOf(budget)) ?? []).filter((one) => selects(selector, one.labels));
        // The budget may be for pods of a Helm chart, which are not known here.
        if (chosen.length === 0) return undefined;
        const replicas = chosen.reduce((sum, one) => sum + one.replicas.min, 0);
        return allowed(rest, replicas) < 1 && `lets none of its ${replicas} pods go`;
      });
    },
  },
  {
    name: "several-pods-have-a-budget",
    level: "advisory",
    description: "In production, a Deployment or StatefulSet of several pods has a disruption budget.",
    why: "A drain may take all of them at once.",
    example: "a PodDisruptionBudget with maxUnavailable: 1",
    check: (stack) => {
      if (!stack.production) return [];
      const several = stack.pods.filter(
        ({ replicas, owner }) => replicas.min > 1 && /Deployment|StatefulSet/.test(owner.type),
      );
      return each(
        several
          .filter(
            (one) =>
              !stack
                .in(one.namespace, "PodDisruptionBudget")
                .some((budget) => selects((budget.inputs["spec"] as Budget).selector, one.labels)),
          )
          .map(({ owner }) => owner),
        () => "has no disruption budget",
      );
    },
  },
  {
    name: "version-skew",
    level: "mandatory",
    description: "kubectl in a pod is within one minor version of the cluster.",
    why: "Kubernetes promises no more; beyond it calls fail in ways that nobody tested.",
    example: "registry.k8s.io/kubectl:v1.36.3 on a cluster of 1.36",
    check: (stack) => {
      const cluster = stack.of("KubernetesCluster").map(({ inputs }) => minor(String(inputs["version"])))[0];
      if (cluster === undefined) return [];
      return containers(stack.pods, ({ image = "" }) => {
        if (!/(^|\/)kubectl[:@]/.test(image)) return undefined;
        const own = minor(tagOf(image) ?? "");
        return own !== undefined && Math.abs(own - cluster) > 1 && `runs ${image} beside a cluster of 1.${cluster}`;
      });
    },
  },
];

interface Budget {
  readonly minAvailable?: number | string;
  readonly maxUnavailable?: number | string;
  readonly selector: Selector;
}

/** Number of pods that a budget lets drains evict at once. */
function allowed({ minAvailable, maxUnavailable }: Omit<Budget, "selector">, replicas: number): number {
  if (maxUnavailable !== undefined) return share(maxUnavailable, replicas);
  return replicas - share(minAvailable ?? 0, replicas);
}

function namespaceOf(resource: Resource): string {
  return metadataOf(resource)?.namespace ?? "default";
}
