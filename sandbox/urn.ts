/** Reads type and name from a Pulumi URN. */

/** Type token of a resource, without those of its parents: `kubernetes:apps/v1:Deployment`. */
export function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

/** Kind and Pulumi name of a resource: `Deployment gx-projector`. */
export function label(urn: string): string {
  return `${typeOf(urn).split(":").at(-1) ?? ""} ${urn.split("::").at(-1) ?? ""}`;
}
