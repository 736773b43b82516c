import type { PolicyResource } from "../../policy/stack.ts";
import type { PublicResource } from "../render/public-resource.ts";

/** A resource as rules see it: what is not said is false. */
export function asPolicyResource(resource: PublicResource): PolicyResource {
  return { ...resource, protect: resource.protect ?? false, retainOnDelete: resource.retainOnDelete ?? false };
}
