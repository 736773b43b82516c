/** What the add-ons are told of the stack. */
import type { ComponentArgs } from "../site/component.ts";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { PlatformSetting } from "../../settings/platform.ts";

export interface AddonsArgs extends ComponentArgs {
  readonly setting: PlatformSetting["addons"];
  readonly monitoring: PlatformSetting["monitoring"];
  readonly monitoringNodeSelector: Record<string, string> | undefined;
  readonly storageClass: string | undefined;
  readonly nodeSelector: Record<string, string> | undefined;
  /** Makes a provider that takes over objects which the cluster, or its owner, brought. */
  readonly adopter: (name: string, parent: pulumi.Resource) => k8s.Provider;
  /** Two of each and disruption budgets. */
  readonly production: boolean;
}
