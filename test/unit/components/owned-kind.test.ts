/** What becomes of the objects that the chart of kinds brings. */
import type * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { ownKinds } from "../../../components/addons/kinds.ts";
import { ownedKind } from "../../../components/addons/owned-kind.ts";

/** As gateway-api's v1.6.1 has it in the standard channel, without schemas. */
const tlsRoutes = {
  kind: "CustomResourceDefinition",
  metadata: {
    name: "tlsroutes.gateway.networking.k8s.io",
    annotations: { "gateway.networking.k8s.io/channel": "standard" },
  },
  spec: {
    group: "gateway.networking.k8s.io",
    versions: [
      { name: "v1", served: true, storage: true },
      { name: "v1alpha2", served: false, storage: false },
      { name: "v1alpha3", served: false, storage: false },
    ],
  },
};

describe("a kind that is ours", () => {
  it("tells DOKS and Helm to leave it, and keeps what it said", () => {
    expect(ownedKind(tlsRoutes).metadata).toEqual({
      name: "tlsroutes.gateway.networking.k8s.io",
      annotations: {
        "gateway.networking.k8s.io/channel": "standard",
        "doks.digitalocean.com/install-policy": "external",
        "helm.sh/resource-policy": "keep",
      },
    });
    expect(ownedKind({ metadata: { name: "envoyproxies.gateway.envoyproxy.io" } }).metadata).toMatchObject({
      annotations: { "helm.sh/resource-policy": "keep" },
    });
  });

  it("leaves the prose of its schema out, but no field of that name", () => {
    const schema = (prose: object) => ({
      openAPIV3Schema: {
        ...prose,
        properties: { description: { type: "string", ...prose }, rules: { items: { ...prose, enum: ["a"] } } },
      },
    });
    const described = {
      ...tlsRoutes,
      spec: { versions: [{ name: "v1", served: true, schema: schema({ description: "What it is." }) }] },
    };
    expect(ownedKind(described).spec.versions[0]?.schema).toEqual(schema({}));
  });

  it("serves TLSRoute in the version that Cilium's operator needs, and no other that the channel retired", () => {
    const { group, versions } = ownedKind(tlsRoutes).spec;
    expect(group).toBe("gateway.networking.k8s.io");
    expect(versions.map(({ name, served }) => `${name} ${served}`)).toEqual([
      "v1 true",
      "v1alpha2 true",
      "v1alpha3 false",
    ]);
    const tcpRoutes = { ...tlsRoutes, metadata: { name: "tcproutes.gateway.networking.k8s.io" } };
    expect(ownedKind(tcpRoutes).spec).toEqual(tlsRoutes.spec);
  });

  it("stays when its resource goes; the chart around it keeps its options, and with them its cluster", () => {
    const about = (custom: boolean, props: object) =>
      ({ custom, type: "", name: "", props, opts: { protect: false } }) as pulumi.ResourceTransformArgs;
    const kind = ownKinds(about(true, tlsRoutes));
    expect(kind?.opts).toEqual({ protect: false, retainOnDelete: true });
    expect(kind?.props).toEqual(ownedKind(tlsRoutes));
    expect(ownKinds(about(false, { chart: "gateway-crds-helm", values: {} }))).toBeUndefined();
  });
});
