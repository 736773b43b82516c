/** Arguments that the add-ons share. */
import type { ComponentArgs } from "../site/component.ts";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { PlatformSetting } from "../../settings/platform.ts";

/** Arguments of `Addons`, and of each add-on in it. */
export interface AddonsArgs extends ComponentArgs {
  /** For each add-on whether to install it, rely on the cluster's own, or do without: `platform.addons`. */
  readonly setting: PlatformSetting["addons"];
  /** Namespace, volume size, retention and resources of Prometheus: `platform.monitoring`. */
  readonly monitoring: PlatformSetting["monitoring"];
  /** Labels of the nodes that Prometheus, Alertmanager and Grafana run on; undefined means any node. */
  readonly monitoringNodeSelector: Record<string, string> | undefined;
  /** Storage class of Prometheus' volume; undefined means the cluster's default. */
  readonly storageClass: string | undefined;
  /** Labels of the nodes that all other add-ons run on; undefined means any node. */
  readonly nodeSelector: Record<string, string> | undefined;
  /** Key of the node label that says which pool a node is of; alerts on pools count nodes by it. */
  readonly poolLabel: string;
  /** Makes a provider that takes over custom resource definitions which the cluster has already. */
  readonly adopter: (name: string, parent: pulumi.Resource) => k8s.Provider;
  /** Password of Grafana's user `admin` from the stack's secrets. @default - one is generated */
  readonly grafanaPassword: pulumi.Output<string> | undefined;
  /** Runs at least two pods of each add-on, with disruption budgets; otherwise one, without. */
  readonly production: boolean;
}
