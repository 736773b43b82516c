/**
 * Requests on container registries that DigitalOcean refuses. Sources: API reference, "Create Container Registry";
 * documentation, "Container Registry Pricing" (number of registries by tier).
 */
import type { Holdings } from "../resources.ts";
import { regionsWith } from "../../../catalogue/regions.ts";
import { Refusal, unprocessable } from "../answers.ts";

/** Most registries in each tier. */
const registriesOf: Readonly<Record<string, number>> = { starter: 1, basic: 1, professional: 10 };

export interface RegistryRequest {
  readonly name: string;
  readonly subscription_tier_slug?: string | undefined;
  readonly region?: string | undefined;
}

/** Why a registry cannot be made; undefined if it can. */
export function registryRefusal(
  { name, subscription_tier_slug: tier, region }: RegistryRequest,
  account: Pick<Holdings, "registries" | "tier">,
): Refusal | undefined {
  if (!/^[a-z0-9-]{1,63}$/.test(name)) return unprocessable("name may only have lowercase letters, numbers and -");
  if (account.registries.has(name)) return new Refusal(409, "conflict", "name already exists");
  if (region !== undefined && !regionsWith("registry").includes(region))
    return unprocessable(`region ${region} is not available for registries`);
  return tierRefusal(tier ?? account.tier, account.registries.size + 1);
}

/**
 * Why an account cannot have a tier; undefined if it can.
 *
 * @param registries number of registries in the account
 */
export function tierRefusal(tier: string, registries: number): Refusal | undefined {
  const most = registriesOf[tier];
  if (most === undefined) return unprocessable(`invalid subscription tier: ${tier}`);
  return registries > most ? unprocessable(`registry limit reached: ${tier} has ${most}`) : undefined;
}
