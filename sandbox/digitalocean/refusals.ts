/**
 * Finds out, without an engine, whether DigitalOcean would refuse resources of a rendered stack: sends the requests
 * that create them to a simulated account. The account stores what they make, so that several stacks can be tried in
 * one.
 */
import { kubernetesMinors } from "../../catalogue/kubernetes.ts";
import type { Resource } from "../../graph/resource.ts";
import { accountWide } from "./api/account-wide.ts";
import { Account } from "./account.ts";
import { databases } from "./api/databases.ts";
import { kafkaTopics } from "./api/kafka-topics.ts";
import { kubernetes } from "./api/kubernetes.ts";
import { networks } from "./api/networks.ts";
import { nodePools } from "./api/node-pools.ts";
import { bucketPath, requestsOf, volumePath, type ApiRequest } from "./requests.ts";
import { router } from "./router.ts";
import { created, Refusal, refuse, type Answer } from "./answers.ts";
import { bucketRefusal } from "./rules/spaces.ts";
import { volumeRefusal } from "./rules/volumes.ts";

const route = router(kubernetes, nodePools, databases, kafkaTopics, networks, accountWide);

/** An account without servers: it stores what requests ask for, but starts no clusters. */
export class PaperAccount extends Account {
  readonly buckets: Set<string>;

  /** @param tokens with which it may be asked by HTTP */
  constructor(tokens: readonly string[] = []) {
    const buckets = new Set<string>();
    super({
      tokens,
      startHost: () => new Promise(() => undefined),
      settleMs: 0,
      bucketExists: (name) => buckets.has(name),
    });
    this.buckets = buckets;
    // The versions that `graph/render/stand-ins.ts` gives to rendered stacks.
    this.versions = kubernetesMinors.map((minor) => `${minor}.3-do.0`).toReversed();
  }
}

/**
 * The resources of a stack that are refused, each with the reason: `Vpc platform-vpc: 422 This range/size overlaps …`.
 *
 * @param account in which the resources are made @default - an empty one
 */
export function refusalsOf(resources: readonly Resource[], account = new PaperAccount()): string[] {
  const requests = requestsOf(resources);
  addPrerequisites(requests, account);
  const ids = new Map<string, string>();
  const unmade: string[] = [];
  return requests.flatMap((request) => {
    // A resource that depends on a refused one is never requested.
    if (unmade.some((id) => JSON.stringify(request).includes(id))) {
      if (request.id !== undefined) unmade.push(request.id.rendered);
      return [];
    }
    try {
      const answer = answerTo(translated(request, ids), account);
      if (request.id !== undefined) ids.set(request.id.rendered, idIn(answer, request.id.root));
      return [];
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (request.id !== undefined) unmade.push(request.id.rendered);
      return [`${request.by}: ${error.status} ${error.message}`];
    }
  });
}

/**
 * The response to one request.
 *
 * @throws {Refusal} if DigitalOcean, Spaces or the CSI driver would refuse it
 */
export function answerTo(
  { method, path, body }: Pick<ApiRequest, "method" | "path" | "body">,
  account: PaperAccount,
): Answer {
  if (path === bucketPath) {
    const bucket = body as { name: string; region: string };
    refuse(bucketRefusal(bucket, account.buckets));
    account.buckets.add(bucket.name);
    return created({});
  }
  if (path === volumePath) {
    refuse(volumeRefusal((body as { bytes: number }).bytes));
    return created({});
  }
  const to = route(method, path);
  if (to === undefined) throw new Error(`${method} ${path} is not simulated`);
  const answer = to.handler({ params: to.params, query: new URLSearchParams(), body }, account);
  if (answer instanceof Promise) throw new Error(`${method} ${path} takes time`);
  return answer;
}

/** Adds to the account what a stack expects to exist: DNS zones, and the VPC of a cluster that another stack makes. */
function addPrerequisites(requests: readonly ApiRequest[], account: PaperAccount): void {
  const zones = new Set(requests.filter(({ path }) => path === "/v2/domains").map(({ body }) => (body as Asked).name));
  const networks = new Set(requests.filter(({ path }) => path === "/v2/vpcs").map(({ id }) => id?.rendered));
  for (const { path, body } of requests) {
    const zone = /^\/v2\/domains\/([^/]+)\/records$/.exec(path)?.[1];
    if (zone !== undefined && !zones.has(zone) && !account.domains.has(zone))
      account.domains.set(zone, { ttl: 1800, records: new Map() });
    const { private_network_uuid: vpc, region = "" } = body as Asked;
    if (vpc !== undefined && !networks.has(vpc)) account.giveVpc(region, { id: vpc, name: `given-${vpc}` });
  }
}

interface Asked {
  readonly name: string;
  readonly region?: string;
  readonly private_network_uuid?: string;
}

/** A request in which ids from the rendering are replaced by those that the account has assigned. */
function translated(request: ApiRequest, ids: ReadonlyMap<string, string>): ApiRequest {
  const text = [...ids].reduce((so, [rendered, id]) => so.replaceAll(rendered, id), JSON.stringify(request));
  return JSON.parse(text) as ApiRequest;
}

function idIn(answer: Answer, root: string): string {
  return (answer.body as Record<string, { id: string }>)[root]?.id ?? "";
}
