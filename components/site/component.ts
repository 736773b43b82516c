/**
 * What every component of the program is: a group of resources that takes arguments, and a last resort for whoever builds with it.
 */
import type * as digitalocean from "@pulumi/digitalocean";
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of the kinds of resources that components make. */
interface ChildArgs {
  readonly ConfigMap: k8s.core.v1.ConfigMapArgs;
  readonly CronJob: k8s.batch.v1.CronJobArgs;
  readonly Deployment: k8s.apps.v1.DeploymentArgs;
  readonly HorizontalPodAutoscaler: k8s.autoscaling.v2.HorizontalPodAutoscalerArgs;
  readonly HTTPRoute: k8s.apiextensions.CustomResourceArgs;
  readonly Ingress: k8s.networking.v1.IngressArgs;
  readonly Job: k8s.batch.v1.JobArgs;
  readonly Namespace: k8s.core.v1.NamespaceArgs;
  readonly NetworkPolicy: k8s.networking.v1.NetworkPolicyArgs;
  readonly PodDisruptionBudget: k8s.policy.v1.PodDisruptionBudgetArgs;
  readonly PrometheusRule: k8s.apiextensions.CustomResourceArgs;
  readonly Release: k8s.helm.v3.ReleaseArgs;
  readonly Secret: k8s.core.v1.SecretArgs;
  readonly Service: k8s.core.v1.ServiceArgs;
  readonly ServiceAccount: k8s.core.v1.ServiceAccountArgs;
  readonly ServiceMonitor: k8s.apiextensions.CustomResourceArgs;
  readonly StatefulSet: k8s.apps.v1.StatefulSetArgs;
  readonly ContainerRegistry: digitalocean.ContainerRegistryArgs;
  readonly DatabaseCluster: digitalocean.DatabaseClusterArgs;
  readonly DatabaseConnectionPool: digitalocean.DatabaseConnectionPoolArgs;
  readonly DatabaseDb: digitalocean.DatabaseDbArgs;
  readonly DatabaseFirewall: digitalocean.DatabaseFirewallArgs;
  readonly DatabaseUser: digitalocean.DatabaseUserArgs;
  readonly DnsRecord: digitalocean.DnsRecordArgs;
  readonly KubernetesCluster: digitalocean.KubernetesClusterArgs;
  readonly KubernetesNodePool: digitalocean.KubernetesNodePoolArgs;
  readonly SpacesBucket: digitalocean.SpacesBucketArgs;
  readonly SpacesKey: digitalocean.SpacesKeyArgs;
  readonly Vpc: digitalocean.VpcArgs;
}

/** A resource as a component is about to make it. */
interface Child<Args> {
  /** Pulumi's name of it, which tells several of one kind apart: `gx-svc-identity-service-2`. */
  readonly name: string;
  readonly args: Args;
  readonly opts: pulumi.CustomResourceOptions;
}

/**
 * Changes resources that a component makes, by their kind, whatever component inside of it makes them: each function gets one as it
 * is about to be made, and returns the arguments, the options, or both, that it shall have instead.
 *
 * The last resort: what it changes is nobody's promise any more. A change that a second user would want is an argument.
 */
export type Transform = {
  readonly [Kind in keyof ChildArgs]?: (child: Child<ChildArgs[Kind]>) => Partial<Omit<Child<ChildArgs[Kind]>, "name">>;
};

/** What every component takes beside its own arguments. */
export interface ComponentArgs {
  /** @default - everything is made as the component has it */
  readonly transform?: Transform | undefined;
}

/** A component resource whose `transform` reaches everything that it makes. */
export abstract class Component extends pulumi.ComponentResource {
  /**
   * @param type Pulumi's type token; it is part of the URN of everything inside, so it stays when a file moves
   * @param shown what the state, and with it the preview, keeps of the arguments; never a secret
   */
  constructor(
    type: string,
    name: string,
    shown: pulumi.Inputs,
    { transform = {} }: ComponentArgs,
    opts: pulumi.ComponentResourceOptions = {},
  ) {
    const kinds = Object.keys(transform).toSorted();
    const transformed = kinds.length === 0 ? undefined : kinds;
    const transformations = [...(opts.transformations ?? []), ...(kinds.length === 0 ? [] : [applied(transform)])];
    super(type, name, { ...shown, transformed }, { ...opts, transformations });
  }
}

const known = new WeakMap<Transform, pulumi.ResourceTransformation>();

/** One for each transform: arguments are often handed on to a component inside, and nothing is changed twice. */
function applied(transform: Transform): pulumi.ResourceTransformation {
  const made = known.get(transform) ?? transformation(transform);
  known.set(transform, made);
  return made;
}

function transformation(transform: Transform): pulumi.ResourceTransformation {
  const changes = transform as Readonly<Record<string, ((child: Child<object>) => Partial<Child<object>>) | undefined>>;
  const changed = new WeakSet<pulumi.Resource>();
  return ({ resource, type, name, props, opts }) => {
    const change = changes[type.split(":").at(-1) ?? ""];
    if (change === undefined || type.startsWith("doks-systems:") || changed.has(resource)) return undefined;
    changed.add(resource);
    const { args = props, opts: options = opts } = change({ name, args: props, opts });
    return { props: args, opts: options };
  };
}
