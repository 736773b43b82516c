/**
 * Reads the kinds (custom resource definitions) of add-ons and of DOKS from the Go modules of their projects, at the
 * versions that the program installs.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { certManagerVersion } from "../../components/addons/cert-manager.ts";
import { envoyGatewayVersion } from "../../components/addons/envoy-gateway.ts";
import { ownedKind } from "../../components/addons/owned-kind.ts";
import { moduleFolder } from "../tools.ts";
import type { ApiObject } from "./client.ts";

/** YAML files in a Go module. */
export interface Source {
  /** Path of the module, with `@version` if it is not in `go.mod`. */
  readonly module: string;
  /** A file, or a folder of files, in the module. */
  readonly path: string;
}

/** The chart of Envoy Gateway and Gateway API kinds that the program installs. */
const gatewayKinds = ["standard-gatewayapi-crds.yaml", "generated"].map((path) => ({
  module: `github.com/envoyproxy/gateway@v${envoyGatewayVersion}`,
  path: `charts/gateway-crds-helm/templates/${path}`,
}));

const otherKinds: readonly Source[] = [
  { module: `github.com/cert-manager/cert-manager@${certManagerVersion}`, path: "deploy/crds" },
  { module: "github.com/prometheus-operator/prometheus-operator@v0.93.1", path: "example/prometheus-operator-crd" },
  {
    module: "github.com/cilium/cilium@v1.19.3",
    path: "pkg/k8s/apis/cilium.io/client/crds/v2/ciliumnetworkpolicies.yaml",
  },
];

/**
 * The kinds of Gateway API in a new VPC-native DOKS cluster (digitalocean/DOKS#33, envoyproxy/gateway#8991). In that
 * bundle only the experimental channel has `TLSRoute`.
 */
const gatewayKindsOfDoks: readonly Source[] = [
  ...["gatewayclasses", "gateways", "grpcroutes", "httproutes", "referencegrants"].map((kind) => `standard/${kind}`),
  "experimental/tlsroutes",
].map((path) => ({
  module: "sigs.k8s.io/gateway-api@v1.2.1",
  path: `config/crd/${path.replace("/", "/gateway.networking.k8s.io_")}.yaml`,
}));

/** Custom resource definitions of all kinds that stacks make objects of. */
export function addonKinds(): ApiObject[] {
  return [...gatewayChartObjects().filter(isKind), ...otherKinds.flatMap(objectsIn).filter(isKind)];
}

/** All objects in the program's chart of kinds as the program applies them, also the policy on upgrades of Gateway API. */
export function gatewayChartObjects(): ApiObject[] {
  return gatewayKinds.flatMap(objectsIn).map(ownedKind);
}

/** The kinds of Gateway API in a new DOKS cluster. */
export function doksKinds(): ApiObject[] {
  return gatewayKindsOfDoks.flatMap(objectsIn);
}

/** Objects in the YAML files of a module. */
export function objectsIn({ module, path }: Source): ApiObject[] {
  const place = join(moduleFolder(module), path);
  const files = path.endsWith(".yaml") ? [place] : readdirSync(place).map((name) => join(place, name));
  return files.filter((file) => file.endsWith(".yaml")).flatMap((file) => objectsOf(readFileSync(file, "utf8")));
}

function isKind({ kind }: ApiObject): boolean {
  return kind === "CustomResourceDefinition";
}

function objectsOf(text: string): ApiObject[] {
  // In charts, definitions are plain YAML between lines with template conditions, which are removed.
  const plain = text.replaceAll(/^\s*\{\{-?.*?-?\}\}\s*$/gm, "");
  const objects = parseAllDocuments(plain).map((document) => document.toJS() as ApiObject | null);
  return objects.filter((object) => object !== null);
}
