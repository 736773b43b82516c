/** What a change does to what the internet reaches: load balancers, Gateway, certificates and DNS records. Pure. */
import { balancerAnnotation } from "../../../catalogue/doks.ts";
import { hostOfRecord, kindOf, label, ttlOfRecord, type Resource } from "../../../graph/resource.ts";
import type { Change } from "../change.ts";
import { noTime, row, sum, type Seconds } from "./seconds.ts";
import { deletedFirst, reasonOf, type Happening, type World } from "./world.ts";

/** Seconds for which a resolver may keep that a name does not exist. Source: zones of DigitalOcean, SOA minimum. */
const absentSeconds = 1800;

export function onEdge(world: World): Happening[] {
  const entrances = [
    ...gateways(world).flatMap((change) => gateway(world, change)),
    ...world.of("Service").flatMap((change) => balancer(world, change)),
  ];
  return [
    ...entrances,
    ...world.of("EnvoyProxy").flatMap(proxies),
    ...world.of("Release").flatMap(addon),
    ...world.of("Certificate").flatMap((change) => certificate(world, change)),
    ...world.of("DnsRecord").flatMap((change) => record(world, change)),
    ...followingRecords(world, entrances),
  ];
}

/** Changed Gateways; where there is none, changed classes, whose Gateways go with them. */
function gateways(world: World): readonly Change[] {
  const own = world.of("Gateway");
  return own.length > 0 ? own : world.of("GatewayClass");
}

function gateway(world: World, change: Change): Happening[] {
  const { resource, operation } = change;
  const about = { kind: "edge", resource } as const;
  if (operation === "delete")
    return [{ ...about, verdict: "away", away: noTime, text: "is deleted, with its load balancer" }];
  if (operation !== "replace") return [];
  const away = row(world.durations, "Gateway create");
  const text = "is made anew, and with it the load balancer, which gets another address";
  return [{ ...about, verdict: "away", away, text, reason: reasonOf(change) }];
}

function balancer(world: World, change: Change): Happening[] {
  const { resource, operation, fields } = change;
  if ((resource.inputs["spec"] as { type?: string } | undefined)?.type !== "LoadBalancer") return [];
  const about = { kind: "edge", resource, reason: reasonOf(change, () => true) } as const;
  if (operation === "delete")
    return [{ ...about, verdict: "away", away: noTime, text: "is deleted, with its load balancer" }];
  const away = row(world.durations, "Service balancer");
  if (operation === "replace")
    return [
      { ...about, verdict: "away", away, text: "is made anew, with a new load balancer that has another address" },
    ];
  if (operation === "update" && fields.some(({ path }) => path.endsWith(balancerAnnotation("type"))))
    return [{ ...about, verdict: "away", away, text: "needs a load balancer of another type, with another address" }];
  return [];
}

/** Envoy Gateway replaces its proxies as a Deployment does, with a surge of a quarter, and drains them for a minute. */
function proxies({ resource, operation, fields }: Change): Happening[] {
  if (operation !== "update") return [];
  const within = (part: string) => fields.some(({ path }) => path.includes(part));
  const about = { kind: "edge", resource } as const;
  if (within("envoyService"))
    return [
      {
        ...{ ...about, verdict: "brief", away: noTime },
        text: "changes the load balancer's Service: DigitalOcean may make the load balancer anew, with another address",
      },
    ];
  if (!fields.some(({ path }) => /envoyDeployment\.(?!replicas)/.test(path))) return [];
  const text = "changes: Envoy's pods roll without a gap, and long connections end when their pod does";
  return [{ ...about, verdict: "none", away: noTime, text }];
}

/** Charts of which something public depends. */
function addon({ resource, operation, fields }: Change): Happening[] {
  if (resource.inputs["name"] !== "envoy-gateway") return [];
  const about = { kind: "edge", resource } as const;
  if (operation === "delete" || operation === "replace")
    return [{ ...about, verdict: "away", away: noTime, text: "goes, and with it Envoy's pods and the load balancer" }];
  if (operation !== "update" || !fields.some(({ path }) => path === "version")) return [];
  const text = "gets another version: its Envoy pods roll without a gap, and long connections end when their pod does";
  return [{ ...about, verdict: "none", away: noTime, text }];
}

