/** Paths of settings, as `pulumi config set --path` takes them. */

/** `doks-systems:platform.pools["my pool"].min` from the key and the steps below it. */
export function settingPath(root: string, path: readonly PropertyKey[]): string {
  const steps = path.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    return /^[A-Za-z][\w-]*$/.test(String(step)) ? `.${String(step)}` : `[${JSON.stringify(String(step))}]`;
  });
  return root + steps.join("");
}

/** The steps of such a path, its key first. */
export function stepsOf(path: string): string[] {
  const [key = ""] = /^[^.["]*/.exec(path) ?? [];
  const rest = path.slice(key.length).matchAll(/\.([^.[]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/g);
  return [
    key,
    ...Array.from(rest, ([, name, index, quoted]) => name ?? index ?? (quoted ?? "").replaceAll('\\"', '"')),
  ];
}

/** Whether one of two paths lies on the other one, or below it. */
export function touches(one: string, other: string): boolean {
  const [a, b] = [stepsOf(one), stepsOf(other)];
  return a.slice(0, b.length).every((step, i) => step === b[i]);
}
