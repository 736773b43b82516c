/** The address that a cluster's requests come from. */
import { describe, expect, it } from "vitest";
import { bowmark } from "./support.ts";

const nat = { "doks-systems:platform": { cluster: { nat: { size: 2 } } } };

describe("a NAT gateway", () => {
  it("is in the cluster's VPC, takes every request to the internet, and its address is an output", async () => {
    const prod = await bowmark("prod", nat);
    const vpc = prod.all("Vpc")[0];
    const gateway = prod.one("VpcNatGateway", "doks-prod");
    expect(gateway.inputs).toMatchObject({ type: "PUBLIC", region: "nyc1", size: 2 });
    expect(gateway.inputsFrom["vpcs"]).toEqual([vpc?.urn]);
    expect(gateway.protect).toBe(true);
    // Without the agent the cluster has no kind `Route`. Source: DigitalOcean, "How to Use the Routing Agent".
    expect(prod.one("KubernetesCluster", "doks-prod").inputs["routingAgent"]).toEqual({ enabled: true });
    const route = prod.object("Route", "default-egress-via-nat");
    expect(route.spec).toEqual({ destinations: ["0.0.0.0/0"], gateways: ["10.20.0.2"] });
    expect(prod.rendering.outputs["platform"]).toMatchObject({ outgoingAddresses: ["192.0.2.10"] });
  });

  it("is there before a workload asks anything of the internet", async () => {
    const prod = await bowmark("prod", nat);
    for (const name of prod.names("Deployment"))
      expect(prod.waitsFor(prod.one("Deployment", name)).map((one) => one.name)).toContain("platform-nat-route");
  });

  it("is not made unless somebody asks for it, and then nobody promises an address", async () => {
    const prod = await bowmark("prod");
    expect(prod.all("VpcNatGateway")).toEqual([]);
    expect(prod.one("KubernetesCluster", "doks-prod").inputs).not.toHaveProperty("routingAgent");
    expect(prod.rendering.outputs["platform"]).not.toHaveProperty("outgoingAddresses");
  });
});
