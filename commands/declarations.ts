/**
 * What each command takes, by the name of its script. Declared here and not beside the work, so that completion and help
 * load nothing else.
 */
import { Argument, InvalidArgumentError, Option, type Command } from "commander";
import { declare } from "./parse.ts";

/** Parts of a stack that can be updated one after the other, each with those before it; the last is all of it. */
const phases = ["platform", "data", "systems"] as const;
export type Phase = (typeof phases)[number];

/** Exit code of an update that waits for images. Beside those that the Pulumi CLI has itself. */
export const imagesMissing = 10;

/** What the sandbox does with a stack. */
const sandboxActions = ["up", "push", "preview", "destroy", "pulumi", "start", "status", "stop", "reset"] as const;
export type SandboxAction = (typeof sandboxActions)[number];

/** The commands. Each call makes a new one, because commander keeps what it has parsed. */
export const declarations = {
  preview: () =>
    declare("preview", "Shows what an update would create or change, without engine, account, cluster or secret.")
      .argument("[stack]", "any that has a Pulumi.<stack>.yaml")
      .option("--base <ref>", "what changes against a commit, such as main")
      .option("--against <stack>", "how the stack differs from another one, in settings and in what they make")
      .option("--all", "checks every stack file, and that one account can hold them all")
      .option("--system <system>", "only this one in tree, changes, cost and findings: gx, platform")
      .option("--depth <levels>", "cuts the tree, and says how much is below", wholeNumber)
      .addOption(
        new Option("--only <part>", "only what changes, without cost, capacity and policy").choices(["changes"]),
      )
      .option("--out <folder>", "also writes report.html, summary.md, manifests/ and JSON there")
      .option("--json", "prints the resources, or with --base the changes, as JSON (secrets masked)")
      .option("--fail-on-data-loss", "exit 3 if data or its protection is in danger")
      .option("--fail-on-policy", "exit 4 if a mandatory rule is broken without a waiver")
      .option("--fail-on-capacity", "exit 5 if anything would find no node")
      .option("--fail-on-availability", "exit 6 if anything would be away")
      .option("--fail-on-exposure", "exit 7 if what the internet reaches changes")
      .addHelpText("after", "\nExit codes: 0 shown, 1 could not be, 2 wrong command line, 3 to 7 as above."),
  up: () =>
    engine(
      "up",
      "Updates a stack: pulumi up with the rules of policy/, in phases where images must be pushed in between.",
    )
      .option("--take-back", "first takes back what was changed by hand in the cluster: shows it, and asks")
      .addHelpText("after", upHelp),
  "preview:engine": () =>
    engine("preview:engine", "What the engine itself would do, from the stack's state: pulumi preview with the rules."),
  preflight: () =>
    declare("preflight", "Checks what could stop an update, without starting one.")
      .argument("<stack>", "whose file and surroundings are looked at")
      .addHelpText("after", "\nExit codes: 0 nothing is in the way, 1 something is."),
  adopt: () =>
    declare("adopt", "What it takes to take over what runs already: settings, an import, the first update. Only looks.")
      .argument("<stack>", "whose file says what shall be")
      .option("--system <system>", "only this one: bowmark")
      .option("--refuse <settings...>", "settings that it suggests and that are wrong: bowmark.namespace")
      .option("--cluster <file>", "kubeconfig of the cluster to look at, instead of the one that the stack file names")
      .option("--context <name>", "which cluster of the kubeconfig")
      .option("--out <folder>", "where its files go; default: adopt-out/<stack>")
      .addHelpText("after", "\nExit codes: 0 shown, 1 could not be, 3 data or its protection would be in danger."),
  drift: () =>
    declare("drift", "Compares the cloud with a stack's state and program. With GITHUB_TOKEN it keeps an issue of it.")
      .argument("<stack>", "whose cloud is looked at")
      .addHelpText("after", "\nExit codes: 0 nothing has drifted, 1 something has, or it could not be looked at."),
  release: () =>
    declare(
      "release",
      "Sets the tag of a system's images in a stack file, to be reviewed and committed. Deploys nothing.",
    )
      .argument("<stack>", "whose file is changed")
      .argument("<system>", "gx, hermes, and so on")
      .argument("[tag]", "of images that are in the registry")
      .option("--undo", "the tag before, from git's history of the stack file, as kubectl rollout undo")
      .option("--workload <name>", "only this one's tag: svc-identity, as kubectl get shows it"),
  comment: () =>
    declare("comment", "Writes the summaries of previews as one comment on a pull request, for pipelines.")
      .argument("<folder>", "with a folder for each stack that preview --out has written")
      .argument("<stacks...>", "the stacks, in the order of the comment"),
  migrations: () =>
    declare("migrations", "Copies an application's new migrations into this project, and deletes placeholders.")
      .argument("<from>", "the application's db/migrations")
      .argument("<to>", "a folder here, such as systems/bowmark/migrations"),
  "new-stack": () =>
    declare(
      "new-stack",
      "Writes the file of a new environment from another one's, so that nothing of the two collides.",
    )
      .argument("<name>", "of the new stack: in hosts, bucket names and cloud names too")
      .requiredOption("--from <stack>", "whose settings it has, but for what may be there once")
      .option("--account <account>", "another DigitalOcean account, by a name for it: registry and domains of its own")
      .addHelpText(
        "after",
        "\nWrites nothing where the stack has a file, or anything would collide. Secrets are not copied.",
      ),
  sandbox: () =>
    declare(
      "sandbox",
      "Rehearses a stack on this machine: the real engine and a simulated DigitalOcean; with --node real, pods run.",
    )
      .addArgument(new Argument("<action>", "what to do").choices(sandboxActions))
      .argument("[stack]", "default: local")
      .option("--account <name>", "the account of another stack, instead of one of its own: up staging --account prod")
      .addOption(
        new Option("--registry <stock>", "what the registries have from now on; full at first").choices([
          "full",
          "empty",
        ]),
      )
      .addOption(
        new Option("--node <kind>", "whether pods only seem to run, or do, in containers")
          .choices(["simulated", "real"])
          .default("simulated"),
      )
      .option("--folder <folder>", "where everything is kept", ".cache/sandbox")
      .addHelpText("after", sandboxHelp),
  explain: () =>
    declare("explain", "What a setting means, may be and is in each stack, and what a change of it does.").argument(
      "<setting>",
      "path, or the end of one: gx.database.size, imageTag",
    ),
  completion: () =>
    declare(
      "completion",
      "Prints a script that completes these commands with TAB: source <(npm run -s completion -- bash)",
    ).addArgument(new Argument("<shell>", "whose script it is").choices(["bash", "zsh", "fish"])),
  docs: () =>
    declare("docs", "Writes the reference of settings, effects and policies. Computing the effects takes minutes.")
      .option("--text", "keeps the effects as they are")
      .option("--check", "writes nothing; exit 1 if a file is out of date"),
  "bench:preview": () =>
    declare("bench:preview", "How long the offline preview takes, against its floor.")
      .argument("[stack]", "default: prod")
      .argument("[rounds]", "how often, of which the median counts; default: 9"),
  "bench:copies": () =>
    declare("bench:copies", "Whether time and memory of a preview grow with the stack, and not faster.")
      .argument("[stack]", "default: prod")
      .argument("[copies...]", "how many of each system; default: 1 5 20"),
  "bench:engine": () =>
    declare("bench:engine", "How long real updates take in the sandbox.").argument("[stack]", "default: prod"),
} satisfies Readonly<Record<string, () => Command>>;

