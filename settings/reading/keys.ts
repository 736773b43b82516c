/** The keys of this program's settings below `config`. */

/** Name of the Pulumi project, and so the namespace of its settings. */
export const project = "doks-systems";

/** The systems that a stack can switch on, in the order of the documents. */
export const systemNames = ["hermes", "gx", "dotdo", "bowmark", "caracal"] as const;

export const settingKeys: readonly string[] = ["platform", "secrets", ...systemNames];
