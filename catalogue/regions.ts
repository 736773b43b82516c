/**
 * Where DigitalOcean offers what, by region slug. As of 2026-10-10. Sources: DigitalOcean's availability pages ("Spaces
 * Availability" 2026-03-23, "MySQL Availability" 2026-10-10, whose columns name every region), the example of
 * `GET /v2/databases/options` and of `GET /v2/kubernetes/options` in DigitalOcean's OpenAPI document (2026-08-07).
 */

/** Products that a stack may ask of a region. */
export type Product = "kubernetes" | "databases" | "valkey" | "spaces" | "registry";

const everywhere = ["nyc1", "nyc3", "ams3", "sfo3", "sgp1", "lon1", "fra1", "tor1", "blr1", "syd1", "atl1"];

const offers: Readonly<Record<Product, readonly string[]>> = {
  /** Never in nyc2 ("Kubernetes on DigitalOcean", regional availability). */
  kubernetes: [...everywhere, "sfo2", "ric1", "mkc1", "mem1"],
  databases: [...everywhere, "nyc2", "sfo2", "ric1", "mkc1", "mem1"],
  /** As the other databases, without nyc2. */
  valkey: [...everywhere, "sfo2", "ric1", "mkc1", "mem1"],
  spaces: ["nyc3", "ams3", "sfo2", "sfo3", "sgp1", "lon1", "fra1", "tor1", "blr1", "syd1", "atl1"],
  /** Of the API's five, and two that the control panel offers. */
  registry: ["nyc3", "sfo3", "ams3", "sgp1", "fra1", "blr1", "syd1"],
};

/** Every region that offers anything. */
export const regions: readonly string[] = [...new Set(Object.values(offers).flat())].toSorted();

/** Regions with a product. */
export function regionsWith(product: Product): readonly string[] {
  return offers[product];
}
