/** Files of the project as ConfigMaps: as many as their size needs, in order, text as it is and the rest in base64. */
import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { objectLimit } from "../../catalogue/kubernetes.ts";
import type * as pulumi from "@pulumi/pulumi";
import { ConfigObject, type ConfigObjectArgs } from "./config-objects.ts";

export type Files = Readonly<Record<string, Buffer>>;

/** The files of a folder, by name and in order; the folder is relative to the project. */
export function readFiles(folder: string, ending = ""): Files {
  const entries = readdirSync(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile() && entry.name.endsWith(ending)).map(({ name }) => name);
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(`${folder}/${name}`)]));
}

/** Files that reach pods through a ConfigMap, by name. They stand beside their component, so that tests can run them. */
export function readScripts(folder: URL, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, folder), "utf8")]));
}

/** Distributes files over objects: each takes the next ones, as long as they fit. Pure. */
export function split(files: Files, limit = objectLimit): Record<string, Buffer>[] {
  const parts: Record<string, Buffer>[] = [];
  let room = 0;
  for (const [name, content] of Object.entries(files)) {
    if (parts.length === 0 || content.length > room) {
      parts.push({});
      room = limit;
    }
    Object.assign(parts.at(-1) ?? {}, { [name]: content });
    room -= content.length;
  }
  return parts;
}

/** The ConfigMaps; the first has the name, the next ones the number of their part behind it. */
export function fileObjects(
  name: string,
  args: ConfigObjectArgs & { readonly files: Files },
  parent: pulumi.Resource,
): ConfigObject[] {
  return split(args.files).map((part, i) => {
    const numbered = i === 0 ? "" : `-part-${i + 1}`;
    const entries = Object.entries(part);
    const data = entries.filter(([, content]) => isUtf8(content)).map(([file, content]) => [file, content.toString()]);
    const binary = entries.filter(([, content]) => !isUtf8(content));
    return new ConfigObject(
      `${name}${numbered}`,
      {
        ...args,
        objectName: `${args.objectName}${numbered}`,
        data: Object.fromEntries(data) as Record<string, string>,
        binaryData: Object.fromEntries(binary.map(([file, content]) => [file, content.toString("base64")])),
      },
      { parent },
    );
  });
}
