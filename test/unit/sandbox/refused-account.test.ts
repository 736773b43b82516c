/** What the simulated DigitalOcean refuses of registries, Spaces, zones, projects and volumes, with where that is public. */
import { describe, expect, it } from "vitest";
import { bucketPath, volumePath } from "../../../sandbox/digitalocean/requests.ts";
import { apiReference, refusals, Tenant } from "../../support/digitalocean/refusals.ts";

refusals({
  "a registry": {
    path: () => "/v2/registries",
    right: { name: "geo", subscription_tier_slug: "basic", region: "nyc3" },
    wrong: [
      ["with capital letters", apiReference, { name: "Geo" }, /^422 name may only have lowercase/],
      ["in a region without registries", apiReference, { region: "nyc1" }, /region nyc1/],
      [
        "of a tier that is not there",
        apiReference,
        { subscription_tier_slug: "gold" },
        /invalid subscription tier: gold/,
      ],
    ],
  },
  "a bucket": {
    method: "PUT",
    path: () => bucketPath,
    right: { name: "backups", region: "nyc3" },
    wrong: [
      [
        "with a name that is taken",
        "documentation, How to create Spaces buckets",
        { name: "files", region: "fra1" },
        /^409/,
      ],
      ["with a short name", "documentation, How to create Spaces buckets", { name: "ab" }, /^400/],
      ["with capital letters", "documentation, How to create Spaces buckets", { name: "Backups" }, /^400/],
      [
        "in a region without Spaces",
        "documentation, Spaces Availability",
        { region: "nyc1" },
        /^404 nyc1 has no Spaces/,
      ],
    ],
  },
  "a key": {
    path: () => "/v2/spaces/keys",
    right: { name: "files", grants: [{ bucket: "files", permission: "readwrite" }] },
    wrong: [
      [
        "of a bucket that is not there",
        apiReference,
        { grants: [{ bucket: "nope", permission: "read" }] },
        /bucket nope does not exist/,
      ],
      [
        "with a permission that is not there",
        apiReference,
        { grants: [{ bucket: "files", permission: "write" }] },
        /permission/,
      ],
    ],
  },
  "a domain": {
    path: () => "/v2/domains",
    right: { name: "example.org" },
    wrong: [
      ["that is there", apiReference, { name: "example.com" }, /^422 domain 'example\.com': name already exists/],
      ["that is none", apiReference, { name: "example" }, /not a valid domain/],
    ],
  },
  "a record": {
    path: () => "/v2/domains/example.com/records",
    right: { type: "A", name: "www", data: "192.0.2.2", ttl: 300 },
    wrong: [
      ["without an address", "CCM#698", { data: "" }, /^422/],
      ["of a host name instead of an address", apiReference, { data: "lb.example.net" }, /IPv4 format/],
      [
        "beside which there is an alias",
        "external-dns#4802",
        { type: "CNAME", name: "app", data: "lb.example.net." },
        /^422 CNAME records cannot share a name/,
      ],
      [
        "that is an alias of the zone itself",
        "external-dns#4802",
        { type: "CNAME", name: "@", data: "lb.example.net." },
        /^422 CNAME records cannot share a name/,
      ],
      ["that is an alias of an address", apiReference, { type: "CNAME", data: "192.0.2.2." }, /is not a host name/],
      [
        "that is an alias without a dot at its end",
        "external-dns#624",
        { type: "CNAME", data: "lb.example.net" },
        /^422 Data needs to end with a dot/,
      ],
      ["that is an alias is right", apiReference, { type: "CNAME", data: "lb.example.net." }, /^201$/],
      ["of a type that is not there", apiReference, { type: "ALIAS" }, /type/],
      [
        "of mail without a priority",
        apiReference,
        { type: "MX", data: "mail.example.net." },
        /priority is required for MX/,
      ],
      ["with a slash in its name", apiReference, { name: "a/b" }, /not valid/],
      ["below others, with a star, is right", apiReference, { name: "*.staging" }, /^201$/],
    ],
  },
  "a project": {
    path: () => "/v2/projects",
    right: { name: "p", purpose: "Service or API", environment: "Production" },
    wrong: [
      ["with a name that is taken", apiReference, { name: "default" }, /^409 name is already in use/],
      [
        "of an environment that is not there",
        apiReference,
        { environment: "Test" },
        /Development, Staging, Production/,
      ],
      ["with a long name", apiReference, { name: "p".repeat(176) }, /at most 175/],
      ["without a purpose", apiReference, { purpose: "" }, /purpose is required/],
    ],
  },
  "a volume": {
    path: () => volumePath,
    right: { bytes: 10 * 2 ** 30 },
    wrong: [
      ["of 1Ki, which becomes 1Gi, is right", "csi-digitalocean", { bytes: 1024 }, /^201$/],
      ["of 20Ti", "csi-digitalocean", { bytes: 20 * 2 ** 40 }, /can not exceed maximum/],
    ],
  },
});

describe("a team", () => {
  it("has one registry on starter and basic (documentation, Container Registry Pricing)", () => {
    const tenant = new Tenant();
    const add = (name: string, tier: string) =>
      tenant.outcome("POST", "/v2/registries", { name, subscription_tier_slug: tier, region: "nyc3" });
    expect(add("one", "basic")).toBe("201");
    expect(add("two", "basic")).toMatch(/^422 registry limit reached/);
    expect(add("two", "professional")).toBe("201");
    expect(add("two", "professional")).toBe("409 name already exists");
    const less = tenant.outcome("POST", "/v2/registries/subscription", { tier_slug: "basic" });
    expect(less).toMatch(/^422 registry limit reached/);
  });

  it("shows in a project the kinds of resources that projects have (API reference)", () => {
    const tenant = new Tenant();
    const { project } = tenant.ask("POST", "/v2/projects", { name: "p", purpose: "Service or API" }).body as {
      project: { id: string };
    };
    const assign = (urn: string) =>
      tenant.outcome("POST", `/v2/projects/${project.id}/resources`, { resources: [urn] });
    expect(assign(`do:kubernetes:${tenant.cluster}`)).toBe("200");
    // Not refused: its answer says not_found.
    expect(assign("do:kubernetes:gone")).toBe("200");
    expect(assign("do:registry:geo")).toMatch(/^422/);
  });
});