const sandboxHelp = `
  npm run sandbox -- up <stack>        a real pulumi up; DigitalOcean, Spaces and clusters are simulated
  npm run sandbox -- push <stack>      its images are in the registries, if --registry empty took them away
  npm run sandbox -- preview <stack>   what an update would do
  npm run sandbox -- destroy <stack>   a real pulumi destroy
  npm run sandbox -- pulumi <stack> …  any other command of Pulumi's: pulumi prod stack export, pulumi prod cancel
  npm run sandbox -- start <stack>     what is around the stack, without the stack: for local, a Kubernetes control plane
  npm run sandbox -- status <stack>    whether that runs; stop ends it, reset forgets it too

What follows a second --, or pulumi <stack>, goes to Pulumi: npm run sandbox -- up prod -- --refresh`;

const upHelp = `
Without --phase everything is updated at once, unless images of the systems are in no registry yet: then platform and data
are, and the command says what to push. docs/first-update.md tells the order.

Exit codes: Pulumi's; ${imagesMissing} if images must be pushed first.`;

/** A command of Pulumi's. What follows the stack is handed to it, `--help` too; the command's own options may stand anywhere. */
function engine(name: string, summary: string): Command {
  return declare(name, summary)
    .argument("<stack>", "as Pulumi knows it: prod, acme/doks-systems/prod")
    .argument("[options...]", "options of Pulumi, such as --yes, --refresh, --diff")
    .addOption(new Option("--phase <phase>", "only this part, and what it stands on").choices(phases))
    .passThroughOptions();
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It is a whole number.");
  return Number(text);
}
