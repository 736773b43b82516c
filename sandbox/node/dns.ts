/** The cluster's name server: CoreDNS, as a pod, at the address that pods are given. */
import type { ApiObject } from "../control-plane/client.ts";
import { serverAddresses } from "./outside.ts";
import { dnsImage } from "./own-images.ts";

/** Address of the Service. */
export const dnsAddress = "10.245.0.10";

const name = "coredns";
const namespace = "kube-system";
/** That of DOKS, by which policies know it. */
const labels = { "k8s-app": "kube-dns" };

/** Names of the cluster are answered from its Services and pods, each other by the name server outside. */
const corefile = `cluster.local:53 in-addr.arpa:53 {
    errors
    health :8080
    ready :8181
    kubernetes cluster.local in-addr.arpa {
        pods insecure
        ttl 5
    }
    cache 5
    loadbalance
}
.:53 {
    errors
    forward . ${serverAddresses.names}
}
`;

/** What runs it. */
export const dnsDeployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace } };

/** All objects of it. */
export function dnsObjects(): ApiObject[] {
  const role = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:coredns" };
  const account = { kind: "ServiceAccount", name, namespace };
  return [
    { apiVersion: "v1", kind: account.kind, metadata: { name, namespace } },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: role.name },
      rules: [
        { apiGroups: [""], resources: ["services", "pods", "namespaces"], verbs: ["list", "watch"] },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
      ],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: role.name },
      roleRef: role,
      subjects: [account],
    },
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data: { Corefile: corefile } },
    {
      ...dnsDeployment,
      metadata: { ...dnsDeployment.metadata, labels },
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kube-dns", namespace, labels },
      spec: {
        clusterIP: dnsAddress,
        selector: labels,
        ports: ["UDP", "TCP"].map((protocol) => ({
          ...{ name: `dns-${protocol.toLowerCase()}`, protocol, port: 53, targetPort: 53 },
        })),
      },
    },
  ];
}

const pod = {
  serviceAccountName: name,
  dnsPolicy: "Default",
  priorityClassName: "system-cluster-critical",
  securityContext: { seccompProfile: { type: "RuntimeDefault" } },
  containers: [
    {
      ...{ name, image: dnsImage, args: ["-conf", "/etc/coredns/Corefile"] },
      securityContext: {
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
        // Policies name the pod's port, which is 53, as everywhere.
        capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
      },
      readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 1 },
      resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "170Mi" } },
      volumeMounts: [{ name: "config", mountPath: "/etc/coredns" }],
    },
  ],
  volumes: [{ name: "config", configMap: { name } }],
};
