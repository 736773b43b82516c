/**
 * Stand-ins for docker and doctl that record what they are told, and keep a registry: an image is pushed only if it was built,
 * and built only from files that there are. What `imagetools inspect` prints: github.com/docker/buildx,
 * util/imagetools/printers.go, where `{{.Manifest.Digest}}` would print a block and `{{json …}}` prints a quoted word.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Infrastructure } from "../github/infrastructure.ts";

export class Docker {
  readonly folder: string;

  constructor(infra: Infrastructure) {
    this.folder = join(infra.folder, "docker");
    mkdirSync(this.folder);
    for (const file of ["calls", "built", "registry"]) writeFileSync(join(this.folder, file), "");
    infra.program("docker", readFileSync("test/support/pipelines/docker.sh", "utf8"));
    infra.program("doctl", 'echo "doctl $*" >> "$RECORDS/calls"');
    infra.env["RECORDS"] = this.folder;
  }

  /** The lines of a record since it was last asked for: of calls, or of tags in the registry. */
  taken(which: "calls" | "registry"): string[] {
    const file = join(this.folder, which);
    const lines = readFileSync(file, "utf8").trim().split("\n");
    if (which === "calls") writeFileSync(file, "");
    return lines.filter((line) => line !== "");
  }

  /** What was in the context of an image besides the application's files. */
  builtIn(tag: string): string[] {
    const file = join(this.folder, tag.replaceAll("/", "_"));
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }
}
