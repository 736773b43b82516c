/**
 * What must be there before a system can start, and what no update makes: images, parts outside of the stack, delegated
 * domains, a way for the issuer of certificates. Only what this stack has. Pure.
 */
import { placeOf } from "../catalogue/image.ts";
import { nameServers } from "../catalogue/networks.ts";
import { pinnedImages } from "../components/site/images.ts";
import type { Rendering } from "../graph/render/render.ts";
import { metadataOf, type Resource } from "../graph/resource.ts";
import { byUrn, type ByUrn } from "../graph/stack.ts";
import type { PlatformSetting } from "../settings/platform.ts";
import { project } from "../settings/reading/keys.ts";
import type { FactsByKey } from "../settings/rules/rule.ts";
import { ownImages } from "./own-images.ts";

/** One thing that must be there first. */
export interface Prerequisite {
  /** Key of the system, `gx`, or `platform`. */
  readonly system: string;
  readonly kind: "image" | "outside" | "domain" | "certificate";
  readonly what: string;
  /** What to do, or what must hold. */
  readonly needs: string;
  /** Whether that is a command. @default false */
  readonly command?: boolean;
  /** Setting that asks for it: `gx.fabric.peer`. @default - none */
  readonly setting?: string;
}

/** What a stack needs first, by system, in the order in which it is needed. */
export function prerequisites(stack: Pick<Rendering, "resources" | "platform" | "facts">): Prerequisite[] {
  const { platform, facts } = stack;
  // A system that is retired runs nothing that could need them.
  const running = Object.fromEntries(Object.entries(facts).filter(([, { presence }]) => presence === "running"));
  const parts = outside({ platform, facts: running });
  return [...domains(platform), ...certificates(platform, running), ...images(stack), ...parts];
}

function domains({ domains: all }: PlatformSetting): Prerequisite[] {
  return Object.entries(all).map(([domain, kind]) => ({
    ...{ system: "platform", kind: "domain", what: `domain ${domain}`, setting: `platform.domains` },
    needs:
      kind === "external"
        ? "records of its hosts point at the stack output platform.loadBalancer, once phase platform has made it"
        : `is delegated to ${nameServers.join(", ")}${kind === "create" ? ", once phase platform has made its zone" : ""}`,
  }));
}

function certificates({ edge }: PlatformSetting, facts: FactsByKey): Prerequisite[] {
  if (edge.kind !== "gateway" && edge.kind !== "ingress") return [];
  const served = Object.values(facts).flatMap((one) => Object.values(one.served));
  const hosts = [...new Set(served.filter(({ by }) => by === "edge").map(({ host }) => host))].toSorted();
  if (hosts.length === 0) return [];
  return [
    {
      ...{ system: "platform", kind: "certificate", what: `certificates of ${hosts.join(", ")}` },
      needs:
        "each host's address record leads to the load balancer, whose port 80 the issuer reaches from the internet",
      setting: "platform.edge",
    },
  ];
}

function images({ resources, platform }: Pick<Rendering, "resources" | "platform">): Prerequisite[] {
  const all = byUrn(resources);
  return [...ownImages(resources, pinnedImages(platform.images))].map(([image, owners]) => {
    const [first] = owners;
    const names = owners.map((owner) => metadataOf(owner)?.name ?? owner.name).toSorted();
    const { host } = placeOf(image);
    return {
      ...{ system: first === undefined ? "platform" : keyOf(first, all), kind: "image", command: true },
      what: `image of ${names.slice(0, 2).join(", ")}${names.length > 2 ? ` and ${names.length - 2} more` : ""} at ${host}`,
      needs: `docker push ${image.replace(/@.*$/, "")}`,
    };
  });
}

/** Key of the settings of the system that a resource is below. */
function keyOf(resource: Resource, all: ByUrn): string {
  const parent = all.get(resource.parent ?? "");
  if (parent === undefined || parent.type === "pulumi:pulumi:Stack")
    return resource.type.split(":")[1] ?? resource.name;
  return keyOf(parent, all);
}

function outside({ platform, facts }: Pick<Rendering, "platform" | "facts">): Prerequisite[] {
  return Object.entries(facts).flatMap(([key, { outside: parts = {}, services }]) => {
    const system = key.slice(project.length + 1);
    const existing = Object.entries(services).filter(([, { kind }]) => kind === "existing");
    return [
      ...Object.entries(parts).map(([path, { what, needs, admits }]): Prerequisite => ({
        ...{ system, kind: "outside", what, setting: path.startsWith("secrets.") ? system : `${system}.${path}` },
        needs: admits === true ? `${needs}; ${addresses(platform)}` : needs,
      })),
      ...existing.map(([path]): Prerequisite => ({
        ...{ system, kind: "outside", what: `the existing ${path}`, setting: `${system}.${path}` },
        needs: "can be reached from the cluster, with the user and the password of the settings",
      })),
    ];
  });
}

/** Where a cluster's requests come from. */
function addresses({ cluster }: PlatformSetting): string {
  if (cluster.source !== "create") return "its requests come from the addresses of its nodes, or of its NAT";
  return cluster.nat === false
    ? "its requests come from its nodes, whose addresses change; platform.cluster.nat gives it one that stays"
    : "its address is the stack output platform.outgoingAddresses";
}
