/** A place for components that are tried alone: a production cluster that is nobody's in particular. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { noPriorities } from "../../components/cluster/priority-classes.ts";
import { defaultImages } from "../../components/site/images.ts";
import type { Site } from "../../components/site/site.ts";

/** Made inside of a program. */
export function testSite(): Site {
  return {
    production: true,
    provider: new k8s.Provider("test", {}),
    images: defaultImages,
    checksumKey: pulumi.output("key"),
    doks: undefined,
    pools: [],
    priorities: { names: noPriorities, ready: [] },
    storageRegion: "nyc3",
    registry: undefined,
    dns: { domains: [], ready: [] },
    edge: undefined,
    monitoring: undefined,
    scraper: undefined,
    linkerd: false,
    addToProject: () => undefined,
    nodeSelector: () => undefined,
    storageClass: () => undefined,
  };
}
