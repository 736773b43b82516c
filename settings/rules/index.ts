/** Rules between settings: what one schema cannot check, because it depends on several settings or on the catalogue. */
import type { Problem } from "../reading/error.ts";
import { touches } from "../reading/paths.ts";
import { catalogueRules } from "./catalogue.ts";
import { movingRules } from "./moving.ts";
import { nameRules } from "./names.ts";
import { networkRules } from "./networks.ts";
import { platformRules } from "./platform.ts";
import type { Rule, Stack } from "./rule.ts";
import { serverRules } from "./servers.ts";
import { systemRules } from "./systems.ts";

export type { FactsByKey } from "./rule.ts";

const rules: readonly Rule[] = [
  ...platformRules,
  catalogueRules,
  ...networkRules,
  ...nameRules,
  ...systemRules,
  ...serverRules,
  ...movingRules,
];

/**
 * All problems that the rules find.
 *
 * @param wrong paths of settings that their schema refused and `repair` replaced; problems that involve one of them are left out
 */
export function checkRules(stack: Stack, wrong: readonly string[]): Problem[] {
  return rules
    .flatMap((rule) => rule(stack))
    .filter(
      ({ path, others = [] }) =>
        ![path, ...others].some((one) => wrong.some((bad) => touches(one, bad) || touches(bad, one))),
    );
}
