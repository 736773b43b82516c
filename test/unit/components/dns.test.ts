/** Records of hosts, where what the load balancer reports is known only once it is there. */
import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { addressRecords } from "../../../components/edge/dns.ts";

/** The records that a stack with these zones makes. */
async function recordsFor(address: string, hosts: readonly string[]): Promise<unknown[]> {
  const records: unknown[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ name, type, inputs }) => {
      if (type === "digitalocean:index/dnsRecord:DnsRecord") records.push(inputs);
      return { id: name, state: inputs as object };
    },
    call: ({ inputs }) => inputs as object,
  });
  await pulumi.runtime.runInPulumiStack(() => {
    const parent = new pulumi.ComponentResource("doks-systems:test:Edge", "edge");
    const reported = pulumi.output(Promise.resolve(address));
    addressRecords("edge", { dns: { domains: ["bowmark.ca"], ready: [] }, hosts, address: reported }, parent);
    return Promise.resolve({});
  });
  await pulumi.runtime.disconnect();
  return records;
}

const record = { domain: "bowmark.ca", name: "app", ttl: 300 };

it("a host leads to the IP address, or is an alias of the hostname, that its load balancer reports", async () => {
  const hosts = ["app.bowmark.ca", "elsewhere.example.com"];
  expect(await recordsFor("192.0.2.10", hosts)).toEqual([{ ...record, type: "A", value: "192.0.2.10" }]);
  expect(await recordsFor("lb.example.com", hosts)).toEqual([{ ...record, type: "CNAME", value: "lb.example.com." }]);
});
