/** The kinds that add-ons and DOKS bring, from the add-ons' own Go modules at the versions that the program installs. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { ownedKind } from "../../components/addons/owned-kind.ts";
import { moduleFolder } from "../tools.ts";
import type { ApiObject } from "./client.ts";

export interface Source {
  readonly module: string;
  /** Folder of files, or one file. */
  readonly path: string;
}

/** Envoy Gateway's chart of kinds, as the program installs it. */
const gatewayKinds = ["standard-gatewayapi-crds.yaml", "generated"].map((path) => ({
  module: "github.com/envoyproxy/gateway@v1.9.0",
  path: `charts/gateway-crds-helm/templates/${path}`,
}));

const otherKinds: readonly Source[] = [
  { module: "github.com/cert-manager/cert-manager@v1.21.1", path: "deploy/crds" },
  { module: "github.com/prometheus-operator/prometheus-operator@v0.93.1", path: "example/prometheus-operator-crd" },
  {
    module: "github.com/cilium/cilium@v1.19.3",
    path: "pkg/k8s/apis/cilium.io/client/crds/v2/ciliumnetworkpolicies.yaml",
  },
];

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

/** Every CustomResourceDefinition that a rendered stack may use. */
export function addonKinds(): ApiObject[] {
  return [...gatewayChartObjects().filter(isKind), ...otherKinds.flatMap(objectsIn).filter(isKind)];
}

/** All that the program's chart of Envoy Gateway's kinds brings, the policy on their upgrades too, as it is applied. */
export function gatewayChartObjects(): ApiObject[] {
  return gatewayKinds.flatMap(objectsIn).map(ownedKind);
}

/** The kinds of Gateway API that a cluster of DOKS has before anybody comes. */
export function doksKinds(): ApiObject[] {
  return broughtByDoks.flatMap(objectsIn);
}

/** Objects that a module has as files. */
export function objectsIn({ module, path }: Source): ApiObject[] {
  const place = join(moduleFolder(module), path);
  const files = path.endsWith(".yaml") ? [place] : readdirSync(place).map((name) => join(place, name));
  return files.filter((file) => file.endsWith(".yaml")).flatMap((file) => objectsOf(readFileSync(file, "utf8")));
}

function isKind({ kind }: ApiObject): boolean {
  return kind === "CustomResourceDefinition";
}

function objectsOf(text: string): ApiObject[] {
  // Charts wrap a definition in a condition of their own; what is left is plain YAML.
  const plain = text.replaceAll(/^\s*\{\{-?.*?-?\}\}\s*$/gm, "");
  const objects = parseAllDocuments(plain).map((document) => document.toJS() as ApiObject | null);
  return objects.filter((object) => object !== null);
}
