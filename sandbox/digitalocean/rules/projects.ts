/**
 * Requests on projects that DigitalOcean refuses. Source: API reference, "Create a Project", "Assign Resources to a
 * Project".
 */
import type { Holdings, Project } from "../resources.ts";
import { Refusal, unprocessable } from "../answers.ts";

export interface ProjectRequest {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly purpose?: string | undefined;
  readonly environment?: string | undefined;
}

/**
 * Why a project cannot be made or changed; undefined if it can.
 *
 * @param changed the project; undefined for a new one
 */
export function projectRefusal(
  asked: ProjectRequest,
  changed: Project | undefined,
  { projects }: Pick<Holdings, "projects">,
): Refusal | undefined {
  const { name, description, purpose, environment } = asked;
  if (changed === undefined && (name ?? "") === "") return unprocessable("name is required");
  if (changed === undefined && (purpose ?? "") === "") return unprocessable("purpose is required");
  if ((name ?? "").length > 175) return unprocessable("name may be at most 175 characters");
  if ([description, purpose].some((text) => (text ?? "").length > 255))
    return unprocessable("description and purpose may be at most 255 characters");
  // In any case: the provider ignores the case, and sends the value as the program has it.
  if (environment !== undefined && !/^(development|staging|production)$/i.test(environment))
    return unprocessable("environment must be one of Development, Staging, Production");
  return [...projects.values()].some((one) => one.name === name && one !== changed)
    ? new Refusal(409, "conflict", "name is already in use")
    : undefined;
}

/** Why resources cannot be assigned to a project; undefined if they can. Projects cannot have resources of every kind. */
export function assignmentRefusal(urns: readonly string[]): Refusal | undefined {
  const kinds = /^do:(dbaas|domain|droplet|floatingip|loadbalancer|space|volume|kubernetes|vpc):.+/;
  const wrong = urns.find((urn) => !kinds.test(urn));
  return wrong === undefined ? undefined : unprocessable(`${wrong} is not a resource that a project can have`);
}