/** cert-manager keeps the Secret of a Certificate until the next one is signed, and when the Certificate is deleted. */
function certificate(world: World, change: Change): Happening[] {
  const { resource, operation, fields } = change;
  const about = { kind: "certificate", resource } as const;
  const issued = row(world.durations, "Certificate issue");
  const has = (path: string) => fields.some((one) => one.path === path || one.path.startsWith(`${path}[`));
  if (operation === "delete")
    return [{ ...about, verdict: "none", away: noTime, text: "is deleted: nobody renews what is in its Secret" }];
  if (operation === "update" && has("spec.secretName"))
    return [
      {
        ...{
          ...about,
          verdict: "away",
          away: issued,
          reason: reasonOf(change, ({ path }) => path === "spec.secretName"),
        },
        text: "goes to another Secret, which is empty until it is signed: its hosts have no TLS until then",
        fix: "make a second Certificate first, and change to it when it is ready",
      },
    ];
  if (operation === "update" && has("spec.dnsNames"))
    return [
      {
        ...about,
        verdict: "none",
        away: issued,
        text: "is signed anew; the old one is served until then, and a new host has none",
      },
    ];
  if (operation === "replace" || (operation === "update" && has("spec.issuerRef")))
    return [{ ...about, verdict: "none", away: issued, text: "is signed anew; the old one is served until then" }];
  return [];
}

function record(world: World, change: Change): Happening[] {
  const { resource, operation, fields } = change;
  const about = { kind: "dns", resource } as const;
  const host = hostOfRecord(resource);
  if (operation === "create" || operation === "options") return [];
  if (operation === "delete") {
    const again = world
      .of("DnsRecord")
      .some((one) => one.operation === "create" && hostOfRecord(one.resource) === host);
    // That its host can no longer be reached is said of what is exposed.
    return again ? [] : [{ ...about, verdict: "none", away: noTime, text: `is deleted: ${host} leads nowhere` }];
  }
  if (operation === "replace" && deletedFirst(change)) {
    const away = { usual: row(world.durations, "digitalocean create").usual, worst: absentSeconds };
    const text = `is deleted before it is made again: who asks for ${host} meanwhile may keep that answer`;
    return [{ ...about, verdict: "brief", away, text, reason: reasonOf(change) }];
  }
  const field = fields.find(({ path }) => path === "value");
  return field === undefined
    ? []
    : [
        moved(
          world,
          resource,
          reasonOf(change, (one) => one === field),
        ),
      ];
}

function moved(world: World, resource: Resource, reason: string): Happening {
  const ttl = ttlOf(world, resource);
  const text = `leads elsewhere: clients may keep the old address of ${hostOfRecord(resource)} for ${ttl.worst} s`;
  return { kind: "dns", resource, verdict: "brief", away: ttl, text, reason };
}

/** Records whose address comes from an entrance that is made anew. */
function followingRecords(world: World, entrances: readonly Happening[]): Happening[] {
  const anew = new Set(
    entrances.filter(({ text }) => text.includes("another address")).map(({ resource }) => resource.urn),
  );
  const changed = new Set(world.of("DnsRecord").map(({ resource }) => resource.urn));
  return world.after
    .filter((one) => kindOf(one) === "DnsRecord" && !changed.has(one.urn))
    .flatMap((one) => {
      const from = (one.inputsFrom["value"] ?? []).find((urn) => anew.has(urn));
      const entrance = world.all.get(from ?? "");
      if (entrance === undefined) return [];
      return [{ ...moved(world, one, `the address of ${label(entrance)}`), cause: entrance.urn }];
    });
}

/** What resolvers have is from before the change, and so is its time to live. */
function ttlOf(world: World, record: Resource): Seconds {
  const ttl = ttlOfRecord(world.earlier(record.urn) ?? record);
  return sum({ usual: ttl / 2, worst: ttl });
}
