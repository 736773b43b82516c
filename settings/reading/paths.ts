/** Paths of settings, in the form that `pulumi config set --path` takes. */

/** The path of a setting, `doks-systems:platform.pools["my pool"].min`, from its key and the steps below the key. */
export function settingPath(root: string, path: readonly PropertyKey[]): string {
  const steps = path.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    return /^[A-Za-z][\w-]*$/.test(String(step)) ? `.${String(step)}` : `[${JSON.stringify(String(step))}]`;
  });
  return root + steps.join("");
}

/** The steps of a path, beginning with the key: the reverse of `settingPath`. */
export function stepsOf(path: string): string[] {
  const [key = ""] = /^[^.["]*/.exec(path) ?? [];
  const rest = path.slice(key.length).matchAll(/\.([^.[]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/g);
  return [
    key,
    ...Array.from(rest, ([, name, index, quoted]) => name ?? index ?? (quoted ?? "").replaceAll('\\"', '"')),
  ];
}

/** Whether a path is the other one, or a setting below the other one. */
export function touches(one: string, other: string): boolean {
  const [a, b] = [stepsOf(one), stepsOf(other)];
  return a.slice(0, b.length).every((step, i) => step === b[i]);
}
