/**
 * The stacks that Hermes' acceptance lines are about, and how the tests ask about them. They have their database in the cluster
 * (option B); option A is for images that speak TLS.
 */
import { alone, type Loose } from "../../support/stack.ts";

export const hermes = alone("hermes");
export const key = "doks-systems:hermes";
export const name = "hermes-ipfs-cache";
export const prod = await hermes("prod");
export const staging = await hermes("staging");
/** Option A, as DigitalOcean backs it up. */
export const onManaged = {
  database: { kind: "managed", size: "db-s-1vcpu-1gb", storage: null },
  imageSupports: { databaseTls: true },
  backup: false,
};
export const managed = await hermes("prod", { [key]: onManaged });
export const own = (settings: object) => ({ [key]: { workloads: { [name]: settings } } });

export const deployment = (one = prod): Loose => one.object("Deployment", name).spec;
export const container = (one = prod): Loose => one.podSpec("Deployment", name).containers[0];
export const credentials = (one = prod): Record<string, string> =>
  one.object("Secret", "ipfs-cache-db-credentials").stringData;
