/**
 * Regions of DigitalOcean's products, by region slug. As of 2026-10-10. Sources: DigitalOcean's availability pages ("Spaces
 * Availability" 2026-03-23, "MySQL Availability" 2026-10-10, whose columns name every region), the example of
 * `GET /v2/databases/options` and of `GET /v2/kubernetes/options` in DigitalOcean's OpenAPI document (2026-08-07).
 */

/** Products of DigitalOcean that a stack may use in a region. */
export type Product = "kubernetes" | "nat" | "databases" | "valkey" | "spaces" | "registry";

const everywhere = ["nyc1", "nyc3", "ams3", "sfo3", "sgp1", "lon1", "fra1", "tor1", "blr1", "syd1", "atl1"];

const offers: Readonly<Record<Product, readonly string[]>> = {
  /** Not in nyc2 ("Kubernetes on DigitalOcean", regional availability). */
  kubernetes: [...everywhere, "sfo2", "ric1", "mkc1", "mem1"],
  /** The regions in the API's description of "Create a New VPC NAT Gateway", without those that are closed to new users. */
  nat: [...everywhere, "nyc2", "sfo2"],
  databases: [...everywhere, "nyc2", "sfo2", "ric1", "mkc1", "mem1"],
  /** Where the other databases are, without nyc2. */
  valkey: [...everywhere, "sfo2", "ric1", "mkc1", "mem1"],
  spaces: ["nyc3", "ams3", "sfo2", "sfo3", "sgp1", "lon1", "fra1", "tor1", "blr1", "syd1", "atl1"],
  /** The five regions that the API documents, and two more that the control panel offers. */
  registry: ["nyc3", "sfo3", "ams3", "sgp1", "fra1", "blr1", "syd1"],
};

/** Every region with at least one of the products. */
export const regions: readonly string[] = [...new Set(Object.values(offers).flat())].toSorted();

/** Regions in which DigitalOcean offers a product. */
export function regionsWith(product: Product): readonly string[] {
  return offers[product];
}
