/** Files of the project in ConfigMaps: as many ConfigMaps as their size needs, with what is not text in base64. */
import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { objectLimit } from "../../catalogue/kubernetes.ts";
import type * as pulumi from "@pulumi/pulumi";
import { ConfigObject, type ConfigObjectArgs } from "./config-objects.ts";

/** Content of files, by their names without a folder. */
export type Files = Readonly<Record<string, Buffer>>;

/**
 * Reads the files of a folder, in the order of their names, without those of folders in it.
 *
 * @param folder path relative to the project's root
 * @param ending how the names end, `.sql` @default - files of every name
 */
export function readFiles(folder: string, ending = ""): Files {
  const entries = readdirSync(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile() && entry.name.endsWith(ending)).map(({ name }) => name);
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(`${folder}/${name}`)]));
}

/** Reads scripts that a ConfigMap brings into pods. They are files beside their component, so that tests can run them. */
export function readScripts(folder: URL, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, folder), "utf8")]));
}

/**
 * Distributes files over as few ConfigMaps as their order allows: each takes the next files as long as they fit. Pure.
 *
 * @param limit bytes that one ConfigMap holds
 */
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

/** Makes the ConfigMaps of some files: the first is named `<objectName>`, the others `<objectName>-part-2` and so on. */
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
