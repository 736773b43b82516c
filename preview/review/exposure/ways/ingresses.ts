/** Ways in through a classic Ingress. Source: ingress-nginx, "Annotations" (1.12). Pure. */
import type { Resource } from "../../../../graph/resource.ts";
import { certificateIn } from "../certificates.ts";
import { annotationsOf, namespaceOf, ownersOf, type ClusterView } from "../cluster-view.ts";
import { linkTo, type DnsEntry, type Entry, type HiddenPath } from "../entry.ts";
import { controllerEntrance } from "../fronts.ts";
import { plainPath } from "../hidden-paths.ts";
import { covers } from "../sources.ts";

interface IngressSpec {
  readonly ingressClassName?: string;
  readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[];
  readonly rules?: readonly {
    readonly host?: string;
    readonly http?: {
      readonly paths: readonly {
        readonly path?: string;
        readonly backend: { readonly service?: { readonly name: string } };
      }[];
    };
  }[];
}

const nginx = (about: string) => `nginx.ingress.kubernetes.io/${about}`;

/** Every way in through Ingresses, and the paths that those hide which admit nobody. */
export function ingressEntries(
  view: ClusterView,
  dns: ReadonlyMap<string, DnsEntry>,
): { entries: Entry[]; hidden: HiddenPath[] } {
  const all = view.of("Ingress");
  return {
    entries: all.filter((one) => !admitsNobody(one)).flatMap((one) => entriesOf(view, one, dns)),
    hidden: all
      .filter(admitsNobody)
      .flatMap((one) => paths(one).map(({ host, path }) => ({ host, path: plainPath(path), by: linkTo(one) }))),
  };
}

function blocks(ingress: Resource, about: string): string[] {
  return (annotationsOf(ingress)[nginx(about)] ?? "").split(",").flatMap((one) => one.trim() || []);
}

function admitsNobody(ingress: Resource): boolean {
  return covers(blocks(ingress, "denylist-source-range"), "0.0.0.0/0");
}

function specOf(ingress: Resource): IngressSpec {
  return ingress.inputs["spec"] as IngressSpec;
}

function paths(ingress: Resource): { host: string; path: string; service: string | undefined }[] {
  return (specOf(ingress).rules ?? []).flatMap(({ host = "*", http }) =>
    (http?.paths ?? []).map(({ path = "/", backend }) => ({ host, path, service: backend.service?.name })),
  );
}

function entriesOf(view: ClusterView, ingress: Resource, dns: ReadonlyMap<string, DnsEntry>): Entry[] {
  const { ingressClassName = "of the cluster's default", tls = [] } = specOf(ingress);
  const allowed = [...blocks(ingress, "whitelist-source-range"), ...blocks(ingress, "allowlist-source-range")];
  const entrance = controllerEntrance(ingressClassName, allowed);
  const redirect = annotationsOf(ingress)[nginx("ssl-redirect")] !== "false";
  return paths(ingress).map(({ host, path, service }): Entry => {
    const secured = tls.find(({ hosts = [] }) => hosts.includes(host));
    const namespace = namespaceOf(ingress);
    const certificate =
      secured?.secretName === undefined ? undefined : certificateIn(view, namespace, secured.secretName, ingress);
    return {
      ...{ id: `${host}${path}`, kind: "host", host, path, by: linkTo(ingress), owner: view.ownerOf(ingress) },
      ...{ port: secured === undefined ? 80 : 443, protocol: secured === undefined ? "HTTP" : "HTTPS" },
      ...{ redirectsHttp: secured !== undefined && redirect, certificate, dns: dns.get(host), ...entrance },
      to: behind(view, namespace, service),
    };
  });
}

function behind(view: ClusterView, namespace: string, serviceName: string | undefined): Entry["to"] {
  const service = view.find("Service", namespace, serviceName);
  return service === undefined ? [] : ownersOf(view.podsBehind(service));
}
