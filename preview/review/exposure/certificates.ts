/** Which certificate a client is shown, and who issues it. Pure. */
import { balancerAnnotation } from "../../../catalogue/doks.ts";
import { kindOf, label, type Resource } from "../../../graph/resource.ts";
import type { Pods } from "../../../graph/pods.ts";
import { annotationsOf, namespaceOf, type ClusterView } from "./cluster-view.ts";
import { linkTo, type Certificate } from "./entry.ts";

interface IssuerRef {
  readonly name?: string;
  readonly kind?: string;
}
interface CertificateSpec {
  readonly secretName?: string;
  readonly dnsNames?: readonly string[];
  readonly issuerRef?: IssuerRef;
}
interface IssuerSpec {
  readonly acme?: { readonly server?: string };
  readonly ca?: unknown;
  readonly selfSigned?: unknown;
}

/** Directories whose certificates browsers refuse. Source: Let's Encrypt, "Staging Environment". */
const untrusted = /^acme-staging-/;
/** Directories whose certificates browsers trust. Source: Let's Encrypt, "Integration Guide". */
const trusted = /^acme-v\d+\.api\.letsencrypt\.org$/;

/** The certificate in a Secret. cert-manager makes it from a Certificate, or from an Ingress that names an issuer. */
export function certificateIn(
  view: ClusterView,
  namespace: string,
  secretName: string,
  ingress?: Resource,
): Certificate {
  const kept = `Secret ${namespace}/${secretName}`;
  const made = view
    .of("Certificate")
    .find((one) => namespaceOf(one) === namespace && (one.inputs["spec"] as CertificateSpec).secretName === secretName);
  if (made !== undefined) {
    const { issuerRef = {} } = made.inputs["spec"] as CertificateSpec;
    return { kept, ...issuedBy(view, namespace, issuerRef), by: linkTo(made) };
  }
  const annotations = ingress === undefined ? {} : annotationsOf(ingress);
  const clusterIssuer = annotations["cert-manager.io/cluster-issuer"];
  const name = clusterIssuer ?? annotations["cert-manager.io/issuer"];
  if (ingress !== undefined && name !== undefined) {
    const kind = clusterIssuer === undefined ? "Issuer" : "ClusterIssuer";
    return { kept, ...issuedBy(view, namespace, { name, kind }), by: linkTo(ingress) };
  }
  const secret = view.find("Secret", namespace, secretName);
  if (secret !== undefined) return { kept, issuer: "who made the Secret", trusted: undefined, by: linkTo(secret) };
  return { kept, issuer: undefined, trusted: undefined, by: undefined };
}

function issuedBy(
  view: ClusterView,
  namespace: string,
  { name = "", kind = "Issuer" }: IssuerRef,
): Pick<Certificate, "issuer" | "trusted" | "issuedBy"> {
  const found = view.find(kind, kind === "ClusterIssuer" ? undefined : namespace, name);
  const spec = found?.inputs["spec"] as IssuerSpec | undefined;
  // Another stack's issuer has a name only.
  if (found === undefined || spec === undefined) return { issuer: name, trusted: undefined };
  const issuedBy = linkTo(found);
  if (spec.acme?.server !== undefined) {
    const { host } = new URL(spec.acme.server);
    return { issuedBy, issuer: host, trusted: untrusted.test(host) ? false : trusted.test(host) ? true : undefined };
  }
  return "ca" in spec || "selfSigned" in spec
    ? { issuedBy, issuer: "an authority of the cluster's own", trusted: false }
    : { issuedBy, issuer: name, trusted: undefined };
}

/** Names of the inputs by which a Service asks for a certificate of the DigitalOcean account. */
const accountCertificate = ["certificate-name", "certificate-id"].map(balancerAnnotation);

/** The certificate of the account with which a load balancer ends TLS; undefined if it ends none. */
export function accountCertificateOf(service: Resource): Certificate | undefined {
  const annotations = annotationsOf(service);
  const name = accountCertificate.map((one) => annotations[one]).find((one) => one !== undefined);
  if (name === undefined) return undefined;
  const issuer = "the DigitalOcean account";
  return { kept: `certificate ${name} of the account`, issuer, trusted: undefined, by: linkTo(service) };
}

interface SecretVolume {
  readonly secret?: { readonly secretName?: string };
  readonly projected?: { readonly sources?: readonly { readonly secret?: { readonly name?: string } }[] };
}

/**
 * The server's certificate among the files of pods that end TLS themselves: in a Secret that they mount, and that has a
 * certificate with its key. Undefined if they mount none.
 */
export function certificateOfPods(view: ClusterView, pods: readonly Pods[]): Certificate | undefined {
  for (const { spec, namespace } of pods) {
    for (const name of (spec.volumes ?? []).flatMap(secretsOf)) {
      const secret = view.find("Secret", namespace, name);
      if (secret !== undefined && hasKeyPair(secret)) return ownCertificate(view, secret);
    }
  }
  return undefined;
}

function secretsOf(volume: SecretVolume): string[] {
  const sources = volume.projected?.sources ?? [];
  return [volume.secret?.secretName, ...sources.map(({ secret }) => secret?.name)].filter((name) => name !== undefined);
}

function hasKeyPair({ inputs }: Resource): boolean {
  const keys = Object.keys({
    ...(inputs["data"] as object | undefined),
    ...(inputs["stringData"] as object | undefined),
  });
  return keys.some((key) => key.endsWith(".crt") && keys.includes(key.replace(/\.crt$/, ".key")));
}

function ownCertificate(view: ClusterView, secret: Resource): Certificate {
  const sources = Object.values(secret.inputsFrom).flat();
  const signed = sources
    .flatMap((urn) => view.all.get(urn) ?? [])
    .find((one) => kindOf(one) === "LocallySignedCert" || kindOf(one) === "SelfSignedCert");
  const issuer = signed === undefined ? "who made the Secret" : "the stack's own authority";
  return {
    kept: label(secret),
    issuer,
    trusted: signed === undefined ? undefined : false,
    by: linkTo(signed ?? secret),
  };
}
