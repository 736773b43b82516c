/**
 * A container's file system as a folder: only what the pod mounts to be written is writable, and mounted files have the
 * owner, group and mode that a kubelet would give them, so that the kernel itself refuses what it would refuse there.
 */
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Loose } from "../support/stack.ts";
import { contents, type Container } from "./container.ts";

const asRoot = process.getuid?.() === 0;

/** Makes the folder. */
export function makeRoot(container: Container): string {
  const root = mkdtempSync(join(tmpdir(), "doks-application-"));
  const folders = new Set([root]);
  const folder = (path: string) => {
    if (folders.has(path)) return;
    folder(dirname(path));
    mkdirSync(path);
    folders.add(path);
  };
  const { pod, spec } = container;
  const mounts = (spec.volumeMounts ?? []).toSorted((a: Loose, b: Loose) => a.mountPath.length - b.mountPath.length);
  for (const { name, mountPath, subPath } of mounts) {
    const volume = pod.volumes?.find((one: Loose) => one.name === name);
    const files = filesOf(container, volume);
    const target = join(root, mountPath);
    if (files === undefined) {
      folder(target);
      give(target, container, 0o2777);
      folders.delete(target);
    } else if (subPath === undefined) {
      folder(target);
      for (const [path, file] of files) put(join(target, path), file, container, folder);
    } else {
      put(target, files.get(subPath), container, folder);
    }
  }
  for (const path of folders) chmodSync(path, 0o555);
  return root;
}

/** The words of the container's command, and what is in the files that they name; empty for the image's own. */
export function commandOf({ spec }: Container, root: string): string[] {
  const words: string[] = [...(spec.command ?? []), ...(spec.args ?? [])];
  const files = words.map((word) => join(root, word)).filter((path) => existsSync(path) && statSync(path).isFile());
  return [...words, ...files.map((path) => readFileSync(path, "utf8"))];
}

/** Takes it away again. */
export function removeRoot(root: string): void {
  if (!asRoot) open(root);
  rmSync(root, { recursive: true, force: true });
}

function open(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) open(join(folder, entry.name));
  }
}

interface File {
  readonly text: string;
  readonly mode: number;
}

/** Files of a volume by path; undefined for one that is written to. */
function filesOf(container: Container, volume: Loose): Map<string, File> | undefined {
  const { configMap, secret, projected } = volume ?? {};
  if (projected !== undefined) {
    const parts = projected.sources.map((source: Loose) => {
      const named = { configMap: source.configMap, secret: rename(source.secret) };
      return [...(filesOf(container, named) ?? [])];
    });
    return new Map(parts.flat());
  }
  const source = configMap ?? secret;
  if (source === undefined) return undefined;
  const [kind, name] = configMap === undefined ? ["Secret", secret.secretName] : ["ConfigMap", configMap.name];
  const texts = contents(container.stack, container.namespace, kind, name);
  const all = Object.keys(texts).map((key) => ({ key, path: key }));
  // What others make is there, whatever is in it.
  return new Map(
    (source.items ?? all).map(({ key, path, mode }: Loose) => [
      path,
      { text: texts[key] ?? "given", mode: mode ?? source.defaultMode ?? 0o644 },
    ]),
  );
}

function rename(secret: Loose): Loose {
  return secret === undefined ? undefined : { ...secret, secretName: secret.name };
}

function put(path: string, file: File | undefined, container: Container, folder: (path: string) => void): void {
  folder(dirname(path));
  writeFileSync(path, file?.text ?? "given", "latin1");
  give(path, container, file?.mode ?? 0o644);
}

function give(path: string, { user }: Container, mode: number): void {
  if (asRoot) chownSync(path, 0, user.fsGroup);
  chmodSync(path, mode);
}
