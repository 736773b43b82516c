/** The file of a stack on its way to that of another one, with what must be another value there. */
import { parseBlock } from "../../catalogue/addresses.ts";
import { Explained } from "../../commands/explained.ts";
import { project } from "../../settings/reading/keys.ts";
import type { PlatformSetting } from "../../settings/platform.ts";
import type { FactsByKey } from "../../settings/rules/index.ts";
import { domainOf, hostFor, nameFor, type Names } from "./names.ts";
import { freeRange } from "./ranges.ts";
import { StackDocument } from "./stack-document.ts";

/** A stack that is there. */
export interface Known {
  readonly stack: string;
  /** Ports that it opens on every node of its cluster. */
  readonly nodePorts: readonly number[];
  readonly platform: PlatformSetting;
  readonly facts: FactsByKey;
}

/** A setting that the new stack has in another way than its template. */
export interface Choice {
  readonly path: string;
  readonly before: unknown;
  /** Undefined if it is left out. */
  readonly after: unknown;
  readonly why: string;
}

const key = `${project}:platform`;

/** A file on its way from the one stack to the other. */
export class Draft {
  readonly names: Names;
  readonly template: Known;
  /** Stacks that are there, the template among them. */
  readonly others: readonly Known[];
  readonly file: StackDocument;
  readonly choices: Choice[] = [];
  /** Whether the new stack is in another account than its template. */
  readonly elsewhere: boolean;
  readonly #account: string | undefined;

  constructor(names: Names, text: string, template: Known, others: readonly Known[], account: string | undefined) {
    this.names = names;
    this.template = template;
    this.others = others;
    this.file = new StackDocument(text);
    this.elsewhere = account !== template.platform.account;
    this.#account = account;
  }

  /** Stacks in the same account as the new one. */
  get neighbours(): readonly Known[] {
    return this.others.filter(({ platform }) => platform.account === this.#account);
  }

  /** Gives a setting another value, or with `undefined` none. */
  change(path: string, before: unknown, after: unknown, why: string): void {
    if (before === after) return;
    if (after === undefined) this.file.delete(path);
    else this.file.set(path, after);
    this.choices.push({ path, before, after, why });
  }

  account(): void {
    const { account } = this.template.platform;
    this.change(`${key}.account`, account, this.#account, "names and ranges of another account are free");
  }

  cluster(): void {
    const { cluster, region } = this.template.platform;
    if (cluster.source !== "create") return;
    const why = `the default, doks-${this.names.to}: an account has each name once`;
    this.change(`${key}.cluster.name`, cluster.name, undefined, why);
    const taken = this.neighbours.flatMap(rangesOf).map(parseBlock);
    for (const field of ["vpcRange", "clusterSubnet", "serviceSubnet"] as const) {
      const template = parseBlock(cluster[field]);
      const isFree = !taken.some(({ first, last }) => template.first <= last && first <= template.last);
      const block = isFree ? template : freeRange(template, taken, region);
      if (block === undefined) throw new Explained(`no private range of /${template.prefix} is free for ${field}`);
      taken.push(block);
      this.change(
        `${key}.cluster.${field}`,
        cluster[field],
        block.text,
        "no other stack's range, and none that DigitalOcean keeps",
      );
    }
  }

  registry(): void {
    const { registry } = this.template.platform;
    if (registry.kind === "none") return;
    const path = `${key}.registry`;
    if (!this.elsewhere) {
      if (registry.kind === "existing") return;
      const why = `${this.template.stack} makes it, and an account has it once`;
      this.change(path, registry, { kind: "existing", name: registry.name }, why);
      return;
    }
    const there = this.neighbours.map(({ platform }) => platform.registry).find(({ kind }) => kind === "create");
    if (there?.kind === "create") {
      this.change(path, registry, { kind: "existing", name: there.name }, "the account's own");
      return;
    }
    const names = this.others.flatMap(({ platform }) => ("name" in platform.registry ? [platform.registry.name] : []));
    const name = nameFor(registry.name, this.names, (one) => names.includes(one));
    const tier = registry.kind === "create" ? registry.tier : "basic";
    const why = "of its own, as the account is another one; all of DigitalOcean shares one set of names";
    this.change(path, registry, { kind: "create", name, tier }, why);
  }

  domains(): void {
    for (const [domain, kind] of Object.entries(this.template.platform.domains)) {
      const path = `${key}.domains["${domain}"]`;
      if (kind === "external") continue;
      if (!this.elsewhere) {
        if (kind === "create")
          this.change(path, kind, "existing", `${this.template.stack} makes it, and an account has it once`);
        continue;
      }
      this.change(path, kind, undefined, "is a zone of the other account");
      const own = `${this.names.to}.${domain}`;
      const there = this.neighbours.some(({ platform }) => platform.domains[own] === "create");
      this.change(`${key}.domains["${own}"]`, undefined, there ? "existing" : "create", "a zone of its own");
    }
  }

  hosts(): void {
    const domains = Object.keys(this.template.platform.domains);
    const taken = new Set(
      this.others.flatMap(({ facts }) => Object.values(facts).flatMap(({ hosts }) => Object.values(hosts))),
    );
    this.each(
      ({ hosts }) => Object.entries(hosts),
      (path, host) => {
        const own = hostFor(host, domains, this.names, (one) => taken.has(one));
        taken.add(own);
        this.change(path, host, own, `under ${domainOf(host, domains)}, and no other stack's`);
      },
    );
  }

  buckets(): void {
    const names = this.others.flatMap(({ facts }) =>
      Object.values(facts).flatMap(({ buckets }) => Object.values(buckets).map(({ name }) => name)),
    );
    const taken = new Set(names);
    this.each(
      ({ buckets }) => Object.entries(buckets),
      (path, bucket) => {
        const own = nameFor(bucket.name, this.names, (one) => taken.has(one));
        taken.add(own);
        const why =
          bucket.kind === "create"
            ? "all of DigitalOcean shares one set of names"
            : "the environments' objects stay apart";
        this.change(path, bucket.name, own, why);
      },
    );
  }

  managed(): void {
    this.each(
      ({ services }) => Object.entries(services),
      (path, service) => {
        if (service.kind !== "managed") return;
        const why = `the default, which ends with ${this.names.to}: an account has each name once`;
        this.change(`${path}.name`, service.name, undefined, why);
      },
    );
  }

  /** Calls a function for what the facts of each system of the template have, with the path of its setting. */
  each<T>(
    of: (facts: FactsByKey[string]) => readonly (readonly [path: string, value: T])[],
    change: (path: string, value: T) => void,
  ): void {
    for (const [system, facts] of Object.entries(this.template.facts))
      for (const [path, value] of of(facts)) change(`${system}.${path}`, value);
  }
}

/** Ranges that a stack has: of its own cluster, and of servers that it reaches by a private address. */
function rangesOf({ platform: { cluster }, facts }: Known): string[] {
  const own = cluster.source === "create" ? [cluster.vpcRange, cluster.clusterSubnet, cluster.serviceSubnet] : [];
  const servers = Object.values(facts).flatMap(({ services }) =>
    Object.values(services).flatMap((one) =>
      one.kind === "existing" && one.where.kind === "private" ? one.where.addresses : [],
    ),
  );
  return [...own, ...servers];
}
