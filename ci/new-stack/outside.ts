/** What a new stack has in common with its template still: servers and accounts that this program does not make. */
import { project } from "../../settings/reading/keys.ts";
import { mentions } from "./names.ts";
import type { Draft } from "./draft.ts";

/** A setting that leads outside, or that needs something to be there. */
export interface Outside {
  readonly path: string;
  readonly value: string;
  readonly what: string;
}

/** Texts in which a scheme or an at sign says that they lead somewhere. */
const address = /^[a-z][a-z0-9+.-]*:\/\/|@/;
const ownAffair = new Set(["edge.acmeEmail", "environment"].map((one) => `${project}:platform.${one}`));

/** What to look at before the first update. */
export function outsideOf(draft: Draft): Outside[] {
  const { stack } = draft.template;
  const changed = new Set(draft.choices.map(({ path }) => path.replaceAll(/\["?|"?\]/g, ".")));
  const servers: Outside[] = [];
  draft.each(
    ({ services }) => Object.entries(services),
    (path, service) => {
      if (service.kind !== "existing") return;
      const value = "host" in service ? service.host : service.bootstrapServers.join(", ");
      servers.push({ path, value, what: `${stack}'s own server: both would write to the same data` });
    },
  );
  draft.each(
    ({ buckets }) => Object.entries(buckets),
    (path, { kind }) => {
      const value = draft.file.get(path);
      if (kind === "existing")
        servers.push({ path, value: String(value), what: "a bucket that must be there first, with a key" });
    },
  );
  const known = draft.others.map((one) => one.stack);
  const texts = draft.file.texts().flatMap(([path, value]): Outside[] => {
    if (!path.startsWith(`${project}:`) || ownAffair.has(path) || changed.has(path)) return [];
    if (servers.some((one) => path.startsWith(`${one.path}.`) || path === one.path)) return [];
    const named = known.find((one) => mentions(value, one));
    if (named !== undefined) return [{ path, value, what: `names ${named}` }];
    return address.test(value) ? [{ path, value, what: `the same as ${stack}'s` }] : [];
  });
  return [...servers, ...texts];
}
