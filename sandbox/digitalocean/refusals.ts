/**
 * Whether DigitalOcean would refuse what a rendered stack makes, without an engine: its requests are played against an account,
 * which keeps what was made, so that several stacks can be tried in one.
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

/** An account in which nothing runs: clusters stay as they are asked for. */
export class PaperAccount extends Account {
  readonly buckets: Set<string>;

  constructor() {
    const buckets = new Set<string>();
    super({
      tokens: [],
      startHost: () => new Promise(() => undefined),
      settleMs: 0,
      bucketExists: (name) => buckets.has(name),
    });
    this.buckets = buckets;
    // As the rendering's stand-in for DigitalOcean's list has them.
    this.versions = kubernetesMinors.map((minor) => `${minor}.3-do.0`).toReversed();
  }
}

/** What of a stack's resources is refused, and why: `Vpc platform-vpc: 422 This range/size overlaps …`. */
export function refusalsOf(resources: readonly Resource[], account = new PaperAccount()): string[] {
  const requests = requestsOf(resources);
  give(requests, account);
  const ids = new Map<string, string>();
  const unmade: string[] = [];
  return requests.flatMap((request) => {
    // What needs a thing that was refused is never asked for.
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

/** One call, answered from the account alone. @throws {Refusal} */
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
  if (to === undefined) throw new Error(`${method} ${path} is not played`);
  const answer = to.handler({ params: to.params, query: new URLSearchParams(), body }, account);
  if (answer instanceof Promise) throw new Error(`${method} ${path} takes time`);
  return answer;
}

/** What a stack takes as given: zones, and the network of a cluster that another stack made. */
function give(requests: readonly ApiRequest[], account: PaperAccount): void {
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

/** A request with the ids that the account gave instead of the rendering's. */
function translated(request: ApiRequest, ids: ReadonlyMap<string, string>): ApiRequest {
  const text = [...ids].reduce((so, [rendered, id]) => so.replaceAll(rendered, id), JSON.stringify(request));
  return JSON.parse(text) as ApiRequest;
}

function idIn(answer: Answer, root: string): string {
  return (answer.body as Record<string, { id: string }>)[root]?.id ?? "";
}
