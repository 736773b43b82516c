/** Layers of the sandbox's images. Each is built once, and kept in `.cache/images` by what it is made from. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, createReadStream, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { chmodSync, cpSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a layer adds. */
export interface LayerSpec {
  /** For its progress: `postgres`. */
  readonly name: string;
  /** Whether it lies over Debian; over nothing if not. */
  readonly debian: boolean;
  /** Packages of Debian. */
  readonly packages?: readonly string[];
  /** Accounts that are made before the packages: `name uid gid home`. */
  readonly accounts?: readonly string[];
  /** Files and folders by their path in the image, each with where it is here. Files are executable. */
  readonly files?: Readonly<Record<string, string>>;
  /** Small files by their path in the image, with their text. Files in `bin` folders are executable. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Links by their path in the image, with where they lead. */
  readonly links?: Readonly<Record<string, string>>;
  /** A script that runs in the root, after the packages. */
  readonly setup?: string;
  /** Paths below that the official image does not have. */
  readonly without?: readonly string[];
}

/** A layer as a tar archive. */
export interface Layer {
  readonly file: string;
  /** `sha256:…` of the archive. */
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
}

const scripts = fileURLToPath(new URL("scripts/", import.meta.url));
const cache = fileURLToPath(new URL("../../.cache/images/", import.meta.url));

/** Debian, as the layer below all others. */
export async function debianLayer(): Promise<Layer> {
  const folder = await debianRoot();
  return kept(`${folder}.tar`, () => archive(folder, `${folder}.tar`));
}

/** Builds a layer, unless it is kept. */
export async function buildLayer(spec: LayerSpec): Promise<Layer> {
  const file = join(cache, `${spec.name}-${keyOf(spec)}.tar`);
  return kept(file, async () => {
    console.error(`making the image layer ${spec.name} (once, then kept in .cache/images)…`);
    const work = mkdtempSync(join(cache, "work-"));
    try {
      const upper = join(work, "upper");
      mkdirSync(upper);
      if (spec.debian) await installed(spec, upper, work);
      furnished(spec, upper);
      const fresh = `${file}.${process.pid}`;
      await archive(upper, fresh);
      renameSync(fresh, file);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
}

/** Folder with the root of Debian, which is made if it is missing. */
async function debianRoot(): Promise<string> {
  const key = hash(readFileSync(`${scripts}debian.sh`), releaseHere());
  const folder = join(cache, `debian-${key}`);
  if (existsSync(folder)) return folder;
  console.error("making the image layer debian (a minute, once, then kept in .cache/images)…");
  mkdirSync(cache, { recursive: true });
  const fresh = `${folder}.${process.pid}`;
  await run("bash", [`${scripts}debian.sh`, fresh], "debian");
  renameSync(fresh, folder);
  return folder;
}

function releaseHere(): string {
  return readFileSync("/etc/os-release", "utf8");
}

/** Packages and accounts of a layer, in an empty folder. */
async function installed(spec: LayerSpec, upper: string, work: string): Promise<void> {
  const { packages = [], accounts = [], setup } = spec;
  if (packages.length === 0 && accounts.length === 0 && setup === undefined) return;
  await run("unshare", ["--mount", "bash", `${scripts}layer.sh`], spec.name, {
    ...{ BELOW: await debianRoot(), UPPER: upper, WORK: work, DEBS: join(cache, "debs"), SETUP: setup ?? "" },
    ...{ PACKAGES: packages.join(" "), ACCOUNTS: accounts.join("\n") },
  });
}

/** Runs a program to its end, with its output in `.cache/images/<name>.log`. */
async function run(program: string, args: readonly string[], name: string, env: Record<string, string> = {}) {
  const log = join(cache, `${name}.log`);
  const out = openSync(log, "a");
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", out, out] });
  closeSync(out);
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`the image layer ${name} could not be made; its log is ${log}`);
}

/** Files of a layer. */
function furnished({ files = {}, texts = {}, links = {}, without = [] }: LayerSpec, upper: string): void {
  const place = (path: string) => {
    const target = join(upper, path);
    mkdirSync(dirname(target), { recursive: true });
    return target;
  };
  for (const [path, from] of Object.entries(files)) {
    cpSync(from, place(path), { recursive: true, dereference: true });
    if (statSync(from).isFile()) chmodSync(join(upper, path), 0o755);
  }
  for (const [path, text] of Object.entries(texts)) {
    writeFileSync(place(path), text);
    chmodSync(join(upper, path), path.includes("bin/") ? 0o755 : 0o644);
  }
  for (const [path, to] of Object.entries(links)) {
    rmSync(place(path), { force: true });
    symlinkSync(to, join(upper, path));
  }
  for (const path of without) {
    rmSync(join(upper, path), { recursive: true, force: true });
    writeFileSync(place(join(dirname(path), `.wh.${path.split("/").at(-1) ?? ""}`)), "");
  }
}

function archive(folder: string, file: string): Promise<void> {
  const fixed = ["--numeric-owner", "--sort=name", "--mtime=@0", "--format=gnu"];
  return run("tar", [...fixed, "-C", folder, "-cf", file, "."], "archives");
}

async function kept(file: string, make: () => Promise<void>): Promise<Layer> {
  const told = `${file}.json`;
  if (!existsSync(told) || !existsSync(file)) {
    mkdirSync(cache, { recursive: true });
    await make();
    writeFileSync(told, JSON.stringify({ digest: await digestOf(file), size: statSync(file).size }));
  }
  return { file, ...(JSON.parse(readFileSync(told, "utf8")) as Pick<Layer, "digest" | "size">) };
}

async function digestOf(file: string): Promise<string> {
  const sum = createHash("sha256");
  for await (const chunk of createReadStream(file)) sum.update(chunk as Buffer);
  return `sha256:${sum.digest("hex")}`;
}

/** Changes with whatever the layer is made from. */
function keyOf(spec: LayerSpec): string {
  const sources = [...Object.values(spec.files ?? {}), ...(spec.setup === undefined ? [] : [spec.setup])];
  const contents = sources.flatMap(filesIn).map(contentOf);
  return hash(JSON.stringify(spec), readFileSync(`${scripts}layer.sh`), releaseHere(), ...contents);
}

function filesIn(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** A large file counts by its size and time. */
function contentOf(path: string): string | Buffer {
  const { size, mtimeMs } = statSync(path);
  return size < 1 << 20 ? readFileSync(path) : `${path} ${size} ${mtimeMs}`;
}

function hash(...parts: (string | Buffer)[]): string {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(part).update("\0");
  return sum.digest("hex").slice(0, 12);
}
