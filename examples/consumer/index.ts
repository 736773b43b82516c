/** A stack of somebody else's, on the cluster and beside the systems of a doks-systems stack. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

interface Platform {
  readonly clusterId: string;
  readonly cluster: { readonly name: string; readonly endpoint: string; readonly caCertificate: string };
}
interface Hermes {
  readonly namespace: string;
  readonly databaseHost: string;
}

const stack = new pulumi.StackReference(new pulumi.Config().require("stack"));
const platform = stack.requireOutput("platform") as pulumi.Output<Platform>;
const hermes = stack.requireOutput("hermes") as pulumi.Output<Hermes>;
/** Marked secret by the stack that gives them, and so by whatever is made of them here. */
const passwords = stack.requireOutput("secrets") as pulumi.Output<Record<string, Record<string, string>>>;

const kubeconfig = pulumi
  .all([platform, pulumi.secret(process.env["DIGITALOCEAN_TOKEN"] ?? "")])
  .apply(([{ cluster }, token]) =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: cluster.name,
          cluster: { server: cluster.endpoint, "certificate-authority-data": cluster.caCertificate },
        },
      ],
      users: [{ name: "token", user: { token } }],
      contexts: [{ name: "token", context: { cluster: cluster.name, user: "token" } }],
      "current-context": "token",
    }),
  );
const clusterIdentifier = platform.apply(({ clusterId }) => clusterId);
const provider = new k8s.Provider("cluster", { kubeconfig, clusterIdentifier });
const opts = { provider };

const namespace = new k8s.core.v1.Namespace("consumer", { metadata: { name: "consumer" } }, opts);
const inside = { namespace: namespace.metadata.name };
new k8s.core.v1.ConfigMap(
  "hermes",
  { metadata: { ...inside, name: "hermes" }, data: { host: hermes.apply(({ databaseHost }) => databaseHost) } },
  opts,
);
new k8s.core.v1.Secret(
  "hermes",
  { metadata: { ...inside, name: "hermes" }, stringData: passwords.apply((all) => ({ ...all["hermes"] })) },
  opts,
);

export const databaseHost = hermes.apply((outputs) => outputs.databaseHost);
export const password = passwords.apply((all) => Object.values(all["hermes"] ?? {})[0] ?? "");
