/** An account with one of most things in it, and requests of it that are wrong in one way each. */
import { describe, expect, it } from "vitest";
import { answerTo, PaperAccount } from "../../../sandbox/digitalocean/refusals.ts";
import { bucketPath } from "../../../sandbox/digitalocean/requests.ts";
import { Refusal, type Answer } from "../../../sandbox/digitalocean/answers.ts";

export const pool = { name: "system", size: "s-2vcpu-4gb", count: 2 };
export const clusterBody = {
  ...{ name: "doks", region: "nyc1", version: "1.35.3-do.0", ha: true, node_pools: [pool] },
  ...{ cluster_subnet: "10.100.0.0/16", service_subnet: "10.101.0.0/19" },
};
export const databaseBody = {
  ...{ name: "data", engine: "pg", version: "16", size: "db-s-1vcpu-2gb", region: "nyc1", num_nodes: 2 },
};

/** An account that holds a VPC, a cluster and a database cluster in it, a zone with a record, and a bucket. */
export class Tenant {
  readonly account = new PaperAccount();
  readonly cluster: string;
  readonly database: string;

  constructor() {
    const vpc = this.made("/v2/vpcs", { name: "vpc", region: "nyc1", ip_range: "10.20.0.0/20" }, "vpc");
    this.cluster = this.made("/v2/kubernetes/clusters", { ...clusterBody, vpc_uuid: vpc }, "kubernetes_cluster");
    this.database = this.made("/v2/databases", { ...databaseBody, private_network_uuid: vpc }, "database");
    this.ask("POST", `/v2/databases/${this.database}/dbs`, { name: "app" });
    this.ask("POST", "/v2/domains", { name: "example.com" });
    this.ask("POST", "/v2/domains/example.com/records", { type: "A", name: "app", data: "192.0.2.1", ttl: 300 });
    this.ask("PUT", bucketPath, { name: "files", region: "nyc3" });
  }

  ask(method: "POST" | "PUT", path: string, body: object): Answer {
    return answerTo({ method, path, body }, this.account);
  }

  /** The status, and the message of a refusal: `422 invalid size`. */
  outcome(method: "POST" | "PUT", path: string, body: object): string {
    try {
      return String(this.ask(method, path, body).status);
    } catch (error) {
      if (error instanceof Refusal) return `${error.status} ${error.message}`;
      throw error;
    }
  }

  private made(path: string, body: object, root: string): string {
    return (this.ask("POST", path, body).body as Record<string, { id: string }>)[root]?.id ?? "";
  }
}

/** What is wrong, where that is public, what is sent instead of a right field, what comes back. */
type Wrong = readonly [what: string, source: string, change: object, outcome: RegExp];
export interface Family {
  readonly method?: "PUT";
  readonly path: (tenant: Tenant) => string;
  readonly right: object;
  readonly wrong: readonly Wrong[];
}

/** A test for the right request of each family, and one for each that is wrong. */
export function refusals(families: Readonly<Record<string, Family>>): void {
  for (const [name, { method = "POST", path, right, wrong }] of Object.entries(families)) {
    describe(name, () => {
      it("is made as it should be", () => {
        const tenant = new Tenant();
        expect(tenant.outcome(method, path(tenant), right)).toMatch(/^20[0-4]$/);
      });
      it.each(wrong)("%s (%s)", (_what, _source, change, outcome) => {
        const tenant = new Tenant();
        expect(tenant.outcome(method, path(tenant), { ...right, ...change })).toMatch(outcome);
      });
    });
  }
}

export const apiReference = "API reference";
export const planYourNetwork = "documentation, Plan your VPC network";
export const createClusters = "documentation, How to create Kubernetes clusters";
export const kubernetesLimits = "documentation, Kubernetes Limits";
