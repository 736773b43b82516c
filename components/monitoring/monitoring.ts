import type * as pulumi from "@pulumi/pulumi";

/** The Prometheus Operator of a cluster, where there is one: what alerts, scrape targets and dashboards are made for. */
export interface Monitoring {
  /** Namespace of Prometheus, as NetworkPolicies name it. */
  readonly namespace: string;
  /** Labels that its Prometheus selects monitors and rules by. */
  readonly labels: Record<string, string>;
  /** What resources of its kinds wait for. */
  readonly ready: readonly pulumi.Resource[];
}
