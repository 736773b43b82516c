/**
 * Everything of a stack that can be reached from outside of the cluster, and by whom. Services that charts make are not known
 * here. Pure.
 */
import type { Resource } from "../../../graph/resource.ts";
import { cloudEntries } from "./ways/cloud.ts";
import { ClusterView } from "./cluster-view.ts";
import { dnsRecords } from "./dns.ts";
import type { Entry, Exposure } from "./entry.ts";
import { ingressEntries } from "./ways/ingresses.ts";
import { routeEntries } from "./ways/routes.ts";
import { serviceEntries } from "./ways/services.ts";

const order: readonly Entry["kind"][] = ["host", "balancer", "node-port", "bucket", "database", "api-server"];

/** What of a stack can be reached from outside of its cluster. */
export function exposure(resources: readonly Resource[]): Exposure {
  const view = new ClusterView(resources);
  const dns = dnsRecords(view);
  const [routes, ingresses] = [routeEntries(view, dns), ingressEntries(view, dns)];
  const entries = [...routes.entries, ...ingresses.entries, ...serviceEntries(view, dns), ...cloudEntries(view)];
  return {
    entries: entries.toSorted(
      (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
    ),
    hidden: [...routes.hidden, ...ingresses.hidden],
  };
}
