import type { Rule } from "../rule.ts";
import { dataRules } from "./data.ts";
import { digitaloceanRules } from "./digitalocean.ts";
import { networkRules } from "./network.ts";
import { podRules } from "./pods.ts";
import { secretRules } from "./secrets.ts";
import { sharedRules } from "./shared.ts";

/** All rules, in the order of the reference. */
export const rules: readonly Rule[] = [
  ...dataRules,
  ...secretRules,
  ...podRules,
  ...networkRules,
  ...sharedRules,
  ...digitaloceanRules,
];
