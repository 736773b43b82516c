/** Programs that Go modules bring, built once into `.cache/tools`: `sandbox/go.mod` names and pins them. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const packages = {
  /** An S3 server over a plain folder. Chosen for being kept up, and for keeping objects as files a test can damage. */
  versitygw: "github.com/versity/versitygw/cmd/versitygw",
};
export type Tool = keyof typeof packages;

const module = fileURLToPath(new URL(".", import.meta.url));
const cache = fileURLToPath(new URL("../.cache/tools/", import.meta.url));

/** Whether Go is here to build them. */
export function hasGo(): boolean {
  try {
    execFileSync("go", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Path of a tool's program; builds it when `go.mod` has changed since, which takes minutes the first time. */
export function tool(name: Tool): string {
  const program = `${cache}${name}`;
  const built = `${program}.go.mod`;
  const wanted = readFileSync(`${module}go.mod`, "utf8");
  if (existsSync(program) && existsSync(built) && readFileSync(built, "utf8") === wanted) return program;
  console.error(`building ${name} (some minutes the first time, then cached)…`);
  execFileSync("go", ["build", "-o", program, packages[name]], {
    cwd: module,
    stdio: ["ignore", "inherit", "inherit"],
  });
  writeFileSync(built, wanted);
  return program;
}
