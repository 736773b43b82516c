/**
 * What is in examples/ for applications. Dockerfiles, branches, registries and path filters are those of the applications' own
 * documents and repositories, at the revisions that the systems here are made from.
 */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Circle } from "./circleci.ts";
import type { Workflow } from "./github.ts";

export const geo = "registry.digitalocean.com/geo";

interface Application {
  readonly workflow: string;
  readonly registry: string;
  /** Dockerfile of each image. */
  readonly images: Record<string, string>;
  readonly login: string[];
}
const viaDoctl = ["doctl registry login --expiry-seconds 1200"];

export const applications: Record<string, Application> = {
  hermes: {
    workflow: "hermes-ipfs-cache-release.yml",
    registry: geo,
    images: { "hermes-ipfs-cache": "hermes-ipfs-cache/Dockerfile" },
    login: viaDoctl,
  },
  gx: {
    workflow: "release.yml",
    registry: geo,
    images: {
      "svc-identity": "apps/svc-identity/Dockerfile",
      "outbox-submitter": "workers/outbox-submitter/Dockerfile",
      projector: "workers/projector/Dockerfile",
      "gx-migrate": "db/Dockerfile.migrate",
    },
    login: viaDoctl,
  },
  dotdo: {
    workflow: "release.yml",
    registry: "ghcr.io/dot-do",
    images: { dotdo: "deploy/docker/Dockerfile" },
    login: ["docker login ghcr.io --username someone --password-stdin"],
  },
  caracal: {
    workflow: "release.yml",
    registry: geo,
    images: {
      "caracal-gateway": "Dockerfile.gateway",
      "caracal-mcp-adapter": "Dockerfile.mcp",
      "caracal-consumer": "Dockerfile.consumer",
    },
    login: viaDoctl,
  },
};

export const workflowOf = (system: string) =>
  parse(
    readFileSync(`examples/${system}/.github/workflows/${applications[system]?.workflow ?? ""}`, "utf8"),
  ) as Workflow;

export const bowMark = () => parse(readFileSync("examples/bowmark/.circleci/config.yml", "utf8")) as Circle;
