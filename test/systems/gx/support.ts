/** The stacks that GX Protocol's acceptance lines are about, and how the tests ask about them. */
import { alone, type Loose } from "../../support/stack.ts";

export const gx = alone("gx");
export const key = "doks-systems:gx";
export const platform = "doks-systems:platform";
export const prod = await gx("prod");
export const staging = await gx("staging");
export const workers = ["outbox-submitter", "projector"];
export const all = ["svc-identity", ...workers];
export const deployment = (name: string, one = prod): Loose => one.object("Deployment", name).spec;
export const container = (name: string, one = prod): Loose => one.podSpec("Deployment", name).containers[0];
export const secrets = (one = prod): Record<string, string> => one.object("Secret", "backend-secrets").stringData;
