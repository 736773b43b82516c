import type { Difference } from "../../settings/slices/facts.ts";
import { publicGateway, workloadName } from "./names.ts";
import type { HermesSetting } from "./settings.ts";

/** Differences from the plan "Deploy hermes-ipfs-cache", and what an image must have. */
export const hermesDifferences: readonly Difference<HermesSetting>[] = [
  {
    path: `workloads.${workloadName}.files`,
    text:
      "has no hermes-substream.spkg, nor has the published image, which opens it in its working folder: use an image that has it, " +
      "or mount it: files: {/hermes-substream.spkg: {configMap: …, key: …}} (or a Secret, or {file: …} of the project)",
    when: ({ workloads }) => !Object.keys(workloads[workloadName]?.files ?? {}).some((path) => path.endsWith(".spkg")),
  },
  {
    path: "ipfsGateway",
    text:
      "is a public gateway: when it answers 429, the service keeps that as the document's error for ever. Use a private " +
      "gateway",
    when: ({ ipfsGateway }) => ipfsGateway === publicGateway,
  },
  {
    path: "substreamsEndpoint",
    text:
      "gets the token as it is: where its provider wants that, the secret `substreamsApiToken` must begin with `Bearer ` " +
      "itself",
  },
  {
    path: `workloads.${workloadName}.shareProcesses`,
    text: "is on: as process 1 the image ignores the signal to stop, and every update would wait for the kill",
    when: ({ workloads }) => workloads[workloadName]?.shareProcesses === undefined,
  },
];
