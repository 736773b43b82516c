/** Pull Secrets that are there: the program makes none of its own beside them. */
import { kindOf, metadataOf } from "../../graph/resource.ts";
import { settingsKey } from "../../preview/review/setting.ts";
import { systems } from "../../systems/settings.ts";
import type { Agree, Suggestion } from "./suggestion.ts";

/** Groups of settings that say where a system's images are. */
const groups = ["images", "image"] as const;

export const pullSecrets: Agree = async (seen) => {
  const made = seen.resources.filter(
    (one) => kindOf(one) === "Secret" && one.inputs["type"] === "kubernetes.io/dockerconfigjson",
  );
  const found = made.map(async (secret): Promise<Suggestion[]> => {
    const key = settingsKey(secret, seen.all);
    const { name = "", namespace } = metadataOf(secret) ?? {};
    const there = (await seen.ground.cluster?.objects("v1", "Secret", namespace)) ?? [];
    const isThere = there.some(({ metadata }) => metadata.name === name);
    const shape: object = Object.entries(systems).find(([one]) => one === key)?.[1].setting.shape ?? {};
    const group = groups.find((one) => one in shape);
    if (!isThere || key === undefined || group === undefined) return [];
    const value = { kind: "existing", secretName: name, server: null, username: null };
    return [{ path: `${key}.${group}.pullSecret`, value, why: `${namespace ?? "default"} has a Secret ${name}` }];
  });
  return (await Promise.all(found)).flat();
};
