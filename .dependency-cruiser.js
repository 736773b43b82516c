/** Dependencies point one way: index → systems → components; settings below all; preview, policy and sandbox above all. */
const outer = "^(preview|policy|sandbox|test|bench|docs)/";

export default {
  forbidden: [
    {
      name: "systems-are-wiring",
      comment: "A system composes components; raw provider resources belong in components/.",
      severity: "error",
      from: { path: "^systems/" },
      to: { path: "node_modules/@pulumi/(kubernetes|digitalocean|random|tls)/" },
    },
    {
      name: "systems-know-components-and-settings",
      severity: "error",
      from: { path: "^systems/([^/]+)/" },
      to: { path: "^(systems/(?!$1/)|index\\.ts)" },
    },
    {
      name: "components-know-no-system",
      severity: "error",
      from: { path: "^components/" },
      to: { path: "^(systems/|index\\.ts)" },
    },
    {
      name: "components-take-settings-as-types",
      comment: "Components get values, they do not read or check them.",
      severity: "error",
      from: { path: "^components/" },
      to: { path: "^settings/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "settings-build-nothing",
      severity: "error",
      from: { path: "^settings/" },
      to: { path: "^(components/|systems/[^/]+/(?!settings\\.ts))" },
    },
    {
      name: "the-program-knows-no-tool",
      comment: "The program runs the same under the engine, the preview and the tests.",
      severity: "error",
      from: { path: "^(index\\.ts|systems/|components/|settings/|preflight/(?!cli))" },
      to: { path: outer },
    },
    {
      name: "policy-stands-alone",
      comment: "The engine loads the rules without the program.",
      severity: "error",
      from: { path: "^policy/" },
      to: { path: "^(index\\.ts|systems/|components/|settings/(?!moving-tag)|preview/|sandbox/|preflight/)" },
    },
    {
      name: "the-catalogue-knows-nobody",
      comment: "What others offer is looked up by everybody.",
      severity: "error",
      from: { path: "^catalogue/" },
      to: { path: "^(?!catalogue/|node_modules/)", dependencyTypesNot: ["core"] },
    },
    {
      name: "no-circles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js"] },
  },
};
