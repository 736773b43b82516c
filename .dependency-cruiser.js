/**
 * Data flows one way: a file imports from its own floor and from those below it, types included. The floors from the ground
 * up; a file belongs to the first that fits.
 */
const floors = [
  // What an error says to people is the same for all that is above.
  ["explained", "^commands/explained\\.ts$"],
  // What others offer: nobody has a second model of it.
  ["catalogue", "^catalogue/"],
  // What a stack may say.
  ["settings/reading", "^settings/reading/"],
  // How a command line is read, and how a command ends: whatever it does.
  ["commands", "^commands/"],
  ["settings/slices", "^settings/slices/"],
  ["settings", "^settings/"],
  [
    "the systems' settings",
    "^systems/(settings|[^/]+/(settings|facts|shapes|differences|names|profiles|apps|taken))\\.ts$",
  ],
  // What is made of it.
  ["components/site", "^components/site/"],
  ["components/connections", "^components/connections/"],
  ["components/secrets", "^components/secrets/"],
  ["components/workload", "^components/workload/"],
  ["components/monitoring", "^components/monitoring/"],
  ["components/storage", "^components/storage/"],
  ["components/managed", "^components/managed/"],
  ["components/database", "^components/database/"],
  ["components/cache", "^components/cache/"],
  ["components/messaging", "^components/messaging/"],
  ["components/addons", "^components/addons/"],
  ["components/cluster", "^components/cluster/"],
  ["components/edge", "^components/edge/"],
  ["components/platform", "^components/platform/"],
  ["systems", "^systems/"],
  ["preflight", "^preflight/"],
  ["the program", "^index\\.ts$"],
  // What it registers, as data, and what looks at it.
  ["graph", "^graph/"],
  ["phases", "^phases/"],
  ["policy", "^policy/"],
  ["preview", "^preview/"],
  ["drift", "^drift/"],
  ["adopt", "^adopt/"],
  ["sandbox", "^sandbox/"],
  ["tools", "^(ci|docs|bench|examples)/"],
  ["test", "^test/"],
];

const pattern = (some) => some.map(([, path]) => path).join("|") || "^$";

export default {
  forbidden: [
    ...floors.map(([name, path], i) => ({
      name: `${name.replaceAll(/[^a-z]+/g, "-")}-imports-nothing-from-above`,
      severity: "error",
      from: { path, pathNot: pattern(floors.slice(0, i)) },
      to: { path: pattern(floors.slice(i + 1)), pathNot: pattern(floors.slice(0, i + 1)) },
    })),
    {
      name: "every-file-has-a-floor",
      severity: "error",
      from: { pathNot: `${pattern(floors)}|^node_modules/` },
      to: {},
    },
    {
      name: "systems-are-wiring",
      comment: "A system composes components; raw provider resources belong in components/.",
      severity: "error",
      from: { path: "^systems/" },
      to: { path: "node_modules/@pulumi/(kubernetes|digitalocean|random|tls)/" },
    },
    {
      name: "systems-know-no-other",
      severity: "error",
      from: { path: "^systems/([^/]+)/" },
      to: { path: "^systems/(?!$1/)" },
    },
    {
      name: "components-take-settings-as-types",
      comment: "Components get values, they do not read or check them.",
      severity: "error",
      from: { path: "^components/" },
      to: { path: "^settings/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "rules-run-without-the-program",
      comment:
        "The engine loads the policies by themselves: of a stack as data they take all, of what renders it nothing.",
      severity: "error",
      from: { path: "^(policy/|graph/[^/]+$)" },
      to: { path: "^(index\\.ts|systems/|components/|settings/|graph/render/)", dependencyTypesNot: ["type-only"] },
    },
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js"] },
  },
};
