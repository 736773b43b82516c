/** The kinds that add-ons and DOKS bring, from the add-ons' own Go modules at the versions that the program installs. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { moduleFolder } from "../tools.ts";
import type { ApiObject } from "./client.ts";

const sources: readonly { module: string; folder: string; only?: string }[] = [
  { module: "sigs.k8s.io/gateway-api@v1.6.1", folder: "config/crd/standard" },
  { module: "github.com/envoyproxy/gateway@v1.9.0", folder: "charts/gateway-crds-helm/templates/generated" },
  { module: "github.com/cert-manager/cert-manager@v1.21.1", folder: "deploy/crds" },
  {
    module: "github.com/prometheus-operator/prometheus-operator@v0.93.1",
    folder: "example/prometheus-operator-crd",
  },
  {
    module: "github.com/cilium/cilium@v1.19.3",
    folder: "pkg/k8s/apis/cilium.io/client/crds/v2",
    only: "ciliumnetworkpolicies.yaml",
  },
];

/** Every CustomResourceDefinition that a rendered stack may use. */
export function addonKinds(): ApiObject[] {
  return sources.flatMap(({ module, folder, only }) => {
    const path = join(moduleFolder(module), folder);
    const files = readdirSync(path).filter((name) => (only === undefined ? name.endsWith(".yaml") : name === only));
    return files.flatMap((file) => objectsOf(readFileSync(join(path, file), "utf8")));
  });
}

/**
 * What VPC-native clusters of DOKS bring of Gateway API (digitalocean/DOKS#33, envoyproxy/gateway#8991). Of that bundle `TLSRoute`
 * is in the experimental channel only.
 */
const broughtByDoks: readonly Source[] = [
  ...["gatewayclasses", "gateways", "grpcroutes", "httproutes", "referencegrants"].map((kind) => `standard/${kind}`),
  "experimental/tlsroutes",
].map((path) => ({
  module: "sigs.k8s.io/gateway-api@v1.2.1",
  path: `config/crd/${path.replace("/", "/gateway.networking.k8s.io_")}.yaml`,
}));

/** The kinds of Gateway API that a cluster of DOKS has before anybody comes. */
export function doksKinds(): ApiObject[] {
  return broughtByDoks.flatMap(objectsIn);
}

export interface Source {
  readonly module: string;
  /** Folder of files, or one file. */
  readonly path: string;
}

/** Kinds that a module has as files. */
export function objectsIn({ module, path }: Source): ApiObject[] {
  const place = join(moduleFolder(module), path);
  const files = path.endsWith(".yaml") ? [place] : readdirSync(place).map((name) => join(place, name));
  return files.filter((file) => file.endsWith(".yaml")).flatMap((file) => objectsOf(readFileSync(file, "utf8")));
}

function objectsOf(text: string): ApiObject[] {
  // Charts wrap a definition in a condition of their own; what is left is plain YAML.
  const plain = text.replaceAll(/^\s*\{\{-?.*?-?\}\}\s*$/gm, "");
  return parseAllDocuments(plain)
    .map((document) => document.toJS() as ApiObject | null)
    .filter((object) => object?.kind === "CustomResourceDefinition") as ApiObject[];
}
