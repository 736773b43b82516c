/**
 * Checks the part of a stack file that no schema of this program describes: keys that the engine refuses or ignores, settings of
 * the DigitalOcean provider, and secrets in clear text. Pure.
 */
import { setProviderSecret, setSecret } from "./commands.ts";
import { nearest } from "./nearest.ts";
import { settingPath } from "./paths.ts";
import { shown, type Problem } from "./error.ts";
import { project } from "./keys.ts";

type Group = Readonly<Record<string, unknown>>;

/** Keys of a stack file. Source: `ProjectStack` in Pulumi's sdk/go/common/workspace/project.go. */
const fileKeys = ["config", "secretsprovider", "encryptedkey", "encryptionsalt", "environment"];

const count = (smallest: number) => ({
  takes: (value: string) => /^\d+$/.test(value) && Number(value) >= smallest,
  fix: `use a whole number from ${smallest} up`,
});
const seconds = { takes: (value: string) => Number(value) > 0, fix: "use a number of seconds above 0" };
const address = {
  takes: (value: string) => /^https?:\/\//.test(value) && URL.canParse(value.replaceAll(/\{\{.*?\}\}/g, "x")),
  fix: "use a URL, such as https://api.digitalocean.com",
};
const text = { takes: (value: string) => value !== "", fix: "give it a value" };

/** Settings of the DigitalOcean provider. Source: `config.variables` of the provider's schema. */
const digitaloceanKeys: Readonly<Record<string, { takes: (value: string) => boolean; fix: string; secret?: true }>> = {
  token: { ...text, secret: true },
  apiEndpoint: address,
  spacesEndpoint: address,
  spacesAccessId: text,
  spacesSecretKey: { ...text, secret: true },
  requestsPerSecond: {
    takes: (value) => Number(value) > 0,
    fix: "use a number of requests a second above 0, such as 3",
  },
  httpRetryMax: count(0),
  httpRetryWaitMin: seconds,
  httpRetryWaitMax: seconds,
};

/**
 * All such problems of a stack file.
 *
 * @param settingKeys this program's own keys, without their namespace
 */
export function foreignKeys(stack: string, content: Group, settingKeys: readonly string[]): Problem[] {
  const outside = Object.keys(content)
    .filter((key) => !fileKeys.includes(key))
    .map((key) => outsideConfig(key, content[key], settingKeys));
  const config = content["config"] as Group;
  return [
    ...outside,
    ...Object.entries(config).flatMap(([key, value]) => foreignKey(stack, key, value, settingKeys)),
    ...retryWaits(config),
    ...clearSecrets(stack, `${project}:secrets`, config[`${project}:secrets`]),
  ];
}

function outsideConfig(key: string, value: unknown, settingKeys: readonly string[]): Problem {
  const ours = key.startsWith(`${project}:`) || key.includes(":") || settingKeys.includes(key);
  return {
    path: key,
    value: hidden(key) ? "secret" : shown(value),
    problem: "stands beside config, where the engine ignores it",
    fix: ours ? "move it below config" : `remove it (known here: ${fileKeys.join(", ")})`,
  };
}

const hidden = (key: string) => key.includes("secret") || key.includes("token");

function foreignKey(stack: string, key: string, value: unknown, settingKeys: readonly string[]): Problem[] {
  const colon = key.indexOf(":");
  if (colon < 0) {
    const problem = "has no namespace, so the engine refuses the file";
    const fix = settingKeys.includes(key) ? `write ${project}:${key}` : "remove it";
    return [{ path: key, value: hidden(key) ? "secret" : shown(value), problem, fix }];
  }
  const [namespace, name] = [key.slice(0, colon), key.slice(colon + 1)];
  // Keys of this project are checked by their schemas, keys of the engine by the engine.
  if (namespace === project || namespace === "pulumi") return [];
  if (namespace === "digitalocean") return digitaloceanKey(stack, key, name, value);
  const problem =
    namespace === "kubernetes"
      ? "changes nothing: the provider for the cluster is this program's own"
      : "belongs to no provider of this program, so the engine ignores it";
  const fix = namespace === "kubernetes" ? `remove it; the cluster is ${project}:platform.cluster` : "remove it";
  const near = nearest(namespace, [project, "digitalocean"]);
  return [
    {
      path: key,
      value: hidden(key) ? "secret" : shown(value),
      problem,
      fix: near ? `did you mean ${near}:${name}?` : fix,
    },
  ];
}

function digitaloceanKey(stack: string, key: string, name: string, value: unknown): Problem[] {
  const known = Object.hasOwn(digitaloceanKeys, name) ? digitaloceanKeys[name] : undefined;
  const encrypted = isEncrypted(value);
  if (known === undefined) {
    const near = nearest(name, Object.keys(digitaloceanKeys));
    const names = `(known here: ${Object.keys(digitaloceanKeys).join(", ")})`;
    const fix = near === undefined ? `remove it ${names}` : `did you mean digitalocean:${near}? ${names}`;
    return [
      { path: key, value: hidden(name) ? "secret" : shown(value), problem: "is not a setting of the provider", fix },
    ];
  }
  if (encrypted) return [];
  if (known.secret) return [clearText(key, setProviderSecret(stack, key))];
  if ((typeof value === "string" || typeof value === "number") && known.takes(String(value))) return [];
  return [{ path: key, value: shown(value), problem: "is not what the provider takes", fix: known.fix }];
}

function retryWaits(config: Group): Problem[] {
  const [least, most] = ["Min", "Max"].map((end) => Number(config[`digitalocean:httpRetryWait${end}`] ?? Number.NaN));
  if (least === undefined || most === undefined || !(least > most)) return [];
  const path = "digitalocean:httpRetryWaitMin";
  const fix = "make httpRetryWaitMax at least as large";
  return [{ path, value: shown(least), problem: `is more than httpRetryWaitMax, ${most}`, fix }];
}

/** A problem for each secret that is not encrypted, as `secure: …`. */
function clearSecrets(stack: string, root: string, tree: unknown, path: readonly string[] = []): Problem[] {
  if (tree === undefined || tree === null || isEncrypted(tree)) return [];
  if (typeof tree === "object" && !Array.isArray(tree)) {
    return Object.entries(tree).flatMap(([key, value]) => clearSecrets(stack, root, value, [...path, key]));
  }
  const at = settingPath(root, path);
  return [clearText(at, setSecret(stack, at.slice(project.length + 1)))];
}

function clearText(path: string, command: string): Problem {
  return {
    path,
    value: "secret",
    problem: "is a secret in clear text",
    fix: `${command}; whoever has read the file knows the old one, so make a new one first`,
  };
}

/** Whether a value is an encrypted secret, `{ secure: … }`, which only the engine can decrypt. */
export function isEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && keys[0] === "secure" && typeof (value as { secure: unknown }).secure === "string";
}
