/** Which words of a command line are the sandbox's, and which are Pulumi's. Pure. */

/** The two parts of a command line. */
export interface Words {
  /** Action, stack and options of the sandbox. */
  readonly own: readonly string[];
  /** Words that go to Pulumi as they are. */
  readonly further: readonly string[];
}

/** Options of the sandbox that take a value. */
const taking = ["--folder", "--account", "--registry"];

/**
 * Divides a command line. Of `pulumi prod stack export`, everything after the stack is Pulumi's; of any other action, what follows a
 * `--`.
 */
export function ownWords(argv: readonly string[]): Words {
  const [action, stack] = argv.flatMap((word, i) =>
    word.startsWith("-") || taking.includes(argv[i - 1] ?? "") ? [] : [i],
  );
  const handedOver = action !== undefined && argv[action] === "pulumi";
  const separator = argv.indexOf("--");
  if (handedOver && stack !== undefined) return divided(argv, stack + 1, stack + 1);
  return separator < 0 ? { own: argv, further: [] } : divided(argv, separator, separator + 1);
}

function divided(argv: readonly string[], end: number, begin: number): Words {
  return { own: argv.slice(0, end), further: argv.slice(begin) };
}
