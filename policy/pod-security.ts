/** Checks pods against the Pod Security Standard `restricted`. Source: Kubernetes, "Pod Security Standards", v1.36. Pure. */

import type { Container, PodSpec, SecurityContext } from "../graph/pods.ts";

const allowedVolumes = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);
const safeSysctls = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
]);
const selinuxTypes = new Set(["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"]);

/** Reasons for which Pod Security admission would refuse a pod; empty if it would admit the pod. */
export function restrictedViolations(pod: PodSpec): string[] {
  const containers = [...(pod.initContainers ?? []), ...(pod.containers ?? []), ...(pod.ephemeralContainers ?? [])];
  return [
    ...hostNamespaces(pod),
    ...volumes(pod),
    ...sysctls(pod),
    ...selinux("pod", pod.securityContext),
    ...(pod.securityContext?.runAsUser === 0 ? ["pod: runAsUser is 0"] : []),
    ...containers.flatMap((container) => containerViolations(container, pod.securityContext ?? {})),
  ];
}

function hostNamespaces(pod: PodSpec): string[] {
  return (["hostNetwork", "hostPID", "hostIPC"] as const)
    .filter((key) => pod[key] === true)
    .map((key) => `pod: ${key}`);
}

function volumes(pod: PodSpec): string[] {
  return (pod.volumes ?? []).flatMap((volume) =>
    Object.keys(volume)
      .filter((key) => key !== "name" && !allowedVolumes.has(key))
      .map((kind) => `volume ${String(volume["name"])}: ${kind} is not allowed`),
  );
}

function sysctls(pod: PodSpec): string[] {
  const unsafe = (pod.securityContext?.sysctls ?? []).filter(({ name }) => !safeSysctls.has(name));
  return unsafe.map(({ name }) => `pod: sysctl ${name}`);
}

function selinux(where: string, context: SecurityContext | undefined): string[] {
  const options = context?.seLinuxOptions;
  if (options === undefined) return [];
  return [
    ...(selinuxTypes.has(options.type ?? "") ? [] : [`${where}: seLinuxOptions.type ${options.type ?? ""}`]),
    ...(options.user ? [`${where}: seLinuxOptions.user`] : []),
    ...(options.role ? [`${where}: seLinuxOptions.role`] : []),
  ];
}

function containerViolations(
  { name, securityContext: own = {}, ports = [] }: Container,
  pod: SecurityContext,
): string[] {
  const { drop = [], add = [] } = own.capabilities ?? {};
  const seccomp = own.seccompProfile?.type ?? pod.seccompProfile?.type;
  const checks: [boolean, string][] = [
    [own.privileged === true, "is privileged"],
    [own.allowPrivilegeEscalation !== false, "allowPrivilegeEscalation is not false"],
    [!drop.includes("ALL"), "does not drop ALL capabilities"],
    [add.some((capability) => capability !== "NET_BIND_SERVICE"), "adds capabilities"],
    [(own.runAsNonRoot ?? pod.runAsNonRoot) !== true, "runAsNonRoot is not true"],
    [own.runAsUser === 0, "runAsUser is 0"],
    [seccomp !== "RuntimeDefault" && seccomp !== "Localhost", "seccompProfile is not RuntimeDefault"],
    [own.procMount !== undefined && own.procMount !== "Default", "procMount is not Default"],
    [ports.some(({ hostPort }) => (hostPort ?? 0) !== 0), "uses a host port"],
  ];
  return [
    ...checks.filter(([violated]) => violated).map(([, what]) => `container ${name}: ${what}`),
    ...selinux(`container ${name}`, own),
  ];
}
