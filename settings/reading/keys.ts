/** Name of the Pulumi project, and so the namespace of its settings below `config`. */
export const project = "doks-systems";
