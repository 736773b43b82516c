/** `npm run preflight -- <stack>`: checks what could stop an update, without starting one. */
import { execFileSync } from "node:child_process";
import { declarations } from "../commands/declarations.ts";
import { launcher } from "../commands/engine.ts";
import { parsed } from "../commands/parse.ts";
import { run } from "../commands/run.ts";
import { pinnedImages } from "../components/site/images.ts";
import { label, type Resource } from "../graph/resource.ts";
import { render } from "../graph/render/render.ts";
import { configOf } from "../graph/render/configuration.ts";
import { PreflightError, type Problem } from "../settings/reading/error.ts";
import { parseSettings } from "../systems/settings.ts";
import { readStackFile } from "../settings/reading/stack-file.ts";
import { DigitalOceanApi } from "../preflight/api.ts";
import { openGround } from "../adopt/ground/ground.ts";
import { adoptedBy } from "../graph/stack.ts";
import type { PlatformSetting } from "../settings/platform.ts";
import { neighboursOf, type Neighbours } from "./neighbours.ts";
import { checkSurroundings } from "../preflight/checks.ts";
import { undelegated } from "../preflight/domains.ts";
import { lookFor, pushCommand } from "../preflight/images/check.ts";
import { ownImages } from "../phases/own-images.ts";
import { findOrphan, importCommand, orphanKinds } from "../preflight/orphans.ts";

await run("preflight", async (argv) => {
  const given = parsed(declarations.preflight(), argv);
  if (given !== undefined) console.log(await preflight(given.args[0] ?? ""));
  return 0;
});

async function preflight(name: string): Promise<string> {
  const file = readStackFile(name);
  const { platform, facts, missing } = parseSettings(name, configOf(file.config), file);
  // The token in the stack file is encrypted, so only the one in the environment can be used here.
  const token = process.env["DIGITALOCEAN_TOKEN"];
  const unset: Problem[] = missing.map(({ path, fix }) => ({ path, value: "not set", problem: "must be set", fix }));
  const [around, images, domains] = await Promise.all([
    checkSurroundings(name, platform, token, facts),
    imagesOf(name, token),
    undelegated(platform),
  ]);
  for (const remark of [...images.remarks, ...domains]) console.warn(`! ${remark}`);
  const problems = [...unset, ...around, ...images.problems];
  if (problems.length > 0) throw new PreflightError(name, problems);
  const seen = await neighbours(name, platform, token);
  if (seen.problems.length > 0) throw new PreflightError(name, seen.problems);
  return [...seen.remarks.map((remark) => `not looked at: ${remark}`), await orphans(name, token)].join("\n");
}

/** Whom the stack would touch in the namespaces that it adopts. */
async function neighbours(name: string, platform: PlatformSetting, token: string | undefined): Promise<Neighbours> {
  const { resources } = await render(name);
  if (adoptedBy(resources).size === 0) return { problems: [], remarks: [] };
  const { cluster, remarks } = await openGround(
    name,
    platform,
    { token, kubeconfig: undefined, context: undefined },
    false,
  );
  if (cluster === undefined) return { problems: [], remarks };
  const found = await neighboursOf(resources, cluster);
  return { ...found, remarks: [...remarks, ...found.remarks] };
}

/** The last line, once nothing else is in the way. */
async function orphans(name: string, token: string | undefined): Promise<string> {
  if (token === undefined) return `Nothing is in the way of stack ${name}.`;

  const known = knownUrns(name);
  if (known === undefined)
    return "Nothing is in the way; what the state knows could not be read, so orphans were not looked for.";
  const found = await findOrphans(name, new DigitalOceanApi(token), known);
  if (found.length > 0) throw new PreflightError(name, found);
  return `Nothing is in the way of stack ${name}: the API answers, the token is good, there are no orphans.`;
}

/**
 * What registries say of the team's own images. One that is not there yet because its registry is to be made is no problem: the
 * update makes the registry first.
 */
async function imagesOf(name: string, token: string | undefined): Promise<{ problems: Problem[]; remarks: string[] }> {
  const rendering = await render(name);
  const own = ownImages(rendering.resources, pinnedImages(rendering.platform.images));
  const { missing, unasked } = await lookFor([...own.keys()], rendering, { token, password: () => undefined });
  const waits = missing.filter(({ early }) => early);
  return {
    problems: missing
      .filter(({ early }) => !early)
      .map(({ image, why }) => ({
        ...{ path: own.get(image)?.map(label).join(", ") ?? image, value: image, problem: `cannot start: ${why}` },
        fix: pushCommand(image),
      })),
    remarks: [
      ...waits.map(({ image, why }) => `${image}: ${why}; npm run up stops where it must be pushed`),
      ...unasked.map(({ image, why }) => `whether ${image} is there is not known: ${why}`),
    ],
  };
}

/** Resources that the program would make although they exist at DigitalOcean: the stack's state does not have them. */
async function findOrphans(name: string, api: DigitalOceanApi, known: ReadonlySet<string>): Promise<Problem[]> {
  const { resources } = await render(name);
  const wanted = resources.filter(({ type, urn }) => Object.hasOwn(orphanKinds, type) && !known.has(urn));
  const found = await Promise.all(wanted.map((resource) => orphan(name, api, resource)));
  return found.filter((problem) => problem !== undefined);
}

async function orphan(stackName: string, api: DigitalOceanApi, resource: Resource): Promise<Problem | undefined> {
  const { type, name, inputs, parent = "", protect } = resource;
  const kind = orphanKinds[type];
  const wanted = String(inputs["name"]);
  const id = kind === undefined ? undefined : await findOrphan(api, kind, wanted);
  if (id === undefined) return undefined;
  return {
    path: wanted,
    value: id,
    problem: "is there already, and this stack's state does not know it",
    fix: `once it is ready, take it over: ${importCommand({ stack: stackName, type, name, id, parent, protect })}`,
  };
}

/** URNs in the stack's state; undefined if the engine or the backend cannot be reached. */
function knownUrns(name: string): Set<string> | undefined {
  try {
    const text = execFileSync(launcher, ["stack", "export", "--stack", name], {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const { deployment } = JSON.parse(text) as { deployment: { resources?: { urn: string }[] } };
    return new Set((deployment.resources ?? []).map(({ urn }) => urn));
  } catch {
    return undefined;
  }
}
