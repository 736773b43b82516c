/** Parts of a URN. */

/** A resource's own type, without its parents': `kubernetes:apps/v1:Deployment`. */
export function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

/** Kind and name, as people read it: `Deployment gx-projector`. */
export function label(urn: string): string {
  return `${typeOf(urn).split(":").at(-1) ?? ""} ${urn.split("::").at(-1) ?? ""}`;
}
