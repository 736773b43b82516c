/**
 * How many times as long as their manifests say probes wait for an answer. Other tests take the processors meanwhile, so that a
 * server would be killed for what it is not guilty of. `PROBES=exact` leaves them as they are rendered.
 */
export const patience = process.env["PROBES"] === "exact" ? 1 : 5;
