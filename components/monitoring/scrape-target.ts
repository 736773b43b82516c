import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { networkPolicy, planVisit } from "../connections/policies.ts";
import type { Site } from "../site/site.ts";
import { serviceLabel } from "../workload/service.ts";
import type { Workload } from "../workload/workload.ts";

/**
 * Lets Prometheus scrape a workload: a NetworkPolicy that admits its pods, and a ServiceMonitor for the Service that has the
 * port. Without the Prometheus Operator there is no ServiceMonitor, and a Prometheus that the settings name finds the pods by
 * itself, as by their annotations `prometheus.io/scrape`. Makes nothing where there is neither, or the system is retired.
 */
export function scrapeTarget(
  name: string,
  args: {
    /** Says whether there is a Prometheus Operator, and which labels it selects monitors by. */
    site: Site;
    /** `metadata.name` of the ServiceMonitor. @default - the workload's name */
    monitorName?: string;
    /** Workload whose pods serve the metrics; it needs a Service. */
    to: Workload;
    /** Name of the Service's port that metrics are served on. @default - the first port of the workload's first Service */
    portName?: string;
    /** HTTP path of the metrics. @default "/metrics" */
    path?: string;
    /** Seconds between two scrapes; one may take 10 seconds, so at least that. @default 30 */
    intervalSeconds?: number;
  },
  parent: pulumi.Resource,
): void {
  const { site, to } = args;
  if (site.scraper === undefined || !to.endpoint.namespace.runs()) return;
  const { serviceName, port, endpoint } = to.at(args.portName);
  const prometheus = { name: "prometheus", from: site.scraper.namespace, labels: site.scraper.labels };
  networkPolicy(`${name}-prometheus`, planVisit(prometheus, endpoint), parent);
  if (site.monitoring === undefined) return;
  const { labels, ready } = site.monitoring;
  new k8s.apiextensions.CustomResource(
    `${name}-monitor`,
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "ServiceMonitor",
      metadata: endpoint.namespace.meta(args.monitorName ?? to.workloadName, { labels }),
      spec: {
        selector: { matchLabels: { [serviceLabel]: serviceName } },
        endpoints: [
          {
            port: port.name,
            path: args.path ?? "/metrics",
            interval: `${args.intervalSeconds ?? 30}s`,
            scrapeTimeout: "10s",
          },
        ],
      },
    },
    { parent, dependsOn: [...endpoint.namespace.ready, ...ready] },
  );
}
