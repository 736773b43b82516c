/** The stacks that dotdo's acceptance lines are about, with the default profile, production's and fly's, and how the tests ask about them. */
import { alone, type Loose } from "../../support/stack.ts";

export const dotdo = alone("dotdo");
export const key = "doks-systems:dotdo";
export const platform = "doks-systems:platform";
export const prod = await dotdo("prod");
/** What the chart has, without the stack file's own limit of the autoscaler. */
export const chart = (profile: string, settings: object = {}, further: object = {}) =>
  dotdo("prod", { [key]: { profile, workloads: null, ...settings }, ...further });
/** The chart's defaults, on production's platform. */
export const standard = await chart("default");
export const fly = await chart("fly", { ingress: null });

export const deployment = (one = standard): Loose => one.object("Deployment", "dotdo").spec;
export const pod = (one = standard): Loose => deployment(one).template;
export const container = (one = standard): Loose => pod(one).spec.containers[0];
export const config = (one = standard): Record<string, string> => one.object("ConfigMap", "dotdo-config").data;
export const route = (one = standard): Loose => one.object("HTTPRoute", "dotdo").spec;
export const autoscaler = (one = standard): Loose => one.object("HorizontalPodAutoscaler", "dotdo").spec;
