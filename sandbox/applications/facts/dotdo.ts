/** dotdo, of the commit that brings its chart: `wrangler dev` in an image, with all its state in the pod. */
import type { Facts } from "./fact.ts";

const image = "deploy/docker/Dockerfile";

export const dotdo: Facts = {
  system: "dotdo",
  code: "dot-do/dotdo@c4c1201e",
  applications: [
    {
      workloads: ["dotdo"],
      // The user 1000 of Node's images.
      defaults: { HOME: "/home/node", PORT: "8787" },
      facts: [
        {
          fact: "it listens on 8787, whatever the variables say",
          source: image,
          check: { kind: "listens", on: ["8787"] },
        },
        {
          fact: "/api/health answers",
          source: "api/routes/api.ts",
          check: { kind: "serves", path: "/api/health", status: 200, type: "application/json" },
        },
        { fact: "/health is 404", source: "api/index.ts", check: { kind: "serves", path: "/health", status: 404 } },
        { fact: "/ready is 404", source: "api/index.ts", check: { kind: "serves", path: "/ready", status: 404 } },
        {
          fact: "/metrics is JSON, and no metrics",
          source: "api/routes/do.ts",
          check: { kind: "serves", path: "/metrics", status: 200, type: "application/json" },
        },
        {
          fact: "npx writes to .npm of its home",
          source: image,
          check: { kind: "writes", folder: "$HOME/.npm" },
        },
        {
          fact: "wrangler writes its logs below .config of its home",
          source: image,
          check: { kind: "writes", folder: "$HOME/.config/.wrangler" },
        },
        {
          fact: "wrangler bundles into, and keeps objects in, .wrangler of its working folder",
          source: image,
          check: { kind: "writes", folder: "/app/.wrangler" },
        },
        {
          fact: "it takes 1.4 GiB to start, and is killed below that",
          source: image,
          check: { kind: "memory", mebibytes: 2048 },
        },
        {
          fact: "wrangler is no production dependency, so npx may fetch it",
          source: "package.json",
          check: { kind: "reaches", to: "registry.npmjs.org:443" },
        },
      ],
    },
  ],
};
