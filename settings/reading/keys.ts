/** Name of the Pulumi project, which is also the namespace of its settings below `config`. */
export const project = "doks-systems";
