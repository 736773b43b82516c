/** What the simulated DigitalOcean refuses of private networks, with where that is public. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { overlap, parseBlock } from "../../../catalogue/addresses.ts";
import { PaperAccount } from "../../../sandbox/digitalocean/refusals.ts";
import { vpcRefusal } from "../../../sandbox/digitalocean/rules/networks.ts";
import { apiReference, createClusters, planYourNetwork, refusals } from "../../support/digitalocean/refusals.ts";

refusals({
  "a VPC": {
    path: () => "/v2/vpcs",
    right: { name: "other", region: "nyc1", ip_range: "10.21.0.0/20" },
    wrong: [
      ["with a name that is taken", "scale-with-simplicity", { name: "vpc" }, /^422 a VPC with the same name already/],
      ["with a space in its name", apiReference, { name: "my vpc" }, /^422 name may only contain/],
      ["without a range is right", apiReference, { ip_range: undefined }, /^201$/],
      [
        "in the range of another one",
        "mcp-digitalocean#260",
        { ip_range: "10.20.8.0/21" },
        /another VPC .*: vpc 10\.20\./,
      ],
      [
        "in another region, in the range of another one",
        createClusters,
        { region: "fra1", ip_range: "10.20.0.0/16" },
        /another VPC/,
      ],
      [
        "in the range of a cluster's pods",
        createClusters,
        { ip_range: "10.100.16.0/20" },
        /^422 This range\/size overlaps/,
      ],
      [
        "in the range of a cluster's Services",
        createClusters,
        { ip_range: "10.101.0.0/24" },
        /^422 This range\/size overlaps/,
      ],
      ["with host bits", apiReference, { ip_range: "10.21.3.7/20" }, /its first address is 10\.21\.0\.0\/20/],
      ["with public addresses", apiReference, { ip_range: "203.0.113.0/24" }, /RFC 1918/],
      ["larger than a /16", apiReference, { ip_range: "172.16.0.0/15" }, /nor larger than \/16/],
      ["smaller than a /28", apiReference, { ip_range: "10.21.0.0/30" }, /may not be smaller than \/28/],
      ["that is no range", apiReference, { ip_range: "10.21.0.0" }, /not in CIDR notation/],
      [
        "in a range of DigitalOcean's own",
        planYourNetwork,
        { ip_range: "10.245.16.0/20" },
        /reserved .*10\.245\.0\.0\/16/,
      ],
      [
        "in a range that is reserved in its region",
        planYourNetwork,
        { ip_range: "10.10.0.0/20" },
        /reserved .*10\.10\./,
      ],
      ["in a range that is reserved elsewhere is right", planYourNetwork, { ip_range: "10.19.0.0/20" }, /^201$/],
      ["in a region that is not there", apiReference, { region: "xxx9" }, /region xxx9/],
      ["with a long description", apiReference, { description: "x".repeat(256) }, /at most 255/],
    ],
  },
});

describe("an account", () => {
  it("never has two networks that overlap, whatever is asked", () => {
    const asked = fc.record({
      second: fc.integer({ min: 0, max: 255 }),
      third: fc.integer({ min: 0, max: 15 }).map((number) => number * 16),
      prefix: fc.integer({ min: 14, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(asked, { minLength: 1, maxLength: 30 }), (all) => {
        const account = new PaperAccount();
        for (const [i, { second, third, prefix }] of all.entries()) {
          const request = { name: `vpc-${i}`, region: "nyc1", ip_range: `10.${second}.${third}.0/${prefix}` };
          if (vpcRefusal(request, account) === undefined) account.giveVpc("nyc1", { id: `${i}`, ...request });
        }
        const blocks = [...account.vpcs.values()].map((one) => parseBlock(one.ip_range));
        for (const [i, one] of blocks.entries())
          expect(blocks.slice(i + 1).filter((other) => overlap(one, other))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});
